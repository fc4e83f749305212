//! What whole in-degrees make of the number of synapses, in words.

use super::NetworkSpec;

impl NetworkSpec {
    /// What is to be said of synapses that rounded in-degrees left out or added; `None` where there are none.
    pub fn rounding(&self) -> Option<String> {
        let rounded = self.rounded_synapses;
        let exact = self.n_synapses().checked_add_signed(-rounded).filter(|_| rounded != 0)?;
        let percent = 100.0 * rounded.unsigned_abs() as f64 / exact as f64;
        let done = if rounded < 0 { "left out" } else { "added" };
        Some(format!(
            "rounded to whole numbers, which {done} {} of {exact} synapses ({percent:.1} %): connectivity.rule = \
             even_indegree keeps their number",
            rounded.unsigned_abs()
        ))
    }
}
