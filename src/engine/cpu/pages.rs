//! Large pages for memory that is walked or scattered over in every step, and cache lines that are fetched ahead.

use std::alloc::Layout;

/// Bytes of a cache line.
pub(super) const LINE: usize = 64;

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

/// Memory of that layout, whose size is above 0, behind large pages where it is aligned to them; null where
/// there is none left.
///
/// The system maps it then, and no byte beside it: a general allocator takes twice the addresses to align it,
/// which counts where they are limited.
pub(super) fn allocate(layout: Layout) -> *mut u8 {
    if !is_mapped(layout) {
        // SAFETY: the layout has a size above 0.
        return unsafe { std::alloc::alloc(layout) };
    }
    let memory = map(layout.size());
    if !memory.is_null() {
        prefer_large(memory.cast_const(), layout.size());
    }
    memory
}

/// Gives memory back.
///
/// # Safety
/// It comes from [`allocate`] with this layout, and no one uses it any more.
pub(super) unsafe fn deallocate(memory: *mut u8, layout: Layout) {
    match is_mapped(layout) {
        true => unmap(memory, layout.size()),
        // SAFETY: as promised.
        false => unsafe { std::alloc::dealloc(memory, layout) },
    }
}

/// Whether memory of that layout is mapped by itself.
fn is_mapped(layout: Layout) -> bool {
    let is_possible = cfg!(all(target_os = "linux", not(miri)));
    is_possible && layout.align() == LARGE_PAGE && layout.size().is_multiple_of(LARGE_PAGE)
}

/// Maps `bytes` at a multiple of [`LARGE_PAGE`]; null where that is not possible.
#[cfg(target_os = "linux")]
fn map(bytes: usize) -> *mut u8 {
    use libc::{MAP_ANONYMOUS, MAP_FAILED, MAP_PRIVATE, PROT_READ, PROT_WRITE};
    let (access, kind) = (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    // SAFETY: a new mapping touches no other memory.
    let mapped = unsafe { libc::mmap(std::ptr::null_mut(), bytes + LARGE_PAGE, access, kind, -1, 0) };
    if mapped == MAP_FAILED {
        return std::ptr::null_mut();
    }
    let mapped = mapped.cast::<u8>();
    // What lies before and behind whole large pages is given back.
    let before = mapped.align_offset(LARGE_PAGE);
    let memory = mapped.wrapping_add(before);
    unmap(mapped, before);
    unmap(memory.wrapping_add(bytes), LARGE_PAGE - before);
    memory
}

/// Gives back what [`map`] has mapped, or a part of it.
#[cfg(target_os = "linux")]
fn unmap(memory: *mut u8, bytes: usize) {
    if bytes > 0 {
        // SAFETY: only called with memory that `map` has mapped, and that no one uses.
        unsafe { libc::munmap(memory.cast(), bytes) };
    }
}

#[cfg(not(target_os = "linux"))]
fn map(_: usize) -> *mut u8 {
    std::ptr::null_mut()
}

#[cfg(not(target_os = "linux"))]
fn unmap(_: *mut u8, _: usize) {}

/// Asks for the cache line at `at` ahead of time; any address will do.
#[inline(always)]
pub(super) fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect but on caches, and SSE is part of x86-64.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
