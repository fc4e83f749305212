//! Lists that grow and are emptied all the time: linked chunks from one pool.
//!
//! A chunk's first element links to its list's previous chunk; chunk 0 is never used, so that 0
//! means none. Chunks of an emptied list are used again at once, while the cache still holds them.

/// An element that can hold the index of a chunk in its place.
pub(super) trait Element: Copy {
    /// Packs an index.
    fn link(chunk: u32) -> Self;
    /// The index that was packed.
    fn linked(self) -> u32;
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// Elements ahead of a list's end whose cache line is fetched when one is added.
const PUSHED_AHEAD: usize = 24;

/// A number of lists of elements.
#[derive(Debug)]
pub(super) struct Lists<T> {
    /// Where each list's next element goes; a multiple of `chunk` where a new chunk is needed.
    tails: Vec<u32>,
    /// Elements of a chunk, a power of two.
    chunk: u32,
    pool: Vec<T>,
    free: Vec<u32>,
}

impl<T: Element> Lists<T> {
    /// Empty lists, a power of two of them; chunks of `chunk` elements, also a power of two.
    pub(super) fn new(lists: usize, chunk: u32) -> Self {
        assert!(lists.is_power_of_two() && chunk.is_power_of_two() && chunk > 1);
        Self { tails: vec![0; lists], chunk, pool: vec![T::link(0); chunk as usize], free: Vec::new() }
    }

    /// Adds to list `index` modulo the number of lists.
    #[inline(always)]
    pub(super) fn push(&mut self, index: u32, element: T) {
        let list = index as usize & (self.tails.len() - 1);
        // SAFETY: `list` is below the number of lists, a power of two. A tail that is not a
        // multiple of `chunk` lies within a chunk of the pool, as does what `grow` returns.
        unsafe {
            let mut tail = *self.tails.get_unchecked(list);
            if tail & (self.chunk - 1) == 0 {
                tail = self.grow(tail);
            }
            *self.pool.get_unchecked_mut(tail as usize) = element;
            *self.tails.get_unchecked_mut(list) = tail + 1;
        }
    }

    /// Adds elements, each to the list at `first` plus its own index modulo the number of lists.
    #[inline(always)]
    pub(super) fn push_each(&mut self, first: u32, indices: &[u32], elements: &[T]) {
        let (mask, in_chunk) = (self.tails.len() - 1, self.chunk - 1);
        // Kept at hand: the compiler cannot know that elements do not overwrite them.
        let (mut tails, mut pool) = (self.tails.as_mut_ptr(), self.pool.as_mut_ptr());
        for (&index, &element) in indices.iter().zip(elements) {
            let list = (first + index) as usize & mask;
            // SAFETY: as in `push`; both pointers are taken anew where `grow` may move what they
            // point to. A prefetch has no effect but on caches.
            unsafe {
                let mut tail = *tails.add(list);
                if tail & in_chunk == 0 {
                    tail = self.grow(tail);
                    (tails, pool) = (self.tails.as_mut_ptr(), self.pool.as_mut_ptr());
                }
                *pool.add(tail as usize) = element;
                *tails.add(list) = tail + 1;
                prefetch(pool.wrapping_add(tail as usize + PUSHED_AHEAD));
            }
        }
    }

    /// Takes a chunk, links it to the one that ends at `tail` (none where that is 0), and returns
    /// where its first element goes.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, tail: u32) -> u32 {
        let chunk = self.free.pop().unwrap_or_else(|| {
            let chunk = self.pool.len() as u32;
            self.pool.resize(self.pool.len() + self.chunk as usize, T::link(0));
            chunk
        });
        self.pool[chunk as usize] = T::link(tail.saturating_sub(self.chunk));
        chunk + 1
    }

    /// Hands over every element of list `index` modulo the number of lists, and empties it.
    #[inline(always)]
    pub(super) fn drain(&mut self, index: u32, mut take: impl FnMut(T)) {
        let list = index as usize & (self.tails.len() - 1);
        let chunk = self.chunk as usize;
        let mut end = std::mem::take(&mut self.tails[list]) as usize;
        while end != 0 {
            let start = (end - 1) & !(chunk - 1);
            let previous = self.pool[start].linked() as usize;
            for line in (0..chunk).step_by(LINE / size_of::<T>()) {
                prefetch(self.pool.as_ptr().wrapping_add(previous + line));
            }
            for &element in &self.pool[start + 1..end] {
                take(element);
            }
            self.free.push(start as u32);
            end = if previous == 0 { 0 } else { previous + chunk };
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        (4 * (self.tails.len() + self.free.capacity()) + size_of::<T>() * self.pool.capacity()) as u64
    }
}

/// Asks for the cache line at `at` ahead of time; any address will do.
#[inline(always)]
fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect but on caches, and SSE is part of x86-64.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast())
    };
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drained_chunks_are_used_again() {
        let mut lists = Lists::<u32>::new(16, 64);
        for step in 1..1000 {
            lists.drain(step, |_| ());
            (0..500).for_each(|k| lists.push(step + 1 + k % 10, k));
        }
        assert!(lists.bytes() < 100_000, "{} bytes", lists.bytes());
    }
}
