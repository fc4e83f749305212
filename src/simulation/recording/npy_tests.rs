//! Arrays read back as they were written, and what is none is told.

use super::*;
use ndarray::Array1;

fn written(folder: &Path, values: &[u32]) -> PathBuf {
    let path = folder.join("values.npy");
    let mut writer = NpyWriter::<u32>::create(&path, None).unwrap();
    let (a, b) = values.split_at(values.len() / 3);
    writer.extend(a).unwrap();
    writer.extend(b).unwrap();
    assert_eq!(writer.finish().unwrap(), values.len() as u64);
    path
}

#[test]
fn another_library_reads_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for values in [vec![], vec![7], (0..100_000).map(|i| i * 40_000).collect::<Vec<u32>>()] {
        let path = written(folder.path(), &values);
        let array: Array1<u32> = ndarray_npy::read_npy(&path).unwrap();
        assert_eq!(array.to_vec(), values);
    }
}

#[test]
fn another_library_reads_rows_of_any_element() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.npy");
    let mut writer = NpyWriter::<f64>::create(&path, Some(3)).unwrap();
    writer.extend(&[0.1, -2.0, f64::MAX]).unwrap();
    writer.extend(&[4.0, 5.0, 6.0]).unwrap();
    writer.finish().unwrap();
    let array: ndarray::Array2<f64> = ndarray_npy::read_npy(&path).unwrap();
    assert_eq!(array, ndarray::array![[0.1, -2.0, f64::MAX], [4.0, 5.0, 6.0]]);
    NpyWriter::<u32>::create(&path, Some(7)).unwrap().finish().unwrap();
    let array: ndarray::Array2<u32> = ndarray_npy::read_npy(&path).unwrap();
    assert_eq!(array.dim(), (0, 7));
}

#[test]
fn the_reader_gives_back_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<u32> = (0..50_000).rev().collect();
    let mut reader = NpyReader::<u32>::open(&written(folder.path(), &values)).unwrap();
    let mut read = Vec::new();
    while reader.left() > 0 {
        read.extend_from_slice(reader.next_chunk().unwrap());
    }
    assert_eq!(read, values);
    assert!(reader.next_chunk().unwrap().is_empty());
}

#[test]
fn a_file_goes_on_where_it_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("values.npy");
    let mut writer = NpyWriter::<u32>::create(&path, None).unwrap();
    writer.extend(&[1, 2, 3]).unwrap();
    let (name, saved) = writer.save().unwrap();
    assert_eq!((&*name, saved.elements), ("values.npy", 3));
    let read = || -> Vec<u32> { ndarray_npy::read_npy::<_, Array1<u32>>(&path).unwrap().to_vec() };
    assert_eq!(read(), [1, 2, 3]);
    writer.extend(&[4, 5]).unwrap();
    drop(writer);
    let mut again = NpyWriter::<u32>::reopen(&path, None, saved).unwrap();
    again.extend(&[6]).unwrap();
    assert_eq!(again.finish().unwrap(), 4);
    assert_eq!(read(), [1, 2, 3, 6]);
    for _ in 0..2 {
        // Told again and again: what is missing is not filled with zeros.
        let longer = ArrayPosition { elements: 9, ..saved };
        let error = NpyWriter::<u32>::reopen(&path, None, longer).unwrap_err().to_string();
        assert!(error.contains("it has 144 bytes, and had 164 bytes"), "{error}");
    }
    for elements in [0, 2, 4] {
        let other = ArrayPosition { elements, ..saved };
        let error = NpyWriter::<u32>::reopen(&path, None, other).unwrap_err().to_string();
        assert!(error.contains("not as it was at the checkpoint"), "{error}");
        assert_eq!(read(), [1, 2, 3, 6], "it stays as it is");
    }
}

#[test]
fn damaged_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), &[1, 2, 3]);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(NpyReader::<u32>::open(&path).unwrap_err().to_string().contains("139 bytes"));
    std::fs::write(&path, [b'x'; 200]).unwrap();
    assert!(NpyReader::<u32>::open(&path).unwrap_err().to_string().contains("header"));
    std::fs::write(&path, b"short").unwrap();
    assert!(NpyReader::<u32>::open(&path).is_err());
}
