//! Files of synapses, right and wrong ones.

use super::*;
use std::fs;

fn read(text: &str, firsts: [u32; 2]) -> Result<SynapseList, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("synapses.csv");
    fs::write(&path, text).unwrap();
    let told = |error: SynapseFileError| error.to_string().replace(&path.display().to_string(), "FILE");
    SynapseList::read(&path, firsts).map_err(told)
}

#[test]
fn columns_stand_in_any_order_and_the_last_two_may_be_missing() {
    let whole = read("\u{feff}source,target,weight_pa,delay_ms\r\n3,0,1.5,0.1\r\n0,2,2e1,7", [0; 2]).unwrap();
    let columns = SynapseColumns {
        sources: vec![3, 0],
        targets: vec![0, 2],
        weights_pa: Some(vec![1.5, 20.0]),
        delays_ms: Some(vec![0.1, 7.0]),
    };
    assert_eq!(*whole.columns(), columns);
    let other = read("delay_ms, target, source\n0.1, 10, 103\n7, 12, 100\n", [100, 10]).unwrap();
    assert_eq!(*other.columns(), SynapseColumns { weights_pa: None, ..columns });
    assert_eq!(read("target,source\n", [0; 2]).unwrap().n_synapses(), 0);
}

#[test]
fn what_is_written_is_read_again_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let columns = SynapseColumns {
        sources: vec![0, u32::MAX, 7],
        targets: vec![5, 5, 5],
        weights_pa: Some(vec![0.1 + 0.2, 1e-300, f64::MAX]),
        delays_ms: None,
    };
    let path = folder.path().join("a.csv");
    let list = SynapseList::new(path.display().to_string(), columns).unwrap();
    list.write(&Place::from(path.as_path())).unwrap();
    assert_eq!(SynapseList::read(&path, [0; 2]), Ok(list));
}

#[test]
fn what_is_no_synapse_is_told_with_its_line() {
    let long = format!("source,target\n1,{}\n", "2".repeat(5000));
    for (text, told) in [
        ("", "FILE: line 1: `` is no column"),
        ("source,weight_pa\n", "FILE: line 1: the column `target` is missing"),
        ("source,target,source\n", "FILE: line 1: it names `source` twice"),
        ("source,target,delay\n", "FILE: line 1: `delay` is no column"),
        ("source,target\n1,2\n1,2,3\n", "FILE: line 3: it has 3 values, and 2 columns"),
        ("source,target\n1,2\n\n1,2\n", "FILE: line 3: it has 1 values, and 2 columns"),
        ("source,target\n-1,2\n", "FILE: line 2: source = `-1` is no number of a neuron"),
        ("source,target\n1,4294967296\n", "FILE: line 2: target = `4294967296` is no number"),
        ("source,target,delay_ms\n1,2,x\n", "FILE: line 2: delay_ms = `x` is no number"),
        ("source,target,delay_ms\n1,2,0\n", "FILE: line 2: delay_ms = 0 must be finite and above 0"),
        ("source,target,weight_pa\n1,2,3\n1,2,-3\n", "FILE: line 3: weight_pa = -3 has another sign"),
        (&long, "cannot read the synapses FILE: a line has more than 4096 bytes"),
    ] {
        let error = read(text, [0; 2]).unwrap_err();
        assert!(error.starts_with(told), "{text}: {error}");
    }
    let error = read("source,target\n7,2\n", [8, 0]).unwrap_err();
    assert_eq!(error, "FILE: line 2: source 7 is before 8, the first neuron of its population");
    let missing = SynapseList::read(Path::new("nowhere.csv"), [0; 2]).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read the synapses nowhere.csv"), "{missing}");
}

/// As pandas 3.1 with pyarrow 26 writes it: 64-bit numbers, values that could be missing, compressed, a further column.
const OF_PANDAS: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/synapse_files/pandas.parquet"));

fn read_parquet(bytes: &[u8], firsts: [u32; 2]) -> Result<SynapseList, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("synapses.parquet");
    fs::write(&path, bytes).unwrap();
    let told = |error: SynapseFileError| error.to_string().replace(&path.display().to_string(), "FILE");
    SynapseList::read(&path, firsts).map_err(told)
}

#[test]
fn a_table_of_pandas_is_read() {
    let columns = SynapseColumns {
        sources: vec![3, 0, 2],
        targets: vec![0, 2, 1],
        weights_pa: Some(vec![1.5, 20.0, 0.25]),
        delays_ms: Some(vec![0.1, 7.0, 1.0]),
    };
    assert_eq!(*read_parquet(OF_PANDAS, [0; 2]).unwrap().columns(), columns);
    let error = read_parquet(OF_PANDAS, [2, 0]).unwrap_err();
    assert!(error.contains("column `source`: row 2: source 0 is before 2"), "{error}");
}

#[test]
fn a_damaged_table_is_an_error_or_other_values() {
    for at in (0..OF_PANDAS.len()).step_by(7) {
        assert!(read_parquet(&OF_PANDAS[..at], [0; 2]).is_err(), "{at}");
        let mut damaged = OF_PANDAS.to_vec();
        damaged[at] ^= 1 << (at % 8);
        // Nothing more is asked for: Parquet has no checksum that must be there.
        let _ = read_parquet(&damaged, [0; 2]);
    }
}
