//! A proxy of the local field potential (LFP) of each area: the reference weighted sum of Mazzoni, Lindén, Cuntz,
//! Lansner, Panzeri & Einevoll 2015 (doi:10.1371/journal.pcbi.1004584).
//!
//! RWS(t) = Norm\[Σ I_E(t − 6 ms) − 1.65 Σ I_I(t)\]
//!
//! Sums are over pyramidal neurons: those of all populations named `E` of an area, whatever their layer. A mean over a
//! population counts as often as it has neurons. Norm gives a signal mean 0 and variance 1, as amplitudes follow from
//! shapes and places of neurons that point neurons do not have.
//!
//! Currents have their signs, so I_I is negative and both terms add up: excitation of the apical dendrites and
//! inhibition around the soma make dipoles of one direction.

use super::areas::AreaRows;
use super::spectra::densities;
use super::{Absence, AnalysisError, Known, RunFolder, Spectra, Window};
use crate::engine::fixed_point::whole_steps;
use crate::simulation::recording::{MeansPlan, Weighted, means_file, read_means};
use ndarray::{Array1, Array2, ArrayView1, Axis, s};

/// How much earlier excitatory currents act than the potential that they are seen in, ms.
const DELAY_MS: f64 = 6.0;
/// Weight of inhibitory currents.
const INHIBITORY_WEIGHT: f64 = 1.65;
/// Name of populations of pyramidal neurons; with it all excitatory neurons of the human model count as such.
const PYRAMIDAL: &str = "E";
/// Excitatory and inhibitory currents as they are recorded.
const CURRENTS: [&str; 2] = ["current_ex_pa", "current_in_pa"];

/// Proxies of the LFP of all areas.
#[derive(Debug, Clone, PartialEq)]
pub struct Lfp {
    /// Times of the samples, ms: those that count.
    pub time_ms: Vec<f64>,
    /// Of mean 0 and variance 1, shape [area, sample]; not a number in an area whose means were not all recorded, or
    /// whose signal does not change.
    pub proxy: Array2<f64>,
    /// Power spectra of the proxies, 1/Hz.
    pub spectra: Known<Spectra>,
}

/// The proxies of the areas `rows` of a run, and their spectra in windows of `welch_window_ms`.
///
/// # Errors
/// Files that cannot be read. The inner error tells why there are none.
pub(super) fn lfp(
    run: &RunFolder,
    rows: &[AreaRows],
    window: &Window,
    welch_window_ms: f64,
) -> Result<Known<Lfp>, AnalysisError> {
    let (plan, delay) = match recorded(run, window) {
        Ok(recorded) => recorded,
        Err(absence) => return Ok(Err(absence)),
    };
    let sources: Vec<Weighted> = rows.iter().map(|area| pyramidal(run, plan, area)).collect();
    if sources.iter().all(Vec::is_empty) {
        return Ok(Err(Absence::NotAveraged));
    }
    let n = plan.populations.len();
    let [excitatory, inhibitory] = CURRENTS.map(|what| read_means(&run.path, what, n, &sources));
    let proxies = sums(excitatory?.view(), inhibitory?.view(), delay);
    Ok(of_window(&proxies, plan.interval_steps, delay, window, welch_window_ms))
}

/// What is recorded, and samples in [`DELAY_MS`].
fn recorded<'r>(run: &'r RunFolder, window: &Window) -> Known<(&'r MeansPlan, usize)> {
    let plan = run.means.as_ref().ok_or(Absence::NotAveraged)?;
    if CURRENTS.iter().any(|what| run.manifest.files.of(&means_file(what)).is_none()) {
        return Err(Absence::OneCurrent);
    }
    let interval_ms = f64::from(plan.interval_steps) * window.dt_ms;
    let off = Absence::SamplingInterval { interval_ms, delay_ms: DELAY_MS };
    match whole_steps(DELAY_MS, window.dt_ms) {
        Ok(steps) if steps.is_multiple_of(plan.interval_steps) => {
            Ok((plan, (steps / plan.interval_steps) as usize))
        }
        _ => Err(off),
    }
}

/// The columns of an area's pyramidal neurons, each with its number of neurons; none if one is missing.
fn pyramidal(run: &RunFolder, plan: &MeansPlan, area: &AreaRows) -> Weighted {
    let own = area.rows.iter().map(|&row| &run.populations[row]).filter(|row| row.population == PYRAMIDAL);
    let column = |index: usize| plan.populations.binary_search(&index).ok();
    let columns = own.map(|row| Some((column(row.index)?, f64::from(row.neurons))));
    columns.collect::<Option<_>>().unwrap_or_default()
}

