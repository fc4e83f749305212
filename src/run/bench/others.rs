//! Whether other programs hold the cores while something is measured.

use crate::disk;
use serde::Serialize;
use std::path::Path;

/// Cores that others may hold, in the mean, without a word: what a system does by itself.
const MAX_UNTOLD: f64 = 0.1;

/// What other programs took of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Others {
    /// Cores that they held, in the mean, the machine's own host included where it tells.
    pub cores: f64,
    /// Whether that is enough to make times too long.
    pub disturb: bool,
}

/// The processor time of a moment, in the system's ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticks {
    /// Of all cores together.
    all: u64,
    /// Of these the idle ones.
    idle: u64,
    /// Those of this process.
    own: u64,
    cores: u64,
}

impl Ticks {
    /// Those of now; `None` if the system does not tell.
    pub fn now() -> Option<Self> {
        let read = |file: &str| disk::read_text_limited(Path::new(file), disk::MAX_TEXT_BYTES).ok();
        Self::parse(&read("/proc/stat")?, &read("/proc/self/stat")?)
    }

    /// From the content of `/proc/stat` and `/proc/self/stat`, both described in `proc(5)`.
    fn parse(stat: &str, of_process: &str) -> Option<Self> {
        let numbers =
            |line: &str| line.split_whitespace().map_while(|n| n.parse().ok()).collect::<Vec<u64>>();
        // User, nice, system, idle, waiting for disks, interrupts (two kinds), stolen by the host; what guests
        // take is in the first two already.
        let columns = numbers(stat.lines().find_map(|line| line.strip_prefix("cpu "))?);
        let columns = columns.get(..8)?;
        let cores = stat.lines().filter(|line| line.starts_with("cpu")).count().checked_sub(1)?;
        // A program's name may hold anything; user and system time are the 12th and 13th field behind it.
        let behind_name = of_process.rsplit_once(')')?.1;
        let own: Vec<&str> = behind_name.split_whitespace().skip(11).take(2).collect();
        let own = own.iter().map(|n| n.parse::<u64>().ok()).sum::<Option<u64>>()?;
        let (all, idle) = (columns.iter().sum(), columns[3] + columns[4]);
        Some(Self { all, idle, own, cores: cores as u64 })
    }

    /// What others took since `before`; `None` if no time has passed.
    pub fn others_since(self, before: Self) -> Option<Others> {
        let since = |now: u64, before: u64| now.saturating_sub(before) as f64;
        let all = since(self.all, before.all);
        let busy = all - since(self.idle, before.idle);
        let others = (busy - since(self.own, before.own)).max(0.0);
        let cores = others / all * self.cores as f64;
        (all > 0.0).then_some(Others { cores, disturb: cores > MAX_UNTOLD })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After `own`, `others` and `idle` ticks.
    fn ticks(own: u64, others: u64, idle: u64) -> Ticks {
        let user = 1000 + own + others;
        let stat = format!("cpu  {user} 0 50 {} 7 0 0 0 0 0\ncpu0 1 2\ncpu1 1 2\nintr 9\n", 9000 + idle);
        let fields = "S 1 2 3 4 5 6 7 8 9 10";
        Ticks::parse(&stat, &format!("17 (a) b) {fields} {} {} 0 0", 40 + own, 2)).expect("ticks")
    }

    #[test]
    fn what_is_neither_idle_nor_the_program_s_own_is_held_by_others() {
        let others = |own, others, idle| ticks(own, others, idle).others_since(ticks(0, 0, 0)).expect("time");
        assert_eq!(others(100, 0, 100), Others { cores: 0.0, disturb: false });
        assert_eq!(others(100, 50, 50), Others { cores: 0.5, disturb: true });
        assert_eq!(others(0, 2, 198), Others { cores: 0.02, disturb: false });
        assert_eq!(ticks(0, 0, 0).others_since(ticks(0, 0, 0)), None);
        assert_eq!(Ticks::parse("", ""), None);
    }
}
