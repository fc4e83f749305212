//! The part of HDF5 that exports need: groups, attributes, and arrays of a known size, written from
//! first to last without being held.
//!
//! A file has, in this order, the superblock (version 2), the headers of all groups and datasets
//! (version 2, links and attributes in them), and the arrays, each in one piece. Everything is where the
//! sizes put it, so nothing is written twice. HDF5 1.8 and later read it. Chunks, compression, and
//! changes of a file are beyond this writer, and it reads nothing.
//!
//! Source: HDF5 File Format Specification, version 3.0.
mod checksum;
mod datatype;

pub(super) use datatype::{Attribute, Datatype};

use super::ExportError;
use crate::disk::{File, Place};
use crate::simulation::recording::RecordingError;
use checksum::checksum;
use datatype::dataspace;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
const SUPERBLOCK_BYTES: u64 = 48;
/// An address that is none.
const UNDEFINED: u64 = u64::MAX;
/// Objects and arrays start at multiples of this.
const ALIGNMENT: u64 = 8;
const BUFFER_BYTES: usize = 1 << 18;
/// More than any disk holds, and far less than would wrap.
const MAX_BYTES: u128 = 1 << 60;

// Types of header messages.
const DATASPACE: u8 = 0x01;
const LINK_INFO: u8 = 0x02;
const DATATYPE: u8 = 0x03;
const FILL_VALUE: u8 = 0x05;
const LINK: u8 = 0x06;
const LAYOUT: u8 = 0x08;
const GROUP_INFO: u8 = 0x0a;
const ATTRIBUTE: u8 = 0x0c;

/// A group and what is in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub name: String,
    pub attributes: Vec<Attribute>,
    pub datasets: Vec<Dataset>,
    pub groups: Vec<Group>,
}

impl Group {
    /// A group of that name with nothing in it.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Bytes of all arrays, as if their numbers had no end.
    fn array_bytes(&self) -> u128 {
        let own = self.datasets.iter().map(Dataset::array_bytes);
        own.chain(self.groups.iter().map(Self::array_bytes)).fold(0, u128::saturating_add)
    }
}

/// An array.
#[derive(Debug, Clone)]
pub(super) struct Dataset {
    pub name: String,
    pub datatype: Datatype,
    pub shape: Vec<u64>,
    pub attributes: Vec<Attribute>,
}

impl Dataset {
    /// An array without attributes.
    pub fn new(name: &str, datatype: Datatype, shape: &[u64]) -> Self {
        Self { name: name.to_owned(), datatype, shape: shape.to_vec(), attributes: Vec::new() }
    }

    /// Its bytes, as if their number had no end.
    fn array_bytes(&self) -> u128 {
        let elements = self.shape.iter().map(|&length| u128::from(length)).fold(1, u128::saturating_mul);
        elements.saturating_mul(self.datatype.bytes().into()).saturating_add(ALIGNMENT.into())
    }

    /// Its bytes, where all arrays together have fewer than [`MAX_BYTES`].
    fn bytes(&self) -> u64 {
        self.shape.iter().product::<u64>() * self.datatype.bytes()
    }
}

/// Where an array goes.
#[derive(Debug)]
struct Slot {
    name: String,
    address: u64,
    bytes: u64,
}

/// Headers that are being laid out.
struct Assembly {
    /// What stands before the arrays; the superblock is empty.
    metadata: Vec<u8>,
    slots: Vec<Slot>,
    /// End of the last array.
    end: u64,
}

impl Assembly {
    /// Lays out everything, with arrays from `data_start` on; returns the address of the root too.
    fn new(root: &Group, data_start: u64) -> (Self, u64) {
        let metadata = vec![0; SUPERBLOCK_BYTES as usize];
        let mut assembly = Self { metadata, slots: Vec::new(), end: data_start };
        let root = assembly.group(root);
        (assembly, root)
    }

