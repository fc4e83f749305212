//! Lists that grow and are emptied all the time: linked chunks from one pool.
//!
//! A chunk is aligned to its size and starts with a link to its list's previous chunk. Chunks of an
//! emptied list are used again at once, while the cache still holds them.

use super::pages::{LARGE_PAGE, allocate, deallocate};
use std::alloc::{Layout, handle_alloc_error};
use std::ptr::{self, NonNull};

/// Bytes of a cache line.
const LINE: usize = 64;

/// Elements ahead of a list's end whose cache line is fetched when one is added.
const PUSHED_AHEAD: usize = 16;

/// Chunks that are allocated together, if they do not fill a large page.
const CHUNKS_OF_BLOCK: usize = 64;

/// A number of lists of elements.
#[derive(Debug)]
pub(super) struct Lists<T> {
    /// Where each list's next element goes; null or the end of a chunk where a new one is needed.
    tails: Vec<*mut T>,
    /// Bytes of a chunk, a power of two.
    chunk: usize,
    /// The next chunk that was never used, and the end of its block.
    fresh: *mut T,
    end: *mut T,
    blocks: Vec<NonNull<T>>,
    block: Layout,
    free: Vec<*mut T>,
}

// SAFETY: the pointers lead to memory that the lists own.
unsafe impl<T: Send> Send for Lists<T> {}

impl<T: Copy> Lists<T> {
    /// Elements before the first: room for the link.
    const LINK: usize = size_of::<*mut T>().div_ceil(size_of::<T>());

    /// Empty lists, a power of two of them, with chunks of `elements`, also a power of two.
    pub(super) fn new(lists: usize, elements: usize) -> Self {
        let chunk = elements * size_of::<T>();
        assert!(lists.is_power_of_two() && chunk.is_power_of_two() && elements > Self::LINK);
        let (fresh, end) = (ptr::null_mut(), ptr::null_mut());
        let tails = vec![ptr::null_mut(); lists];
        let block = Self::block(chunk);
        Self { tails, chunk, fresh, end, blocks: Vec::new(), block, free: Vec::new() }
    }

    /// What is allocated at once for chunks of so many bytes.
    fn block(chunk: usize) -> Layout {
        let is_large = CHUNKS_OF_BLOCK * chunk >= LARGE_PAGE / 16;
        let bytes = if is_large { LARGE_PAGE.max(chunk) } else { CHUNKS_OF_BLOCK * chunk };
        let align = if is_large { bytes } else { chunk };
        Layout::from_size_align(bytes, align).expect("powers of two")
    }

    /// Bytes that `lists` lists with chunks of `elements` hold once `n` elements were in them at once: chunks,
    /// of which the last of each list in use is half full, in whole blocks, and the pointers to them.
    pub(super) fn bytes_with(lists: usize, elements: usize, n: u64) -> u64 {
        let chunk = elements * size_of::<T>();
        let block = Self::block(chunk).size() as u64;
        let half_full = n.min(lists as u64) / 2;
        let chunks = n.div_ceil((elements - Self::LINK) as u64) + half_full;
        let pointers = lists as u64 + chunks;
        (chunks * chunk as u64).next_multiple_of(block) + size_of::<*mut T>() as u64 * pointers
    }

    /// Adds to list `index` modulo the number of lists.
    #[inline(always)]
    pub(super) fn push(&mut self, index: u32, element: T) {
        self.push_each(index, &[0], &[element]);
    }

    /// Adds elements, each to the list at `first` plus its own index modulo the number of lists.
    #[inline(always)]
    pub(super) fn push_each(&mut self, first: u32, indices: &[u32], elements: &[T]) {
        let (mask, in_chunk) = (self.tails.len() - 1, self.chunk - 1);
        // Kept at hand: the compiler cannot know that elements do not overwrite it.
        let tails = self.tails.as_mut_ptr();
        for (&index, &element) in indices.iter().zip(elements) {
            let list = first.wrapping_add(index) as usize & mask;
            // SAFETY: `list` is below the number of lists, a power of two. A tail that is not the end
            // of a chunk lies within one, as does what `grow` returns; `grow` leaves `tails` where
            // they are. A prefetch has no effect but on caches.
            unsafe {
                let mut tail = *tails.add(list);
                if tail as usize & in_chunk == 0 {
                    tail = self.grow(tail);
                }
                *tail = element;
                *tails.add(list) = tail.add(1);
                prefetch(tail.wrapping_add(PUSHED_AHEAD));
            }
        }
    }

