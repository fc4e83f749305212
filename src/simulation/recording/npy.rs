//! Arrays in NumPy's format, written and read as streams: lists, and rows of equal length.
//!
//! Format version 1.0 (NumPy enhancement proposal 1). The number of elements stands in the header,
//! so the header is written again when the last element is known; its length never changes.

use super::RecordingError;
use crate::disk::{self, File, Place};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

pub(super) const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
/// Bytes of the whole header; room for any number of elements, and a multiple of 64.
pub(super) const HEADER_BYTES: usize = 128;
/// What arrays are made of.
pub trait Element: bytemuck::Pod {
    /// Its name in NumPy.
    const NAME: &'static str;
    /// Its bytes, the lowest first.
    fn bytes(self) -> Vec<u8>;
    /// The element of these bytes, which are as many as it has.
    fn of_bytes(bytes: &[u8]) -> Self;
}

impl Element for u32 {
    const NAME: &'static str = "<u4";
    fn bytes(self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }
    fn of_bytes(bytes: &[u8]) -> Self {
        bytes.iter().rev().fold(0, |value, byte| value << 8 | Self::from(*byte))
    }
}

impl Element for f64 {
    const NAME: &'static str = "<f8";
    fn bytes(self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }
    fn of_bytes(bytes: &[u8]) -> Self {
        Self::from_bits(bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
    }
}

/// Elements written or read at once.
const CHUNK: usize = 1 << 14;

/// What an array held when it was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrayPosition {
    /// Number of elements.
    pub elements: u64,
    /// CRC-32 of their bytes.
    pub crc32: u32,
}

/// Writes an array whose length is not known yet.
#[derive(Debug)]
pub struct NpyWriter<T = u32> {
    path: PathBuf,
    file: BufWriter<File>,
    elements: u64,
    /// Of what has been written.
    crc32: crc32fast::Hasher,
    /// Elements of a row, if there are rows.
    row: Option<u64>,
    element: PhantomData<T>,
}

impl<T: Element> NpyWriter<T> {
    /// Creates the file of a list, or of an array of rows of that length, in place of one that has its name.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn create(at: impl Into<Place>, row: Option<u64>) -> Result<Self, RecordingError> {
        let place = at.into();
        let path = place.path();
        let open = || -> std::io::Result<BufWriter<File>> {
            let mut file = BufWriter::with_capacity(4 * CHUNK, place.create()?);
            file.write_all(&header(T::NAME, 0, row))?;
            Ok(file)
        };
        let file = open().map_err(|source| RecordingError::write(&path, source))?;
        Ok(Self { path, file, elements: 0, crc32: crc32fast::Hasher::new(), row, element: PhantomData })
    }

    /// Opens a file that another writer left, to go on after what it had saved.
    ///
    /// # Errors
    /// A file that cannot be written, that has fewer elements, or others: it stays as it is.
    pub fn reopen(
        at: impl Into<Place>,
        row: Option<u64>,
        saved: ArrayPosition,
    ) -> Result<Self, RecordingError> {
        let place = at.into();
        let path = place.path();
        let bytes = place_of(saved.elements, size_of::<T>());
        let written = |source| RecordingError::write(&path, source);
        let mut file = place.open(false).map_err(written)?;
        let found = file.metadata().map_err(written)?.len();
        check_length(&path, found, bytes)?;
        let crc32 = crc32_of(&mut file, bytes).map_err(written)?;
        if crc32.clone().finalize() != saved.crc32 {
            return Err(RecordingError::malformed(&path, "it is not as it was at the checkpoint"));
        }
        file.set_len(bytes).and_then(|()| file.seek(SeekFrom::Start(bytes))).map_err(written)?;
        let file = BufWriter::with_capacity(4 * CHUNK, file);
        Ok(Self { path, file, elements: saved.elements, crc32, row, element: PhantomData })
    }

    /// Appends `values`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn extend(&mut self, values: &[T]) -> Result<(), RecordingError> {
        self.elements += values.len() as u64;
        let bytes: Cow<'_, [u8]> = match cfg!(target_endian = "little") {
            true => bytemuck::cast_slice(values).into(),
            false => values.iter().flat_map(|value| value.bytes()).collect(),
        };
        self.crc32.update(&bytes);
        self.file.write_all(&bytes).map_err(|source| RecordingError::write(&self.path, source))
    }

    /// Writes the number of elements into the header; returns it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn finish(mut self) -> Result<u64, RecordingError> {
        self.save().map(|(_, saved)| saved.elements)
    }

    /// Makes what has been written so far a whole file on disk, and goes on behind it; returns the
    /// file's name and what it holds.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&mut self) -> Result<(String, ArrayPosition), RecordingError> {
        let mut save = || -> std::io::Result<()> {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&header(T::NAME, self.elements, self.row))?;
            self.file.seek(SeekFrom::End(0))?;
            self.file.get_ref().sync_data()
        };
        save().map_err(|source| RecordingError::write(&self.path, source))?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, ArrayPosition { elements: self.elements, crc32: self.crc32.clone().finalize() }))
    }
}

/// What stands before the elements of a list of NumPy's type `name`, such as `<U8`.
pub(crate) fn npy_header(name: &str, elements: u64) -> Vec<u8> {
    header(name, elements, None)
}

fn header(name: &str, elements: u64, row: Option<u64>) -> Vec<u8> {
    let shape = match row {
        Some(row) => format!("{}, {row}", elements / row.max(1)),
        None => format!("{elements},"),
    };
    // The fields of a structured type are a list, which takes more room; any other name is a text.
    let (descr, bytes) = match name.starts_with('[') {
        true => (name.to_owned(), 2 * HEADER_BYTES),
        false => (format!("'{name}'"), HEADER_BYTES),
    };
    let length = bytes - MAGIC.len() - 2;
    let dictionary = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ({shape}), }}");
    let mut header = MAGIC.to_vec();
    header.extend((length as u16).to_le_bytes());
    header.extend(dictionary.bytes());
    header.resize(bytes - 1, b' ');
    header.push(b'\n');
    header
}