    fn group(&mut self, group: &Group) -> u64 {
        let mut links = Vec::new();
        for dataset in &group.datasets {
            links.push((&dataset.name, self.dataset(dataset)));
        }
        for inner in &group.groups {
            links.push((&inner.name, self.group(inner)));
        }
        // Links stand in the header itself: there is no heap or tree for them.
        let mut link_info = vec![0, 0];
        link_info.extend([UNDEFINED.to_le_bytes(); 2].concat());
        let mut messages = vec![(LINK_INFO, link_info), (GROUP_INFO, vec![0, 0])];
        messages.extend(links.into_iter().map(|(name, address)| (LINK, link(name, address))));
        self.object(messages, &group.attributes)
    }

    fn dataset(&mut self, dataset: &Dataset) -> u64 {
        let bytes = dataset.bytes();
        let address = if bytes > 0 { self.end } else { UNDEFINED };
        self.slots.push(Slot { name: dataset.name.clone(), address: self.end, bytes });
        self.end = (self.end + bytes).next_multiple_of(ALIGNMENT);
        let mut layout = vec![3, 1];
        layout.extend([address.to_le_bytes(), bytes.to_le_bytes()].concat());
        let messages = vec![
            (DATASPACE, dataspace(&dataset.shape)),
            (DATATYPE, dataset.datatype.message()),
            // Version 3, space allocated at once, the default fill value.
            (FILL_VALUE, vec![3, 0x09]),
            (LAYOUT, layout),
        ];
        self.object(messages, &dataset.attributes)
    }

    /// Appends a header; returns its address.
    fn object(&mut self, mut messages: Vec<(u8, Vec<u8>)>, attributes: &[Attribute]) -> u64 {
        messages.extend(attributes.iter().map(|attribute| (ATTRIBUTE, attribute.message())));
        let mut content = Vec::new();
        for (kind, message) in messages {
            content.push(kind);
            content.extend((message.len() as u16).to_le_bytes());
            content.push(0);
            content.extend(message);
        }
        // Version 2, with the size of its content in 4 bytes.
        let mut header = b"OHDR\x02\x02".to_vec();
        header.extend((content.len() as u32).to_le_bytes());
        header.extend(content);
        header.extend(checksum(&header).to_le_bytes());
        self.metadata.resize(self.metadata.len().next_multiple_of(ALIGNMENT as usize), 0);
        let address = self.metadata.len() as u64;
        self.metadata.extend(header);
        address
    }
}

/// A hard link in its header's own space, with a name of less than 256 bytes.
fn link(name: &str, address: u64) -> Vec<u8> {
    let mut message = vec![1, 0, name.len() as u8];
    message.extend(name.bytes());
    message.extend(address.to_le_bytes());
    message
}

fn superblock(root: u64, end: u64) -> Vec<u8> {
    let mut superblock = SIGNATURE.to_vec();
    // Version 2, addresses and lengths of 8 bytes, no flags.
    superblock.extend([2, 8, 8, 0]);
    for address in [0, UNDEFINED, end, root] {
        superblock.extend(address.to_le_bytes());
    }
    superblock.extend(checksum(&superblock).to_le_bytes());
    superblock
}

/// A file whose headers are written and whose arrays come one after the other.
#[derive(Debug)]
pub(super) struct Hdf5Writer {
    path: PathBuf,
    file: BufWriter<File>,
    position: u64,
    slots: std::vec::IntoIter<Slot>,
    end: u64,
}

impl Hdf5Writer {
    /// Creates the file with everything but the arrays; the root's name does not count.
    ///
    /// # Errors
    /// A file that cannot be written, or arrays of more bytes than any file has.
    pub fn create(at: impl Into<Place>, root: &Group) -> Result<Self, RecordingError> {
        let place = at.into();
        let path = place.path();
        let array_bytes = root.array_bytes();
        if array_bytes > MAX_BYTES {
            let reason = format!("it would have arrays of {array_bytes} bytes, more than any disk holds");
            return Err(RecordingError::malformed(&path, reason));
        }
        // Headers have the same length wherever the arrays are.
        let (sizes, _) = Assembly::new(root, 0);
        let data_start = (sizes.metadata.len() as u64).next_multiple_of(ALIGNMENT);
        let (mut assembly, root) = Assembly::new(root, data_start);
        assembly.metadata[..SUPERBLOCK_BYTES as usize].copy_from_slice(&superblock(root, assembly.end));
        let file = place.create().map_err(|source| RecordingError::write(&path, source))?;
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        let slots = assembly.slots.into_iter();
        let mut writer = Self { path, file, position: 0, slots, end: assembly.end };
        writer.put(&assembly.metadata)?;
        Ok(writer)
    }

