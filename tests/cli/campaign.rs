//! A target that is given one wrong input after the other, for a number of cases or for a time.
//!
//! `HUMAM_FUZZ_SECONDS` is how long each target runs; without it each runs a few cases of its own.
//! `HUMAM_FUZZ_SEED` is where it starts (0). Each case is a pure function of its number, which is written
//! down before the case runs, so that one that ends the process or never ends is known too.

use rand::SeedableRng;
use rand::rngs::StdRng;
use std::alloc::{GlobalAlloc, Layout, System};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Largest allocation of any target, bytes: many times what the largest input here asks for, and far
/// below what a length that is made up would.
const LARGEST_ALLOCATION: usize = 1 << 28;
/// Most that all targets of a test hold together, bytes.
const MAX_HELD: usize = 1 << 31;
/// Longest time of a case: the slowest takes some seconds where others hold the cores.
const LONGEST_CASE: Duration = Duration::from_secs(120);

/// Refuses what no input here has a right to; the process then ends with the size that was asked for.
struct Limited;

static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes on to the system's allocator, or gives the null that a failed one does.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        if layout.size() > LARGEST_ALLOCATION || held > MAX_HELD {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Limited = Limited;

/// Runs `case` with the chance of each number from 0 on, `n_cases` times or for the time that is asked
/// for; returns how many there were.
///
/// # Panics
/// A case that panics or takes too long, with its number.
pub fn campaign(target: &str, n_cases: u64, mut case: impl FnMut(&mut StdRng)) -> u64 {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let time = number("HUMAM_FUZZ_SECONDS").map(Duration::from_secs);
    let first = number("HUMAM_FUZZ_SEED").unwrap_or(0);
    let note = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}.case"));
    let (started, mut done) = (Instant::now(), 0);
    while time.map_or(done < n_cases, |time| started.elapsed() < time) {
        let number = first + done;
        std::fs::write(&note, number.to_string()).expect("a note");
        let began = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| case(&mut StdRng::seed_from_u64(number))));
        assert!(outcome.is_ok(), "{target}: case {number} panics: HUMAM_FUZZ_SEED={number} starts with it");
        assert!(began.elapsed() < LONGEST_CASE, "{target}: case {number} takes {:?}", began.elapsed());
        done += 1;
    }
    println!("{target}: {done} cases from {first} on, {:.0} s", started.elapsed().as_secs_f64());
    done
}
