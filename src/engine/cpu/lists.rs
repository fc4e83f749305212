//! Lists that grow and are emptied all the time: linked chunks.
//!
//! A chunk is aligned to its size and starts with a link to its list's previous chunk.

use super::chunks::{Arena, Chunks};
use super::pages::{LINE, prefetch};
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// Elements ahead of a list's end whose cache line is fetched when one is added.
const PUSHED_AHEAD: usize = 16;

/// A number of lists of elements, all in chunks of one arena.
#[derive(Debug)]
pub(super) struct Lists<T> {
    /// Where each list's next element goes; null or the end of a chunk if a new one is needed.
    tails: Vec<*mut T>,
    /// Bytes of a chunk, a power of two.
    chunk: usize,
    arena: Arc<Arena>,
}

// SAFETY: the pointers lead to memory of the arena that these lists alone use.
unsafe impl<T: Send> Send for Lists<T> {}

impl<T: Copy> Lists<T> {
    /// Elements before the first: room for the link.
    const LINK: usize = size_of::<*mut T>().div_ceil(size_of::<T>());

    /// Empty lists, a power of two of them.
    pub(super) fn new(lists: usize, arena: &Arc<Arena>) -> Self {
        let chunk = arena.chunk();
        assert!(lists.is_power_of_two() && size_of::<T>().is_power_of_two());
        assert!(chunk > (Self::LINK + 1) * size_of::<T>());
        Self { tails: vec![ptr::null_mut(); lists], chunk, arena: Arc::clone(arena) }
    }

    /// Chunks of so many bytes that `lists` lists hold while `n` elements are in them: full ones, of which the last of
    /// each list in use is half full.
    pub(super) fn chunks_with(lists: usize, chunk: usize, n: u64) -> u64 {
        let elements = chunk / size_of::<T>() - Self::LINK;
        n.div_ceil(elements as u64) + n.min(lists as u64) / 2
    }

    /// Adds to list `index` modulo the number of lists.
    #[inline(always)]
    pub(super) fn push(&mut self, chunks: &mut Chunks, index: u32, element: T) {
        self.push_each(chunks, index, std::iter::once((0, element)));
    }

    /// Adds elements, each to the list at `first` plus its own index modulo the number of lists. `chunks` are of the
    /// lists' arena.
    #[inline(always)]
    pub(super) fn push_each(
        &mut self,
        chunks: &mut Chunks,
        first: u32,
        elements: impl Iterator<Item = (u32, T)>,
    ) {
        let (mask, in_chunk) = (self.tails.len() - 1, self.chunk - 1);
        // Kept at hand: the compiler cannot know that elements do not overwrite it.
        let tails = self.tails.as_mut_ptr();
        for (index, element) in elements {
            let list = first.wrapping_add(index) as usize & mask;
            // SAFETY: `list` is below the number of lists, a power of two. A tail that is not the end
            // of a chunk lies within one, as does what `grow` returns; `grow` leaves `tails` where
            // they are. A prefetch has no effect but on caches.
            unsafe {
                let mut tail = *tails.add(list);
                if tail as usize & in_chunk == 0 {
                    tail = self.grow(chunks, tail);
                }
                *tail = element;
                *tails.add(list) = tail.add(1);
                prefetch(tail.wrapping_add(PUSHED_AHEAD));
            }
        }
    }

    /// Adds elements to list `index` modulo the number of lists. `chunks` are of the lists' arena.
    #[inline(always)]
    pub(super) fn append(
        &mut self,
        chunks: &mut Chunks,
        index: u32,
        mut elements: impl ExactSizeIterator<Item = T>,
    ) {
        let list = index as usize & (self.tails.len() - 1);
        while elements.len() > 0 {
            let mut tail = self.tails[list];
            if tail as usize & (self.chunk - 1) == 0 {
                tail = self.grow(chunks, tail);
            }
            let room = (self.chunk - (tail as usize & (self.chunk - 1))) / size_of::<T>();
            let (all, now) = (elements.len(), room.min(elements.len()));
            for (place, element) in (0..now).zip(&mut elements) {
                // SAFETY: a tail that is not the end of a chunk lies within one, which has room for so many.
                unsafe { tail.add(place).write(element) };
            }
            assert_eq!(elements.len() + now, all, "as many elements as were told");
            self.tails[list] = tail.wrapping_add(now);
        }
    }

