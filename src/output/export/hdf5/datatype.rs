//! Types of values, and attributes, as HDF5 encodes them.

/// Little-endian types that exports need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::output::export) enum Datatype {
    U32,
    U64,
    F64,
    /// Text of up to so many bytes, UTF-8, of which the last is a zero: readers take what is before it.
    Text(u32),
    /// One of these names in one byte, numbered from 0.
    Choice(&'static [&'static str]),
}

impl Datatype {
    /// Bytes of a value.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::U32 => 4,
            Self::U64 | Self::F64 => 8,
            Self::Text(bytes) => u64::from(*bytes),
            Self::Choice(_) => 1,
        }
    }

    /// The datatype message: class and version, class bits, size, properties.
    pub(super) fn message(&self) -> Vec<u8> {
        let head = |class_and_version: u8, bits: [u8; 3]| {
            let mut message = vec![class_and_version];
            message.extend(bits);
            message.extend((self.bytes() as u32).to_le_bytes());
            message
        };
        match self {
            Self::U32 | Self::U64 => integer(self.bytes() as u8),
            Self::F64 => {
                // IEEE 754: the sign is bit 63, the mantissa has an implied leading one.
                let mut message = head(0x11, [0x20, 63, 0]);
                message.extend([0, 0, 64, 0]);
                // Exponent at 52 of 11 bits, mantissa at 0 of 52 bits, and the bias.
                message.extend([52, 11, 0, 52]);
                message.extend(1023u32.to_le_bytes());
                message
            }
            Self::Text(_) => head(0x13, [0x10, 0, 0]),
            Self::Choice(names) => {
                let mut message = head(0x38, [names.len() as u8, 0, 0]);
                message.extend(integer(1));
                for name in *names {
                    message.extend(name.bytes());
                    message.push(0);
                }
                message.extend(0..names.len() as u8);
                message
            }
        }
    }
}

/// An unsigned integer of so many bytes, all of whose bits count.
fn integer(bytes: u8) -> Vec<u8> {
    vec![0x10, 0, 0, 0, bytes, 0, 0, 0, 0, 0, 8 * bytes, 0]
}

/// A small value beside a group or dataset.
#[derive(Debug, Clone)]
pub(in crate::output::export) struct Attribute {
    pub(super) name: &'static str,
    pub(super) datatype: Datatype,
    /// Empty for a single value.
    pub(super) shape: Vec<u64>,
    pub(super) content: Vec<u8>,
}

impl Attribute {
    pub fn text(name: &'static str, text: &str) -> Self {
        let content = [text.as_bytes(), &[0]].concat();
        let datatype = Datatype::Text(content.len() as u32);
        Self { name, datatype, shape: Vec::new(), content }
    }

    pub fn u32(name: &'static str, value: u32) -> Self {
        let content = value.to_le_bytes().to_vec();
        Self { name, datatype: Datatype::U32, shape: Vec::new(), content }
    }

    pub fn u32s(name: &'static str, values: &[u32]) -> Self {
        let content = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { name, datatype: Datatype::U32, shape: vec![values.len() as u64], content }
    }

    /// The name of number `chosen`.
    pub fn choice(name: &'static str, names: &'static [&'static str], chosen: u8) -> Self {
        Self { name, datatype: Datatype::Choice(names), shape: Vec::new(), content: vec![chosen] }
    }

    /// The attribute message.
    pub(super) fn message(&self) -> Vec<u8> {
        let (datatype, dataspace) = (self.datatype.message(), dataspace(&self.shape));
        let mut message = vec![3, 0];
        for length in [self.name.len() + 1, datatype.len(), dataspace.len()] {
            message.extend((length as u16).to_le_bytes());
        }
        message.push(0);
        message.extend(self.name.bytes());
        message.push(0);
        message.extend(datatype);
        message.extend(dataspace);
        message.extend(&self.content);
        message
    }
}

/// The dataspace message: a single value, or an array of fixed size.
pub(super) fn dataspace(shape: &[u64]) -> Vec<u8> {
    let mut message = vec![2, shape.len() as u8, 0, u8::from(!shape.is_empty())];
    message.extend(shape.iter().flat_map(|length| length.to_le_bytes()));
    message
}
