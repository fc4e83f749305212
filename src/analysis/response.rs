//! Responses to stimuli: peri-stimulus time histograms of populations and areas, and latencies.
//!
//! A trial begins where a stimulus does, of `pulses` with each pulse. Counts of the bins after it are summed over trials;
//! the baseline are the bins before each of them. So what changes slowly is in both alike. Between two pulses up to three
//! quarters of the time belong to the response, and the rest to the baseline of the next one.
//!
//! The latency is the start of the first bin whose count is not that of the baseline: with b spikes in n bins of
//! baseline and c in a bin of m trials, c of b + c is binomial with m / (m + n) if the rate is the same, whatever it is
//! (Przyborowski & Wilenski 1940, doi:10.1093/biomet/31.3-4.313). Counts of populations vary more than Poisson numbers do,
//! so both are divided by the Fano factor of the bins of baseline, where it is above 1. Of all bins of a response
//! together, `analysis.response_alpha` is the probability that one is taken for a response that is none (Bonferroni).

use super::areas::AreaRows;
use super::{Absence, Known, RunFolder, SpikeStatistics, Window, pearson};
use crate::config::AnalysisOptions;
use crate::engine::fixed_point::{Stimulus, nearest_step};
use crate::model::network::NetworkSpec;
use crate::simulation::recording::PopulationRow;
use ndarray::{Array2, ArrayView1, s};
use statrs::function::beta::beta_reg;

/// Fewest bins of a baseline.
const FEWEST_BINS: usize = 10;
/// Longest response to one of several pulses, in periods.
const LONGEST_RESPONSE: f64 = 0.75;
/// Fewest areas of a rank correlation.
const FEWEST_AREAS: usize = 3;
const MS_PER_S: f64 = 1000.0;

/// What follows a stimulus.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Its name, such as `stimuli[0].poisson`.
    pub stimulus: String,
    /// Start of each trial, ms.
    pub onsets_ms: Vec<f64>,
    /// Bins of the histograms that belong to the baseline, which come first; the mean over trials, as the others.
    pub baseline_bins: usize,
    /// Start of the first bin after the baseline, ms from the onset.
    pub first_ms: f64,
    /// Width of a bin, ms.
    pub bin_ms: f64,
    /// Rates, 1/s, shape [population, bin]; NaN if they are not known.
    pub populations_hz: Array2<f64>,
    /// The same of areas.
    pub areas_hz: Array2<f64>,
    /// Mean delay of the synapses from what is stimulated onto each area, ms; `None` of what is stimulated itself, and
    /// if there are none.
    pub delays_ms: Vec<Option<f64>>,
    /// Spearman's rank correlation of latencies and mean delays, over the areas that have both.
    pub rank_correlation: Known<f64>,
    /// What each population does.
    pub populations: Vec<Reaction>,
    /// What each area does.
    pub areas: Vec<Reaction>,
}

/// What a population or an area does after a stimulus.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaction {
    /// Rate before the stimulus, 1/s.
    pub baseline_hz: Known<f64>,
    /// Rate that is farthest from it, 1/s, and its bin's start, ms from the onset.
    pub peak: Known<(f64, f64)>,
    /// Start of the first bin whose count is not that of the baseline, ms from the onset.
    pub latency_ms: Known<f64>,
}

impl Response {
    /// Start of a bin of the histograms, ms from the onset.
    pub fn time_ms(&self, bin: usize) -> f64 {
        self.first_ms + (bin as f64 - self.baseline_bins as f64) * self.bin_ms
    }
}

