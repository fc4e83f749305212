//! Memory for lists, in chunks of equal size: those that one shard has emptied are filled by the next, while the cache
//! still holds them, and memory follows what all shards hold together.

use super::pages::{LARGE_PAGE, allocate, deallocate};
use std::alloc::{Layout, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Chunks that are allocated together, if they do not fill a large page.
const CHUNKS_OF_BLOCK: usize = 64;

/// Most free chunks that a thread keeps for itself, and how many it hands over if it has more.
const MOST_KEPT: usize = 4096;
const HANDED_OVER: usize = MOST_KEPT / 2;

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
        Arc::new(Self { chunk, block: Self::block(chunk), owned: Mutex::default() })
    }

    /// Bytes of a chunk.
    pub(super) fn chunk(&self) -> usize {
        self.chunk
    }

    /// What is allocated at once for chunks of so many bytes.
    fn block(chunk: usize) -> Layout {
        let is_large = CHUNKS_OF_BLOCK * chunk >= LARGE_PAGE / 16;
        let bytes = if is_large { LARGE_PAGE.max(chunk) } else { CHUNKS_OF_BLOCK * chunk };
        let align = if is_large { bytes } else { chunk };
        Layout::from_size_align(bytes, align).expect("powers of two")
    }

    /// Bytes that an arena holds for so many chunks, with the pointers to them.
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

    /// Moves free chunks to `free`, new ones where there are none.
    fn refill(&self, free: &mut Vec<NonNull<u8>>) {
        let mut owned = self.owned();
        let rest = owned.free.len().saturating_sub(HANDED_OVER);
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

    /// A chunk whose content is of no meaning, and for an eye to the next one.
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

    /// Takes back a chunk that was taken from the same arena.
    #[inline(always)]
    pub(super) fn give(&mut self, chunk: NonNull<u8>) {
        self.free.push(chunk);
        if self.free.len() > MOST_KEPT {
            // The oldest, which have left the cache.
            self.arena.owned().free.extend(self.free.drain(..HANDED_OVER));
        }
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        self.arena.owned().free.append(&mut self.free);
    }
}
