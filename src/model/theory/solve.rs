//! Stationary rates: the flow from a uniform start to a fixed point, finished by Newton's method.

use super::TheoryError;
use super::dormand_prince::Trajectory;
use super::mean_field::{DcInput, MeanField};
use super::newton;
use super::transfer::Input;
use crate::model::network::NetworkSpec;
use crate::model::theory::Theory;
use crate::progress::{Interrupted, Interruption};

/// Newton's method is first tried where the flow has come this close to rest, 1/s. Above what the
/// integrator's error leaves of the residual (some 100 times the error, as fast modes amplify it).
const NEWTON_FROM_RESIDUAL_HZ: f64 = 0.1;
/// Before another try, the residual has to fall by this factor or pseudo-time to grow by the next.
const RETRY_RESIDUAL: f64 = 0.1;
const RETRY_PSEUDO_TIME: f64 = 1.5;
/// How far Newton's method may move a rate, relative to 1 1/s + the rate: less than the distance
/// between two fixed points.
const NEWTON_REACH: f64 = 0.05;

/// Stationary rates and how they were found.
#[derive(Debug, Clone, PartialEq)]
pub struct StationaryRates {
    /// Rate of every population, 1/s; 0 if there are no neurons. The fixed point where
    /// `converged`, else the last state of the flow.
    pub rates_hz: Vec<f64>,
    /// Largest |−ν + Φ(ν)| at `rates_hz`, 1/s.
    pub residual_hz: f64,
    /// Whether `residual_hz` is below the tolerance.
    pub converged: bool,
    /// Pseudo-time that the flow was followed to.
    pub pseudo_time: f64,
    /// Evaluations of −ν + Φ(ν) along the flow.
    pub evaluations: usize,
    /// Steps of Newton's method, all tries together.
    pub newton_steps: usize,
    /// State at the pseudo-time that publications report.
    pub at_pseudo_time: TheoryState,
    /// Every step of the flow: pseudo-time, mean rate over populations with neurons in 1/s, and
    /// residual in 1/s.
    pub history: Vec<(f64, f64, f64)>,
}

/// A state of the flow.
#[derive(Debug, Clone, PartialEq)]
pub struct TheoryState {
    /// Pseudo-time s.
    pub pseudo_time: f64,
    /// Rate of every population, 1/s.
    pub rates_hz: Vec<f64>,
    /// Largest |−ν + Φ(ν)|, 1/s.
    pub residual_hz: f64,
}

/// Stationary rates of a network by mean-field theory.
///
/// 1. Follow dν/ds = −ν + Φ(ν) from ν = `initial_rate_hz` to s = `pseudo_time`, the state as
///    published (Schuecker et al. 2017, doi:10.1371/journal.pcbi.1005179).
/// 2. Go on until the state is close to rest, at most to `max_pseudo_time`.
/// 3. Finish by Newton's method, and take its result only where it is stable and next to the
///    state, so that it is the fixed point that the flow itself goes to. Else go on with 2.
///
/// # Errors
/// Where a parameter of the network is out of its range. That no fixed point is found is not an
/// error: `converged` tells.
pub fn stationary_rates(
    spec: &NetworkSpec,
    options: &Theory,
    dc: DcInput,
) -> Result<StationaryRates, TheoryError> {
    stationary_rates_unless(spec, options, dc, &Interruption::default())
}

/// As [`stationary_rates`], unless someone asks to stop.
///
/// # Errors
/// As there, and [`TheoryError::Interrupted`].
pub fn stationary_rates_unless(
    spec: &NetworkSpec,
    options: &Theory,
    dc: DcInput,
    interruption: &Interruption,
) -> Result<StationaryRates, TheoryError> {
    check(options)?;
    let mean_field = MeanField::new(spec, dc)?;
    Ok(Search::new(&mean_field, options).run(interruption)?)
}

/// Mean and noise amplitude of the input of every population at `rates_hz`, both in mV; the mean
/// is relative to the leak potential.
///
/// # Errors
/// Where a parameter of the network is out of its range, or the number of rates differs from that
/// of populations.
pub fn input_statistics(
    spec: &NetworkSpec,
    rates_hz: &[f64],
    dc: DcInput,
) -> Result<(Vec<f64>, Vec<f64>), TheoryError> {
    let mean_field = MeanField::new(spec, dc)?;
    if rates_hz.len() != mean_field.n_populations() {
        return Err(TheoryError::RateCount {
            rates: rates_hz.len(),
            populations: mean_field.n_populations(),
        });
    }
    let amplitudes = |input: &Input| (input.mu_mv, input.sigma_mv);
    Ok(mean_field.inputs(rates_hz).iter().map(amplitudes).unzip())
}