/// Responses to the stimuli of a run, in their order; those that begin with its end, or behind it, have none.
pub(super) fn responses(
    run: &RunFolder,
    window: &Window,
    areas: &[AreaRows],
    spikes: &SpikeStatistics,
) -> Vec<Response> {
    let RunFolder { config, populations, stored, .. } = run;
    let found = config.stimuli.iter().enumerate().filter_map(|(index, stimulus)| {
        let trials = Trials::new(stimulus, window, &config.analysis)?;
        let alpha = config.analysis.response_alpha;
        let alone: Vec<Vec<usize>> = (0..populations.len()).map(|row| vec![row]).collect();
        let together: Vec<Vec<usize>> = areas.iter().map(|area| area.rows.clone()).collect();
        let of = |groups: &[Vec<usize>]| trials.of_groups(groups, populations, spikes, alpha);
        let ((populations_hz, of_populations), (areas_hz, of_areas)) = (of(&alone), of(&together));
        let delays_ms =
            delays_ms(&stored.network, &stored.network.chosen(stimulus.populations()), populations, areas);
        Some(Response {
            stimulus: stimulus.name(index),
            onsets_ms: trials.onsets_ms.clone(),
            baseline_bins: trials.n_baseline,
            first_ms: trials.first_ms,
            bin_ms: window.bin_ms(),
            populations_hz,
            areas_hz,
            rank_correlation: rank_correlation(&delays_ms, &of_areas),
            delays_ms,
            populations: of_populations,
            areas: of_areas,
        })
    });
    found.collect()
}

/// Mean delay of the synapses from populations onto each area that has none of them, ms.
fn delays_ms(
    network: &NetworkSpec,
    stimulated: &[usize],
    populations: &[PopulationRow],
    areas: &[AreaRows],
) -> Vec<Option<f64>> {
    let mut area_of = vec![None; network.populations.len()];
    for (area, rows) in areas.iter().enumerate() {
        rows.rows.iter().for_each(|&row| area_of[populations[row].index] = Some(area));
    }
    let mut sums = vec![(0.0, 0.0); areas.len()];
    for projection in network.projections.iter().filter(|projection| stimulated.contains(&projection.source))
    {
        if let Some(area) = area_of[projection.target] {
            let (delays_ms, synapses): &mut (f64, f64) = &mut sums[area];
            *delays_ms += projection.synapses as f64 * projection.delay.mean_ms;
            *synapses += projection.synapses as f64;
        }
    }
    stimulated.iter().filter_map(|&population| area_of[population]).for_each(|area| sums[area].1 = 0.0);
    sums.into_iter().map(|(delays_ms, synapses)| (synapses > 0.0).then(|| delays_ms / synapses)).collect()
}

/// Spearman's rank correlation, over the areas that have both a latency and a delay.
fn rank_correlation(delays_ms: &[Option<f64>], areas: &[Reaction]) -> Known<f64> {
    let pair =
        |(delay_ms, found): (&Option<f64>, &Reaction)| Some(((*delay_ms)?, *found.latency_ms.as_ref().ok()?));
    let (delays_ms, latencies_ms): (Vec<f64>, Vec<f64>) =
        delays_ms.iter().zip(areas).filter_map(pair).unzip();
    let found =
        pearson(&ranks(&delays_ms), &ranks(&latencies_ms)).filter(|_| delays_ms.len() >= FEWEST_AREAS);
    found.ok_or(Absence::TooFewLatencies)
}

/// The rank of each value; of equal ones the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let below = |value: f64| values.iter().filter(|&&other| other < value).count() as f64;
    let equal = |value: f64| values.iter().filter(|&&other| other == value).count() as f64;
    values.iter().map(|&value| below(value) + (equal(value) + 1.0) / 2.0).collect()
}

/// Bins of a run that belong to the trials of a stimulus.
struct Trials {
    onsets_ms: Vec<f64>,
    /// First bin of the baseline of each trial that has one.
    baselines: Vec<usize>,
    /// Bins of a baseline.
    n_baseline: usize,
    /// First bin of each trial.
    first_bins: Vec<usize>,
    /// Bins of a trial.
    n_bins: usize,
    first_ms: f64,
    bin_ms: f64,
}

