//! Axes: values → places between 0 and 1, and the values that are named.

/// Most names on an axis whose values are numbers.
const MAX_TICKS: f64 = 6.0;
/// Fewest values that a logarithmic axis names; where round ones of the logarithm are fewer, it names even steps.
const FEWEST_TICKS: usize = 2;
/// Decades up to which a logarithmic axis also names 2 and 5.
const FEW_DECADES: f64 = 2.8;
/// Decades beyond which it names only some of them.
const MANY_DECADES: i32 = 6;

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What it shows, with the unit.
    pub label: String,
    /// Values at both ends.
    pub range: (f64, f64),
    /// Whether it is logarithmic.
    pub is_log: bool,
    /// Values that are named.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// A linear axis.
    pub fn linear(label: &str, (low, high): (f64, f64)) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let step = nice_step((high - low) / MAX_TICKS);
        let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        let ticks = (first..=last).map(|k| k as f64 * step).map(|value| (value, plain(value, step)));
        Self { label: label.to_owned(), range: (low, high), is_log: false, ticks: ticks.collect() }
    }

    /// A logarithmic axis; both ends are above 0.
    pub fn log(label: &str, (low, high): (f64, f64)) -> Self {
        let low = if low > 0.0 { low } else { 1e-12 };
        let high = if high > 1.01 * low { high } else { 10.0 * low };
        let decades = libm::log10(high / low);
        let (first, last) = (libm::log10(low).floor() as i32, libm::log10(high).ceil() as i32);
        let factors: &[f64] = if decades < FEW_DECADES { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let every = ((last - first) / MANY_DECADES).max(1);
        let values = (first..=last).filter(|k| k.rem_euclid(every) == 0);
        let values = values.flat_map(|k| factors.iter().map(move |f| f * power_of_10(k)));
        let within = |value: &f64| *value >= low * 0.999 && *value <= high * 1.001;
        let mut ticks: Vec<(f64, String)> =
            values.filter(within).map(|value| (value, logarithmic(value))).collect();
        if ticks.len() < FEWEST_TICKS {
            ticks = Self::linear(label, (low, high)).ticks;
        }
        Self { label: label.to_owned(), range: (low, high), is_log: true, ticks }
    }

    /// One place for each name, the first at the start; place *k* holds the values [k, k + 1).
    pub fn names(label: &str, names: impl IntoIterator<Item = String>) -> Self {
        let ticks: Vec<(f64, String)> =
            names.into_iter().enumerate().map(|(k, name)| (k as f64 + 0.5, name)).collect();
        Self { label: label.to_owned(), range: (0.0, ticks.len() as f64), is_log: false, ticks }
    }

    /// The same without names of values.
    pub fn unnamed(self) -> Self {
        Self { label: String::new(), ticks: Vec::new(), ..self }
    }

    /// Every other name of a value, if there is little room.
    pub fn every_other(self) -> Self {
        Self { ticks: self.ticks.into_iter().step_by(2).collect(), ..self }
    }

    /// Place of a value, 0 at the start and 1 at the end; NaN if it has none.
    pub fn place(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        match self.is_log {
            false => (value - low) / (high - low),
            true if value > 0.0 => libm::log(value / low) / libm::log(high / low),
            true => f64::NAN,
        }
    }
}

/// The same on every system.
pub(super) fn power_of_10(exponent: i32) -> f64 {
    libm::exp10(f64::from(exponent))
}

/// 1, 2 or 5 times a power of 10, not below `least`.
fn nice_step(least: f64) -> f64 {
    let power = power_of_10(libm::log10(least).floor() as i32);
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// A number with as many decimals as its step has; thousands apart.
fn plain(value: f64, step: f64) -> String {
    let decimals = (-(libm::log10(step) + 1e-9).floor()).max(0.0) as usize;
    let text = format!("{:.decimals$}", value.abs());
    let text = if decimals == 0 { thousands(value.abs().round() as u64) } else { text };
    if value < -step / 2.0 { format!("−{text}") } else { text }
}

fn logarithmic(value: f64) -> String {
    if (0.001..100_000.0).contains(&value) {
        let decimals = (-(libm::log10(value) + 1e-9).floor()).max(0.0) as usize;
        return plain(value, power_of_10(-(decimals as i32)));
    }
    let exponent = libm::log10(value).floor() as i32;
    let factor = (value / power_of_10(exponent)).round();
    let power = format!("10{}", superscript(exponent));
    if factor > 1.0 { format!("{factor}·{power}") } else { power }
}

fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]);
    exponent.to_string().chars().map(digit).collect()
}

/// A number with its thousands set apart by commas.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let apart = |(i, c): (usize, char)| {
        let comma = i > 0 && (digits.len() - i).is_multiple_of(3);
        if comma { format!(",{c}") } else { c.to_string() }
    };
    digits.chars().enumerate().map(apart).collect()
}

/// Smallest and largest of the finite values; `None` if there is none.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.into_iter().filter(|value| value.is_finite());
    finite.fold(None, |range: Option<(f64, f64)>, value| {
        Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, name)| name.as_str()).collect()
    }

    #[test]
    fn linear_axes_name_round_numbers() {
        assert_eq!(names(&Axis::linear("", (0.0, 1.0))), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(names(&Axis::linear("", (-0.5, 1.1))), ["−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(names(&Axis::linear("", (0.0, 61_000.0))), ["0", "20,000", "40,000", "60,000"]);
    }

    #[test]
    fn logarithmic_axes_name_powers_of_ten() {
        assert_eq!(names(&Axis::log("", (0.01, 100.0))), ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(names(&Axis::log("", (1.0, 9.0))), ["1", "2", "5"]);
        assert_eq!(
            names(&Axis::log("", (1e-8, 1.0))),
            ["10⁻⁸", "10⁻⁷", "10⁻⁶", "10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1", "1"]
        );
    }

    #[test]
    fn no_logarithmic_axis_is_bare() {
        assert_eq!(names(&Axis::log("", (11.0, 19.0))), ["12", "14", "16", "18"]);
        for low in [0.0013, 0.9, 1.1, 5.3, 11.0, 2.1e6] {
            for factor in [1.0, 1.02, 1.3, 1.9, 2.4, 4.0, 9.0, 300.0] {
                let axis = Axis::log("", (low, low * factor));
                assert!(axis.ticks.len() > 1, "{low} to {}: {:?}", low * factor, axis.ticks);
                let is_within = |tick: &(f64, String)| (-0.01..=1.01).contains(&axis.place(tick.0));
                assert!(axis.ticks.iter().all(is_within), "{axis:?}");
            }
        }
    }

    #[test]
    fn an_axis_without_extent_still_has_places() {
        assert!(Axis::linear("", (3.0, 3.0)).place(3.0).is_finite());
        assert!(Axis::log("", (0.0, 0.0)).place(1e-12).is_finite());
        assert!(Axis::log("", (1.0, 10.0)).place(0.0).is_nan());
    }
}