    /// Takes a chunk, links it to the one that ends at `tail` (none if that is null), and returns
    /// where its first element goes.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, tail: *mut T) -> *mut T {
        let chunk = self.free.pop().unwrap_or_else(|| self.carve());
        let previous = if tail.is_null() { tail } else { tail.wrapping_byte_sub(self.chunk) };
        // SAFETY: a chunk starts with room for a link, and is aligned for one.
        unsafe {
            chunk.cast::<*mut T>().write(previous);
            chunk.add(Self::LINK)
        }
    }

    /// A chunk that was never used.
    fn carve(&mut self) -> *mut T {
        if self.fresh == self.end {
            let block = allocate(self.block).cast::<T>();
            let Some(owned) = NonNull::new(block) else { handle_alloc_error(self.block) };
            self.blocks.push(owned);
            (self.fresh, self.end) = (block, block.wrapping_byte_add(self.block.size()));
        }
        let chunk = self.fresh;
        self.fresh = chunk.wrapping_byte_add(self.chunk);
        chunk
    }

    /// Hands over every element of list `index` modulo the number of lists, and empties it.
    #[inline(always)]
    pub(super) fn drain(&mut self, index: u32, mut take: impl FnMut(T)) {
        let list = index as usize & (self.tails.len() - 1);
        let mut end = std::mem::replace(&mut self.tails[list], ptr::null_mut());
        while !end.is_null() {
            let last = end.wrapping_sub(1);
            let start = last.map_addr(|at| at & !(self.chunk - 1));
            // SAFETY: a list's chunks were written from their links to their ends; the last of them
            // to the list's tail.
            let (previous, elements) = unsafe {
                let elements = start.add(Self::LINK);
                let n = end.offset_from_unsigned(elements);
                (*start.cast::<*mut T>(), std::slice::from_raw_parts(elements, n))
            };
            for line in (0..self.chunk).step_by(LINE) {
                prefetch(previous.wrapping_byte_add(line));
            }
            elements.iter().for_each(|&element| take(element));
            self.free.push(start);
            end = if previous.is_null() { previous } else { previous.wrapping_byte_add(self.chunk) };
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        let pointers = self.tails.len() + self.free.capacity() + self.blocks.capacity();
        (size_of::<*mut T>() * pointers + self.block.size() * self.blocks.len()) as u64
    }
}

impl<T> Drop for Lists<T> {
    fn drop(&mut self) {
        for block in &self.blocks {
            // SAFETY: allocated with this layout, and freed once.
            unsafe { deallocate(block.as_ptr().cast(), self.block) };
        }
    }
}

/// Asks for the cache line at `at` ahead of time; any address will do.
#[inline(always)]
fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect but on caches, and SSE is part of x86-64.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is added and drained, in whatever order and on whatever thread, comes out as it would of plain
    /// vectors.
    fn are_like_vectors<T: Copy + Ord + Send + std::fmt::Debug + 'static>(
        chunk: usize,
        element: fn(u32) -> T,
    ) {
        const LISTS: u32 = 16;
        let mut lists = Lists::<T>::new(LISTS as usize, chunk);
        let mut vectors = vec![Vec::<T>::new(); LISTS as usize];
        for round in 0..400 {
            let words = |k: u32| crate::engine::rng::threefry([round, chunk as u32], [k, 0]);
            let n = words(0)[0] % (if round % 10 == 0 { 4000 } else { 60 });
            let (indices, elements): (Vec<u32>, Vec<T>) =
                (1..=n).map(words).map(|[list, value]| (list % 40, element(value))).unzip();
            let first = words(0)[1];
            lists.push_each(first, &indices, &elements);
            for (&index, &value) in indices.iter().zip(&elements) {
                vectors[(first.wrapping_add(index) % LISTS) as usize].push(value);
            }
            // Elsewhere from time to time, as shards go from thread to thread.
            let taken = if round % 3 == 0 { LISTS } else { 3 };
            (lists, vectors) = std::thread::spawn(move || {
                for list in (0..taken).map(|k| round.wrapping_mul(5) + k) {
                    let mut drained = Vec::new();
                    lists.drain(list, |element| drained.push(element));
                    let mut expected = std::mem::take(&mut vectors[(list % LISTS) as usize]);
                    drained.sort_unstable();
                    expected.sort_unstable();
                    assert_eq!(drained, expected, "round {round}, list {list}");
                }
                (lists, vectors)
            })
            .join()
            .unwrap();
        }
    }

    #[test]
    fn lists_are_like_vectors_for_elements_and_chunks_of_any_size() {
        for chunk in [4, 8, 64, 512] {
            are_like_vectors::<u32>(chunk, |word| word);
            are_like_vectors::<u64>(chunk, |word| u64::from(word) << 17);
            are_like_vectors::<[u32; 4]>(chunk, |word| [word, !word, word / 3, 7]);
        }
        // Blocks of whole large pages.
        are_like_vectors::<u64>(1 << 14, u64::from);
    }

    #[test]
    fn drained_chunks_are_used_again() {
        let mut lists = Lists::<u32>::new(16, 64);
        for step in 1..1000 {
            lists.drain(step, |_| ());
            (0..500).for_each(|k| lists.push(step + 1 + k % 10, k));
        }
        assert!(lists.bytes() < 100_000, "{} bytes", lists.bytes());
    }

    #[test]
    fn what_lists_will_hold_is_known_before() {
        for (lists, chunk, n) in [(16, 64, 5_000), (512, 64, 200_000), (512, 512, 2_000_000)] {
            let mut held = Lists::<u32>::new(lists, chunk);
            (0..n).for_each(|k: u32| held.push(k.wrapping_mul(2_654_435_761) >> 16, k));
            let (told, holds) = (Lists::<u32>::bytes_with(lists, chunk, n.into()), held.bytes());
            // Memory is taken in whole blocks.
            let block = Lists::<u32>::block(chunk * size_of::<u32>()).size() as u64;
            assert!(10 * told.abs_diff(holds) <= holds + 10 * block, "{told} {holds}");
        }
    }

    #[test]
    fn every_element_comes_back_from_its_list() {
        for chunk in [8, 64, 512] {
            let mut lists = Lists::<u64>::new(4, chunk);
            for turn in 0..3 {
                (0..5000).for_each(|k| lists.push(k % 3, u64::from(k * 3 + turn)));
                for list in 0..4 {
                    let mut drained = Vec::new();
                    lists.drain(list, |element| drained.push(element));
                    drained.sort_unstable();
                    let expected = (0..5000).filter(|k| k % 3 == list).map(|k| u64::from(k * 3 + turn));
                    assert_eq!(drained, expected.collect::<Vec<_>>());
                }
            }
        }
    }
}