    /// Asks for the cache lines where `n` lists from `first` on end, ahead of time.
    pub(super) fn fetch_ends(&self, first: u32, n: u32) {
        let mask = self.tails.len() - 1;
        let tails = (0..n).map(|k| self.tails[first.wrapping_add(k) as usize & mask]);
        // Null has no page, which takes long to find out.
        tails.filter(|tail| !tail.is_null()).for_each(|tail| prefetch(tail));
    }

    /// Takes a chunk, links it to the one that ends at `tail` (none if that is null), and returns
    /// where its first element goes.
    #[cold]
    #[inline(never)]
    fn grow(&self, chunks: &mut Chunks, tail: *mut T) -> *mut T {
        assert!(chunks.are_of(&self.arena), "chunks of another arena");
        let chunk = chunks.take().as_ptr().cast::<T>();
        if let Some(next) = chunks.next() {
            prefetch(next.as_ptr());
        }
        let previous = if tail.is_null() { tail } else { tail.wrapping_byte_sub(self.chunk) };
        // SAFETY: a chunk starts with room for a link, and is aligned for one.
        unsafe {
            chunk.cast::<*mut T>().write(previous);
            chunk.add(Self::LINK)
        }
    }

    /// Hands over the elements of list `index` modulo the number of lists, chunk by chunk and with `chunks`, and empties
    /// it. `chunks`, of the lists' arena, have those of the list then.
    #[inline(always)]
    pub(super) fn drain(&mut self, chunks: &mut Chunks, index: u32, mut take: impl FnMut(&mut Chunks, &[T])) {
        assert!(chunks.are_of(&self.arena), "chunks of another arena");
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
            if !previous.is_null() {
                (0..self.chunk).step_by(LINE).for_each(|line| prefetch(previous.wrapping_byte_add(line)));
            }
            take(chunks, elements);
            let emptied = NonNull::new(start.cast()).expect("it holds elements");
            // SAFETY: `grow` has taken it, and the list has lost its end.
            unsafe { chunks.give(emptied) };
            end = if previous.is_null() { previous } else { previous.wrapping_byte_add(self.chunk) };
        }
    }

    /// Bytes held, beside the chunks.
    pub(super) fn bytes(&self) -> u64 {
        (size_of::<*mut T>() * self.tails.capacity()) as u64
    }
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
        let arena = Arena::new(chunk * size_of::<T>());
        let mut lists = Lists::<T>::new(LISTS as usize, &arena);
        let mut vectors = vec![Vec::<T>::new(); LISTS as usize];
        let mut chunks = Chunks::of(&arena);
        for round in 0..400 {
            let words = |k: u32| crate::engine::rng::threefry([round, chunk as u32], [k, 0]);
            // Two lists give runs.
            let in_use = if round % 4 == 1 { 2 } else { 40 };
            let n = words(0)[0] % (if round % 10 == 0 { 20_000 } else { 60 });
            let added: Vec<(u32, T)> =
                (1..=n).map(words).map(|[list, value]| (list % in_use, element(value))).collect();
            let first = words(0)[1];
            if round % 2 == 0 {
                lists.push_each(&mut chunks, first, added.iter().copied());
            } else {
                for run in added.chunk_by(|a, b| a.0 == b.0) {
                    let list = first.wrapping_add(run[0].0);
                    lists.append(&mut chunks, list, run.iter().map(|&(_, element)| element));
                }
            }
            for (index, value) in added {
                vectors[(first.wrapping_add(index) % LISTS) as usize].push(value);
            }
            // Elsewhere from time to time, as shards go from thread to thread.
            let taken = if round % 3 == 0 { LISTS } else { 3 };
            let mut of_other = Chunks::of(&arena);
            (lists, vectors) = std::thread::spawn(move || {
                for list in (0..taken).map(|k| round.wrapping_mul(5) + k) {
                    let mut drained = Vec::new();
                    lists.drain(&mut of_other, list, |_, elements| {
                        drained.extend_from_slice(elements);
                    });
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
    fn drained_chunks_are_used_again_by_whatever_list_and_thread() {
        let arena = Arena::new(4096);
        let fill = |lists: &mut Lists<u32>, chunks: &mut Chunks| {
            (0..2_000_000).for_each(|k| lists.push(chunks, k % 16, k));
        };
        let [mut first, mut second] = [(); 2].map(|()| Lists::<u32>::new(16, &arena));
        let mut chunks = Chunks::of(&arena);
        fill(&mut first, &mut chunks);
        let held = arena.bytes();
        (0..16).for_each(|list| first.drain(&mut chunks, list, |_, _| ()));
        // What this thread keeps is little.
        fill(&mut second, &mut Chunks::of(&arena));
        let more = arena.bytes() - held;
        assert!(held > 8_000_000 && more < held / 3, "{held} bytes and {more} more");
    }

    #[test]
    fn drained_chunks_are_used_again() {
        let arena = Arena::new(256);
        let (mut lists, mut chunks) = (Lists::<u32>::new(16, &arena), Chunks::of(&arena));
        for step in 1..1000 {
            lists.drain(&mut chunks, step, |_, _| ());
            (0..500).for_each(|k| lists.push(&mut chunks, step + 1 + k % 10, k));
        }
        let bytes = lists.bytes() + arena.bytes();
        assert!(bytes < 100_000, "{bytes} bytes");
    }

    #[test]
    fn every_element_comes_back_from_its_list() {
        for chunk in [64, 512, 4096] {
            let arena = Arena::new(chunk);
            let (mut lists, mut chunks) = (Lists::<u64>::new(4, &arena), Chunks::of(&arena));
            for turn in 0..3 {
                (0..5000).for_each(|k| lists.push(&mut chunks, k % 3, u64::from(k * 3 + turn)));
                for list in 0..4 {
                    let mut drained = Vec::new();
                    lists.drain(&mut chunks, list, |_, elements| drained.extend_from_slice(elements));
                    drained.sort_unstable();
                    let expected = (0..5000).filter(|k| k % 3 == list).map(|k| u64::from(k * 3 + turn));
                    assert_eq!(drained, expected.collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "another arena")]
    fn chunks_of_another_arena_are_refused() {
        let arenas = [Arena::new(256), Arena::new(256)];
        let mut lists = Lists::<u32>::new(16, &arenas[0]);
        lists.push(&mut Chunks::of(&arenas[1]), 1, 1);
    }

    #[test]
    fn what_lists_will_hold_is_known_before() {
        for (n_lists, chunk, n) in
            [(16, 256, 5_000), (512, 256, 200_000), (512, 4096, 2_000_000), (512, 4096, 300_000)]
        {
            let arena = Arena::new(chunk);
            let (mut lists, mut chunks) = (Lists::<u32>::new(n_lists, &arena), Chunks::of(&arena));
            (0..n).for_each(|k: u32| lists.push(&mut chunks, k.wrapping_mul(2_654_435_761) >> 16, k));
            let told = Arena::bytes_with(chunk, Lists::<u32>::chunks_with(n_lists, chunk, n.into()));
            let holds = arena.bytes();
            // Memory is taken in whole blocks.
            let block = Arena::bytes_with(chunk, 1);
            assert!(10 * told.abs_diff(holds) <= holds + 10 * block, "{told} {holds}");
        }
    }
}