/// Reads an array that [`NpyWriter`] wrote. What the header tells is held against the length of
/// the file before anything is made of it.
#[derive(Debug)]
pub struct NpyReader<T = u32> {
    path: PathBuf,
    file: BufReader<File>,
    left: u64,
    bytes: Vec<u8>,
    values: Vec<T>,
}

impl<T: Element> NpyReader<T> {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    /// A file that cannot be read or that was not written by [`NpyWriter`].
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        Self::with_rows(path, None)
    }

    /// The same for an array of rows of that length.
    ///
    /// # Errors
    /// A file that cannot be read, that was not written by [`NpyWriter`], or that has other rows.
    pub fn open_rows(path: &Path, length: usize) -> Result<Self, RecordingError> {
        Self::with_rows(path, Some(length as u64))
    }

    fn with_rows(path: &Path, row: Option<u64>) -> Result<Self, RecordingError> {
        let open = || -> std::io::Result<(BufReader<File>, Vec<u8>)> {
            let mut file = BufReader::new(disk::open(path)?);
            let mut header = vec![0; HEADER_BYTES];
            file.read_exact(&mut header)?;
            Ok((file, header))
        };
        let (file, found) = open().map_err(|source| RecordingError::read(path, source))?;
        let left = elements(&found, row).filter(|&elements| header(T::NAME, elements, row) == found);
        let left = left.ok_or_else(|| {
            let rows = row.map_or_else(String::new, |row| format!(" with {row} columns"));
            RecordingError::malformed(
                path,
                format!("its header is not that of a {} array{rows}", std::any::type_name::<T>()),
            )
        })?;
        let found = file.get_ref().metadata().map_err(|source| RecordingError::read(path, source))?.len();
        let told = (HEADER_BYTES as u64).saturating_add(left.saturating_mul(size_of::<T>() as u64));
        if found != told {
            let reason = format!("it has {found} bytes where its header tells {told}");
            return Err(RecordingError::malformed(path, reason));
        }
        Ok(Self { path: path.to_path_buf(), file, left, bytes: Vec::new(), values: Vec::new() })
    }

    /// Elements that are still to come.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// The next elements; none at the end.
    ///
    /// # Errors
    /// A file that cannot be read or that ends too early.
    pub fn next_chunk(&mut self) -> Result<&[T], RecordingError> {
        let n = self.left.min(CHUNK as u64) as usize;
        self.bytes.resize(size_of::<T>() * n, 0);
        self.file.read_exact(&mut self.bytes).map_err(|source| RecordingError::read(&self.path, source))?;
        self.values.clear();
        self.values.extend(self.bytes.chunks_exact(size_of::<T>()).map(T::of_bytes));
        self.left -= n as u64;
        Ok(&self.values)
    }
}

/// The last `n` of the first `elements` of a file that [`NpyWriter`] has not finished; fewer if there are
/// not so many.
///
/// # Errors
/// A file that cannot be read, or that has fewer elements.
pub(super) fn read_last(path: &Path, elements: u64, n: usize) -> Result<Vec<u32>, RecordingError> {
    let n = elements.min(n as u64);
    let not_read = |source| RecordingError::read(path, source);
    let mut file = disk::open(path).map_err(not_read)?;
    let found = file.metadata().map_err(not_read)?.len();
    check_length(path, found, place_of(elements, size_of::<u32>()))?;
    let mut bytes = vec![0; n as usize * size_of::<u32>()];
    let start = SeekFrom::Start(place_of(elements - n, size_of::<u32>()));
    file.seek(start).and_then(|_| file.read_exact(&mut bytes)).map_err(not_read)?;
    Ok(bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

/// Where the element of that number lies in a file; at the end of any file if no file has so many.
fn place_of(element: u64, bytes: usize) -> u64 {
    (HEADER_BYTES as u64).saturating_add(element.saturating_mul(bytes as u64))
}

/// CRC-32 of the elements of an array in the first `bytes` bytes of its file.
fn crc32_of(file: &mut File, bytes: u64) -> std::io::Result<crc32fast::Hasher> {
    let mut crc32 = crc32fast::Hasher::new();
    file.seek(SeekFrom::Start(HEADER_BYTES as u64))?;
    let mut elements = BufReader::with_capacity(4 * CHUNK, file.take(bytes - HEADER_BYTES as u64));
    loop {
        let chunk = elements.fill_buf()?;
        if chunk.is_empty() {
            return Ok(crc32);
        }
        crc32.update(chunk);
        let n = chunk.len();
        elements.consume(n);
    }
}

/// Whether a file of a run that goes on is as long as it was.
fn check_length(path: &Path, found: u64, had: u64) -> Result<(), RecordingError> {
    if found < had {
        let reason = format!("it has {found} bytes, and had {had} bytes at the checkpoint");
        return Err(RecordingError::malformed(path, reason));
    }
    Ok(())
}

/// The number in `'shape': (N,)`, or N · `row` of `'shape': (N, row)`.
fn elements(header: &[u8], row: Option<u64>) -> Option<u64> {
    let text = std::str::from_utf8(header.get(MAGIC.len() + 2..)?).ok()?;
    let shape = text.split_once("'shape': (")?.1;
    let (first, _) = shape.split_once(',')?;
    first.parse::<u64>().ok()?.checked_mul(row.unwrap_or(1))
}

#[cfg(test)]
#[path = "npy_tests.rs"]
mod tests;