    /// Writes the next array, which must have that name, from what `write` puts.
    pub fn fill(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Self) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let slot = self.slots.next().filter(|slot| slot.name == name);
        let slot =
            slot.ok_or_else(|| RecordingError::malformed(&self.path, format!("{name} is not next")))?;
        self.pad_to(slot.address)?;
        write(self)?;
        let (found, told) = (self.position - slot.address, slot.bytes);
        if found != told {
            let reason = format!("{name} has {found} bytes where its header tells {told}");
            return Err(RecordingError::malformed(&self.path, reason).into());
        }
        Ok(())
    }

    /// Appends to the array that is being written.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), RecordingError> {
        self.position += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|source| RecordingError::write(&self.path, source))
    }

    /// Completes the file.
    pub fn finish(mut self) -> Result<(), RecordingError> {
        if let Some(slot) = self.slots.next() {
            return Err(RecordingError::malformed(&self.path, format!("{} was not written", slot.name)));
        }
        self.pad_to(self.end)?;
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        written.map_err(|source| RecordingError::write(&self.path, source))
    }

    fn pad_to(&mut self, address: u64) -> Result<(), RecordingError> {
        let missing = address.saturating_sub(self.position) as usize;
        self.put(&[0; ALIGNMENT as usize][..missing.min(ALIGNMENT as usize)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group() -> Group {
        let mut group = Group::new("");
        group.datasets = vec![
            Dataset::new("three", Datatype::U32, &[3]),
            Dataset::new("none", Datatype::F64, &[0]),
            Dataset::new("pairs", Datatype::U64, &[1, 2]),
        ];
        group
    }

    #[test]
    fn arrays_lie_where_the_headers_tell() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.h5");
        let mut writer = Hdf5Writer::create(&path, &group()).unwrap();
        writer.fill("three", |sink| Ok(sink.put(&[7; 12])?)).unwrap();
        writer.fill("none", |_| Ok(())).unwrap();
        writer.fill("pairs", |sink| Ok(sink.put(&[9; 16])?)).unwrap();
        writer.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let at = |address: usize| u64::from_le_bytes(bytes[address..address + 8].try_into().unwrap());
        assert_eq!(&bytes[..8], SIGNATURE);
        assert_eq!(at(28), bytes.len() as u64, "end of the file");
        assert_eq!(&bytes[at(36) as usize..][..4], b"OHDR", "the root");
        assert_eq!(bytes[bytes.len() - 32..bytes.len() - 16], [[7; 12].as_slice(), &[0; 4]].concat());
        assert_eq!(bytes[bytes.len() - 16..], [9; 16]);
    }

    #[test]
    fn arrays_larger_than_any_file_are_refused_and_do_not_wrap() {
        let folder = tempfile::tempdir().unwrap();
        for shape in [&[u64::MAX][..], &[1 << 61], &[1 << 32, 1 << 32], &[u64::MAX; 4]] {
            let mut group = group();
            group
                .groups
                .push(Group { datasets: vec![Dataset::new("x", Datatype::F64, shape)], ..Group::new("") });
            let path = folder.path().join("x.h5");
            let error = Hdf5Writer::create(&path, &group).unwrap_err().to_string();
            assert!(error.contains("x.h5: it would have arrays of"), "{error}");
            assert!(!path.exists());
        }
    }

    #[test]
    fn arrays_out_of_order_or_of_another_size_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let create = || Hdf5Writer::create(&folder.path().join("x.h5"), &group()).unwrap();
        let error = create().fill("pairs", |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("pairs is not next"), "{error}");
        let error = create().fill("three", |sink| Ok(sink.put(&[0; 4])?)).unwrap_err();
        assert!(error.to_string().contains("three has 4 bytes where its header tells 12"), "{error}");
        let error = create().finish().unwrap_err();
        assert!(error.to_string().contains("three was not written"), "{error}");
    }
}