/// Reference weighted sums, shape [area, sample], of currents of that shape, from the first sample on for which there is
/// an excitatory one `delay` samples earlier.
fn sums(
    excitatory: ndarray::ArrayView2<'_, f64>,
    inhibitory: ndarray::ArrayView2<'_, f64>,
    delay: usize,
) -> Array2<f64> {
    let n = excitatory.ncols().min(inhibitory.ncols());
    let delay = delay.min(n);
    let earlier = excitatory.slice(s![.., ..n - delay]);
    let now = inhibitory.slice(s![.., delay..n]);
    &earlier - &(&now * INHIBITORY_WEIGHT)
}

/// The part of `sums` that counts, whose first sample follows `delay` others, normalised.
fn of_window(
    sums: &Array2<f64>,
    interval_steps: u32,
    delay: usize,
    window: &Window,
    welch_window_ms: f64,
) -> Known<Lfp> {
    window.needs(0.0)?;
    // Sample k follows step (k + 1) · interval.
    let first = (window.from_step.div_ceil(interval_steps) as usize).saturating_sub(1).max(delay);
    let counted = sums.slice(s![.., (first - delay).min(sums.ncols())..]);
    let interval_ms = f64::from(interval_steps) * window.dt_ms;
    let mut proxy = Array2::zeros(counted.dim());
    for (mut proxy, sum) in proxy.axis_iter_mut(Axis(0)).zip(counted.axis_iter(Axis(0))) {
        proxy.assign(&normalised(sum));
    }
    let time = |sample: usize| (first + sample + 1) as f64 * interval_ms;
    let time_ms = (0..proxy.ncols()).map(time).collect();
    let (needed_ms, from_ms, duration_ms) = (welch_window_ms, window.from_ms(), window.duration_ms());
    let spectra = densities(proxy.view(), interval_ms, welch_window_ms);
    let spectra = spectra.ok_or(Absence::TooShort { needed_ms, from_ms, duration_ms });
    Ok(Lfp { time_ms, spectra, proxy })
}

/// The signal with mean 0 and variance 1; not a number if it does not change.
fn normalised(signal: ArrayView1<'_, f64>) -> Array1<f64> {
    let n = signal.len().max(1) as f64;
    let mean = signal.sum() / n;
    let sd = libm::sqrt(signal.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n);
    let is_flat = signal.iter().all(|&x| x == signal[0]);
    signal.mapv(|x| if is_flat { f64::NAN } else { (x - mean) / sd })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// f64 rounding.
    const TOLERANCE: f64 = 1e-12;
    const WINDOW: Window = Window { dt_ms: 0.1, n_steps: 20_000, from_step: 5000, steps_per_bin: 10 };

    #[test]
    fn excitation_counts_6_ms_later_and_inhibition_at_once_with_the_same_sign() {
        let excitatory = array![[1.0, 0.0, 0.0, 0.0], [0.0, 7.0, 0.0, 0.0]];
        let inhibitory = array![[0.0, 0.0, -2.0, 0.0], [0.0, 0.0, 0.0, -4.0]];
        let found = sums(excitatory.view(), inhibitory.view(), 2);
        assert_eq!(found, array![[1.0 + 1.65 * 2.0, 0.0], [0.0, 7.0 + 1.65 * 4.0]]);
        assert_eq!(sums(excitatory.view(), inhibitory.view(), 9).dim(), (2, 0));
    }

    #[test]
    fn a_signal_is_normalised_over_what_counts_and_one_that_is_flat_has_no_proxy() {
        // A sample a ms, the first at 7 ms: what comes before 500 ms does not count, however large it is.
        let n = 2000 - 6;
        let value = |(area, k): (usize, usize)| match (area, k + 7 < 500) {
            (0, true) => 1e9,
            (0, false) => 40.0 + 3.0 * (2.0 * std::f64::consts::PI * 50.0 * (k as f64) / 1000.0).sin(),
            _ => 4.0,
        };
        let lfp = of_window(&Array2::from_shape_fn((2, n), value), 10, 6, &WINDOW, 500.0).unwrap();
        assert_eq!((lfp.time_ms[0], lfp.time_ms.len(), lfp.proxy.dim()), (500.0, 1501, (2, 1501)));
        let row = lfp.proxy.row(0);
        let (mean, square) = (row.sum() / 1501.0, row.dot(&row) / 1501.0);
        assert!(mean.abs() < TOLERANCE && (square - 1.0).abs() < TOLERANCE, "{mean} {square}");
        assert!(lfp.proxy.row(1).iter().all(|value| value.is_nan()));
        let spectra = lfp.spectra.unwrap();
        let highest = (0..251).max_by(|&a, &b| spectra.density[[0, a]].total_cmp(&spectra.density[[0, b]]));
        assert_eq!(highest.map(|k| spectra.frequency_hz[k]), Some(50.0));
        let short = of_window(&Array2::zeros((1, n)), 10, 6, &WINDOW, 1600.0).unwrap();
        assert!(matches!(short.spectra, Err(Absence::TooShort { .. })));
    }
}