impl Trials {
    fn new(stimulus: &Stimulus, window: &Window, options: &AnalysisOptions) -> Option<Self> {
        let onsets_ms = onsets(stimulus, window.duration_ms());
        let first = *onsets_ms.first()?;
        let bins = |time_ms: f64| (time_ms / window.bin_ms() + 1e-9) as usize;
        let step = |onset_ms: f64| nearest_step(onset_ms, window.dt_ms);
        let first_bin = |onset_ms: &f64| step(*onset_ms).div_ceil(window.steps_per_bin) as usize;
        let baseline_end = |onset_ms: f64| (step(onset_ms) / window.steps_per_bin) as usize;
        // Whole bins from one onset to the next, of which the response leaves some to the baseline.
        let between =
            onsets_ms.windows(2).map(|pair| baseline_end(pair[1]).saturating_sub(first_bin(&pair[0])));
        let room = between.min();
        let longest = room.map_or(usize::MAX, |room| (LONGEST_RESPONSE * room as f64) as usize);
        let all_bins = bins(options.response_ms).min(longest).max(1);
        let left = window.n_bins().checked_sub(first_bin(&first)).filter(|&left| left > 0)?;
        let n_bins = all_bins.min(left);
        // Trials that the end of the run cuts off are none.
        let whole = |onset_ms: &&f64| first_bin(onset_ms) + n_bins <= window.n_bins();
        let onsets_ms: Vec<f64> = onsets_ms.iter().filter(whole).copied().collect();
        let ends: Vec<usize> = onsets_ms.iter().map(|&onset_ms| baseline_end(onset_ms)).collect();
        let free = room.map_or(usize::MAX, |room| room.saturating_sub(all_bins));
        // A run may begin too late for the whole baseline of a stimulus, and for that of its first pulse.
        let n_baseline = bins(options.response_baseline_ms).min(free).min(ends.last().copied().unwrap_or(0));
        let first_ms = first_bin(&first) as f64 * window.bin_ms() - first;
        Some(Self {
            first_bins: onsets_ms.iter().map(first_bin).collect(),
            onsets_ms,
            baselines: ends.iter().filter_map(|end| end.checked_sub(n_baseline)).collect(),
            n_baseline,
            n_bins,
            // A time on the grid, without what rounding has left.
            first_ms: (first_ms / window.dt_ms).round() * window.dt_ms,
            bin_ms: window.bin_ms(),
        })
    }

    /// Histograms of groups of populations, and what each does.
    fn of_groups(
        &self,
        groups: &[Vec<usize>],
        populations: &[PopulationRow],
        spikes: &SpikeStatistics,
        alpha: f64,
    ) -> (Array2<f64>, Vec<Reaction>) {
        let mut rates_hz = Array2::from_elem((groups.len(), self.n_baseline + self.n_bins), f64::NAN);
        let reactions = groups.iter().zip(rates_hz.rows_mut()).map(|(rows, mut rates_hz)| {
            if rows.iter().any(|&row| !spikes.counted[row]) {
                return Reaction::absent(&Absence::NotRecorded);
            }
            let in_bin =
                |bin: usize| rows.iter().map(|&row| f64::from(spikes.counts[[row, bin]])).sum::<f64>();
            let summed =
                |firsts: &[usize], k: usize| firsts.iter().map(|first| in_bin(first + k)).sum::<f64>();
            let neurons: f64 = rows.iter().map(|&row| f64::from(populations[row].neurons)).sum();
            let rate_hz =
                |count: f64, trials: usize| count / (neurons * trials as f64 * self.bin_ms / MS_PER_S);
            let response: Vec<f64> = (0..self.n_bins).map(|k| summed(&self.first_bins, k)).collect();
            for k in 0..self.n_baseline {
                rates_hz[k] = rate_hz(summed(&self.baselines, k), self.baselines.len());
            }
            for (k, &count) in response.iter().enumerate() {
                rates_hz[self.n_baseline + k] = rate_hz(count, self.first_bins.len());
            }
            let baselines = self.baselines.iter().flat_map(|&first| first..first + self.n_baseline);
            let before: Vec<f64> = baselines.map(in_bin).collect();
            self.reaction((&before, &response), rates_hz.view(), alpha)
        });
        let reactions = reactions.collect();
        (rates_hz, reactions)
    }

