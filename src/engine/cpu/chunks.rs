//! Memory for lists, in chunks of equal size: those that one shard has emptied are filled by the next, while the cache
//! still holds them, and memory follows what all shards hold together.

use super::pages::{LARGE_PAGE, allocate, deallocate};
use std::alloc::{Layout, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Chunks that are allocated together, if they do not fill a large page.
const CHUNKS_OF_BLOCK: usize = 64;

/// Bytes of free chunks that a thread keeps for itself at most. It hands over half of them if it has more, and takes
/// at most so many if it has none.
pub(super) const MOST_KEPT: usize = 2 << 20;

/// All memory of an engine's lists.
#[derive(Debug)]
pub(super) struct Arena {
    /// Bytes of a chunk, a power of two, to which it is aligned.
    chunk: usize,
    /// What is allocated at once.
    block: Layout,
    owned: Mutex<Owned>,
}

#[derive(Debug, Default)]
struct Owned {
    blocks: Vec<NonNull<u8>>,
    /// Chunks that no list and no thread has.
    free: Vec<NonNull<u8>>,
}

// SAFETY: the pointers lead to memory that the arena owns.
unsafe impl Send for Owned {}

impl Arena {
    /// An arena of chunks of so many bytes.
    pub(super) fn new(chunk: usize) -> Arc<Self> {
        assert!(chunk.is_power_of_two() && chunk <= LARGE_PAGE, "chunks of {chunk} bytes");
        Arc::new(Self { chunk, block: Self::block(chunk), owned: Mutex::default() })
    }

    /// Bytes of a chunk.
    pub(super) fn chunk(&self) -> usize {
        self.chunk
    }

    /// Half of the free chunks that a thread keeps at most.
    fn half_kept(&self) -> usize {
        (MOST_KEPT / 2 / self.chunk).max(1)
    }

    /// What is allocated at once for chunks of so many bytes.
    fn block(chunk: usize) -> Layout {
        let is_large = CHUNKS_OF_BLOCK * chunk >= LARGE_PAGE / 16;
        let bytes = if is_large { LARGE_PAGE } else { CHUNKS_OF_BLOCK * chunk };
        let align = if is_large { bytes } else { chunk };
        Layout::from_size_align(bytes, align).expect("powers of two")
    }

    /// Bytes that an arena holds while so many chunks are in use, with the pointers to them.
    pub(super) fn bytes_with(chunk: usize, chunks: u64) -> u64 {
        (chunks * chunk as u64).next_multiple_of(Self::block(chunk).size() as u64)
            + size_of::<*mut u8>() as u64 * chunks
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        let owned = self.owned();
        let pointers = owned.blocks.capacity() + owned.free.capacity();
        (self.block.size() * owned.blocks.len() + size_of::<*mut u8>() * pointers) as u64
    }

    fn owned(&self) -> MutexGuard<'_, Owned> {
        self.owned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves free chunks to `free`, new ones if there are none.
    fn refill(&self, free: &mut Vec<NonNull<u8>>) {
        let mut owned = self.owned();
        let rest = owned.free.len().saturating_sub(self.half_kept());
        free.extend(owned.free.drain(rest..));
        if free.is_empty() {
            let block = NonNull::new(allocate(self.block));
            let Some(block) = block else { handle_alloc_error(self.block) };
            owned.blocks.push(block);
            let chunks = self.block.size() / self.chunk;
            // SAFETY: all of them lie within the block.
            free.extend((0..chunks).rev().map(|k| unsafe { block.add(k * self.chunk) }));
        }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        for block in &self.owned().blocks {
            // SAFETY: allocated with this layout, and freed once.
            unsafe { deallocate(block.as_ptr(), self.block) };
        }
    }
}

/// Chunks of an arena that a thread takes from and gives back to.
#[derive(Debug)]
pub(super) struct Chunks {
    arena: Arc<Arena>,
    free: Vec<NonNull<u8>>,
}

// SAFETY: the pointers lead to memory that the arena owns.
unsafe impl Send for Chunks {}

impl Chunks {
    /// Those of `arena`, none for the time being.
    pub(super) fn of(arena: &Arc<Arena>) -> Self {
        Self { arena: Arc::clone(arena), free: Vec::new() }
    }

    /// Whether they are of this arena.
    pub(super) fn are_of(&self, arena: &Arc<Arena>) -> bool {
        Arc::ptr_eq(&self.arena, arena)
    }

    /// A chunk. What it holds means nothing.
    #[inline(always)]
    pub(super) fn take(&mut self) -> NonNull<u8> {
        loop {
            if let Some(chunk) = self.free.pop() {
                return chunk;
            }
            self.arena.refill(&mut self.free);
        }
    }

    /// The chunk that is taken next, if one is at hand.
    #[inline(always)]
    pub(super) fn next(&self) -> Option<NonNull<u8>> {
        self.free.last().copied()
    }

    /// Takes back a chunk.
    ///
    /// # Safety
    /// It was taken from chunks of the same arena, and no one uses it any more.
    #[inline(always)]
    pub(super) unsafe fn give(&mut self, chunk: NonNull<u8>) {
        self.free.push(chunk);
        let half = self.arena.half_kept();
        if self.free.len() > 2 * half {
            // The oldest, which have left the cache.
            self.arena.owned().free.extend(self.free.drain(..half));
        }
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        self.arena.owned().free.append(&mut self.free);
    }
}