fn check(options: &Theory) -> Result<(), TheoryError> {
    let values = [
        ("initial_rate_hz", options.initial_rate_hz),
        ("pseudo_time", options.pseudo_time),
        ("max_pseudo_time", options.max_pseudo_time),
        ("tolerance_hz", options.tolerance_hz),
    ];
    match values.into_iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0)) {
        Some((key, value)) => Err(TheoryError::Option { key, value }),
        None => Ok(()),
    }
}

/// A search under way.
struct Search<'a> {
    mean_field: &'a MeanField,
    options: &'a Theory,
    trajectory: Trajectory<'a>,
    occupied: Vec<bool>,
    history: Vec<(f64, f64, f64)>,
    newton_steps: usize,
    last_try: Option<(f64, f64)>,
}

impl<'a> Search<'a> {
    fn new(mean_field: &'a MeanField, options: &'a Theory) -> Self {
        let occupied: Vec<bool> = mean_field.occupied().collect();
        let start = occupied.iter().map(|&occupied| if occupied { options.initial_rate_hz } else { 0.0 });
        let trajectory = Trajectory::new(mean_field, start.collect());
        Self {
            mean_field,
            options,
            trajectory,
            occupied,
            history: Vec::new(),
            newton_steps: 0,
            last_try: None,
        }
    }

    fn run(mut self, interruption: &Interruption) -> Result<StationaryRates, Interrupted> {
        self.record();
        let end = self.options.max_pseudo_time;
        let reported = self.options.pseudo_time.min(end);
        let mut can_go_on = true;
        while can_go_on && self.trajectory.s < reported {
            interruption.check()?;
            can_go_on = self.advance(reported);
        }
        let at_pseudo_time = self.state();
        loop {
            interruption.check()?;
            if let Some((rates_hz, residual_hz)) = self.fixed_point() {
                return Ok(self.finish(rates_hz, residual_hz, at_pseudo_time));
            }
            if !(can_go_on && self.trajectory.s < end) {
                let TheoryState { rates_hz, residual_hz, .. } = self.state();
                return Ok(self.finish(rates_hz, residual_hz, at_pseudo_time));
            }
            can_go_on = self.advance(end);
        }
    }

    fn advance(&mut self, end: f64) -> bool {
        let advanced = self.trajectory.advance(end);
        self.record();
        advanced
    }

    fn record(&mut self) {
        let n_occupied = self.occupied.iter().filter(|&&occupied| occupied).count().max(1);
        let mean_hz = self.trajectory.rates_hz.iter().sum::<f64>() / n_occupied as f64;
        self.history.push((self.trajectory.s, mean_hz, self.trajectory.residual_hz()));
    }

    fn state(&self) -> TheoryState {
        TheoryState {
            pseudo_time: self.trajectory.s,
            rates_hz: without_undershoot(self.trajectory.rates_hz.clone()),
            residual_hz: self.trajectory.residual_hz(),
        }
    }

    /// The fixed point that the flow has come next to, if it has, with its residual.
    fn fixed_point(&mut self) -> Option<(Vec<f64>, f64)> {
        let (s, residual_hz) = (self.trajectory.s, self.trajectory.residual_hz());
        let due = self.last_try.is_none_or(|(last_s, last_residual_hz)| {
            residual_hz < RETRY_RESIDUAL * last_residual_hz || s > RETRY_PSEUDO_TIME * last_s
        });
        if !(due && residual_hz < NEWTON_FROM_RESIDUAL_HZ.max(self.options.tolerance_hz)) {
            return None;
        }
        self.last_try = Some((s, residual_hz));
        let (start_hz, tolerance_hz) = (&self.trajectory.rates_hz, self.options.tolerance_hz);
        let outcome = newton::refine(self.mean_field, start_hz, tolerance_hz, NEWTON_REACH);
        self.newton_steps += outcome.steps;
        outcome.fixed_point
    }

    fn finish(self, rates_hz: Vec<f64>, residual_hz: f64, at_pseudo_time: TheoryState) -> StationaryRates {
        StationaryRates {
            converged: residual_hz < self.options.tolerance_hz,
            rates_hz: without_undershoot(rates_hz),
            residual_hz,
            pseudo_time: self.trajectory.s,
            evaluations: self.trajectory.evaluations,
            newton_steps: self.newton_steps,
            at_pseudo_time,
            history: self.history,
        }
    }
}

/// Rates that rounding or an integrator's error has taken below 0 are 0.
fn without_undershoot(mut rates_hz: Vec<f64>) -> Vec<f64> {
    rates_hz.iter_mut().filter(|rate_hz| **rate_hz < 0.0).for_each(|rate_hz| *rate_hz = 0.0);
    rates_hz
}
