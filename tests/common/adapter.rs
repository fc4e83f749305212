//! Which GPU the tests use.
#![allow(dead_code, reason = "each test uses its own part")]

use humam_gpu::engine::gpu::{AdapterKind, AdapterSelection, GpuAdapter};

/// The adapter for tests, or `None` where they shall be skipped; says so. `HUMAM_TEST_GPU` is
/// `auto` (skip without an adapter), `require` (fail without one) or `off`; `HUMAM_TEST_ADAPTER`
/// is a part of the adapter's name.
pub fn test_adapter() -> Option<GpuAdapter> {
    let mode = std::env::var("HUMAM_TEST_GPU").unwrap_or_else(|_| "auto".into());
    let name = std::env::var("HUMAM_TEST_ADAPTER").ok();
    if mode == "off" {
        println!("skipped: HUMAM_TEST_GPU=off");
        return None;
    }
    let selection = name.as_deref().map_or(AdapterSelection::Any, AdapterSelection::Named);
    match (GpuAdapter::select(selection), mode.as_str()) {
        (Ok(adapter), "auto" | "require") => Some(adapter),
        (Err(error), "auto") => {
            println!("skipped: {error}");
            None
        }
        (Err(error), "require") => panic!("HUMAM_TEST_GPU=require: {error}"),
        (_, other) => panic!("HUMAM_TEST_GPU={other}: must be auto, require or off"),
    }
}

/// The same for tests of an adapter whose memory is the process's.
pub fn software_test_adapter() -> Option<GpuAdapter> {
    let adapter = test_adapter()?;
    if adapter.info().kind != AdapterKind::Software {
        println!("skipped: the memory of {} is not the process's", adapter.info().name);
        return None;
    }
    Some(adapter)
}