    /// What counts tell, `before` those of each bin of the baselines, `response` those of each bin of all trials.
    fn reaction(
        &self,
        (before, response): (&[f64], &[f64]),
        rates_hz: ArrayView1<'_, f64>,
        alpha: f64,
    ) -> Reaction {
        let n_baseline = self.n_baseline;
        if before.len() < FEWEST_BINS {
            return Reaction::absent(&Absence::NoBaseline {
                needed_ms: FEWEST_BINS as f64 * self.bin_ms,
                onset_ms: self.onsets_ms[0],
            });
        }
        let baseline_hz = rates_hz.slice(s![..n_baseline]).sum() / n_baseline as f64;
        let time_ms = |k: usize| self.first_ms + k as f64 * self.bin_ms;
        let after = rates_hz.iter().skip(n_baseline).copied().enumerate();
        let farthest = after.max_by(|a, b| (a.1 - baseline_hz).abs().total_cmp(&(b.1 - baseline_hz).abs()));
        let peak = farthest.map(|(k, hz)| (hz, time_ms(k)));
        let within_ms = time_ms(self.n_bins);
        let test = SameRate::new(before, self.first_bins.len());
        let differs = |count: &f64| test.probability(*count) <= alpha / self.n_bins as f64;
        let latency = response.iter().position(differs).map(time_ms);
        let absence = Absence::NoResponse { within_ms, alpha };
        Reaction {
            baseline_hz: Ok(baseline_hz),
            peak: peak.ok_or_else(|| absence.clone()),
            latency_ms: latency.ok_or(absence),
        }
    }
}

impl Reaction {
    fn absent(why: &Absence) -> Self {
        Self { baseline_hz: Err(why.clone()), peak: Err(why.clone()), latency_ms: Err(why.clone()) }
    }
}

/// Times at which trials begin, before the end of the run, ms.
fn onsets(stimulus: &Stimulus, duration_ms: f64) -> Vec<f64> {
    let (from_ms, to_ms) = stimulus.window_ms();
    let end_ms = to_ms.unwrap_or(f64::INFINITY).min(duration_ms);
    match *stimulus {
        Stimulus::Pulses { period_ms, .. } => {
            let pulses = (0..).map(|k: u32| from_ms + f64::from(k) * period_ms);
            // A pulse that begins with the end is none.
            pulses.take_while(|onset_ms| *onset_ms < end_ms - 1e-6).collect()
        }
        _ => Some(from_ms).filter(|onset_ms| *onset_ms < duration_ms).into_iter().collect(),
    }
}

/// Whether a bin has the rate of the baseline.
struct SameRate {
    /// Spikes of the baseline, and by what counts vary more than Poisson numbers.
    spikes: f64,
    fano_factor: f64,
    /// Part that a bin of all trials has of it and the baseline together.
    part: f64,
}

impl SameRate {
    fn new(baseline: &[f64], n_trials: usize) -> Self {
        let n = baseline.len() as f64;
        let mean = baseline.iter().sum::<f64>() / n;
        let variance = baseline.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / (n - 1.0);
        let fano_factor = if mean > 0.0 { (variance / mean).max(1.0) } else { 1.0 };
        let trials = n_trials as f64;
        Self { spikes: mean * n / fano_factor, fano_factor, part: trials / (trials + n) }
    }

    /// The probability of a count at least as far from the baseline, on both sides.
    fn probability(&self, count: f64) -> f64 {
        let (in_bin, before) = (count / self.fano_factor, self.spikes);
        // P(X ≥ x) = I_p(x, n − x + 1) of a binomial number X, and P(X ≤ x) = I_1−p(n − x, x + 1).
        let or_more = if in_bin > 0.0 { beta_reg(in_bin, before + 1.0, self.part) } else { 1.0 };
        let or_fewer = if before > 0.0 { beta_reg(before, in_bin + 1.0, 1.0 - self.part) } else { 1.0 };
        (2.0 * or_more.min(or_fewer)).min(1.0)
    }
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
