//! Tests that a driver fails are listed, and a list that has become wrong is seen.

use crate::fixtures::adapter::{ExpectedFailure, expected_failure, must_fail, passes_in_child};
use humam_gpu::engine::gpu::{AdapterInfo, AdapterKind, AdapterLimits};

const LIST: &[ExpectedFailure] = &[ExpectedFailure {
    backend: "vulkan",
    driver: "llvmpipe Mesa 22.",
    test: "deliver::a_test",
    reason: "wrong sums",
}];

fn adapter(backend: &str, driver: &str) -> AdapterInfo {
    AdapterInfo {
        name: "an adapter".into(),
        kind: AdapterKind::Software,
        backend: backend.into(),
        driver: driver.into(),
        vendor_id: 0,
        device_id: 0,
        features: String::new(),
        int64: false,
        limits: AdapterLimits { buffer_bytes: 0, binding_bytes: 0, workgroups: 0 },
    }
}

#[test]
fn a_failure_is_expected_by_interface_driver_and_test() {
    let reason = |backend, driver, test| expected_failure(LIST, &adapter(backend, driver), test);
    assert_eq!(reason("vulkan", "llvmpipe Mesa 22.3.6 (LLVM 15.0.6)", "deliver::a_test"), Some("wrong sums"));
    assert_eq!(reason("vulkan", "llvmpipe Mesa 24.0.1 (LLVM 18.1.0)", "deliver::a_test"), None);
    assert_eq!(reason("metal", "llvmpipe Mesa 22.3.6 (LLVM 15.0.6)", "deliver::a_test"), None);
    assert_eq!(reason("vulkan", "llvmpipe Mesa 22.3.6 (LLVM 15.0.6)", "deliver::a_test_more"), None);
}

#[test]
fn a_test_that_is_expected_to_fail_and_does_is_no_failure() {
    let name = "expected_failures::fails_on_purpose";
    assert!(must_fail(name, "it is made so", || passes_in_child(name)));
}

#[test]
#[should_panic(expected = "remove it from EXPECTED_FAILURES")]
fn a_test_that_is_expected_to_fail_and_passes_is_a_failure() {
    let name = "expected_failures::a_failure_is_expected_by_interface_driver_and_test";
    must_fail(name, "it is made so", || passes_in_child(name));
}

#[test]
#[should_panic(expected = "no test expected_failures::of_no_name")]
fn a_test_that_does_not_exist_is_a_failure() {
    passes_in_child("expected_failures::of_no_name");
}

#[test]
#[ignore = "it fails, so that another test sees a failure"]
fn fails_on_purpose() {
    panic!("on purpose");
}
