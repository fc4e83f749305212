//! Statistics as tables.

use super::html::{details, paragraph, table};
use crate::analysis::{Analysis, Known};
use crate::output::figures::thousands;
use crate::simulation::recording::{abbreviations, network_folder_of};

/// Areas; populations on demand.
pub fn tables(analysis: &Analysis) -> String {
    let note = paragraph(
        "Rates in spikes/s; a dash stands if a statistic does not exist, as for populations with too few spikes. The \
         same numbers, in full, and those of every neuron are files in the folder analysis/.",
    );
    let n = analysis.run.populations.len();
    note + &areas(analysis) + &details(&format!("All {n} populations"), &populations(analysis))
}

fn areas(analysis: &Analysis) -> String {
    let columns = ["area", "short", "neurons", "rate", "CV ISI", "LvR", "correlation", "community"];
    let shorts = network_folder_of(&analysis.run.path).and_then(|network| abbreviations(&network));
    let shorts = shorts.unwrap_or_default();
    let community = |area: usize| match &analysis.communities {
        Ok(found) => found.of_area[area].to_string(),
        Err(_) => String::new(),
    };
    let rows = analysis.areas.iter().enumerate().map(|(index, area)| {
        let name = if area.name.is_empty() { "all populations".to_owned() } else { area.name.clone() };
        let short = shorts.get(&area.name).filter(|short| **short != area.name).cloned().unwrap_or_default();
        let values = [
            known(&area.rate_hz, 2),
            known(&area.cv_isi, 3),
            known(&area.lvr, 3),
            known(&area.correlation, 4),
        ];
        [&[name, short, thousands(area.neurons)][..], &values, &[community(index)]].concat()
    });
    table(&columns, 2, rows)
}

fn populations(analysis: &Analysis) -> String {
    let columns =
        ["area", "layer", "type", "neurons", "rate", "predicted rate", "CV ISI", "LvR", "correlation"];
    let predicted_hz = &analysis.run.stored.with_dc.rates_hz;
    let rows = analysis.run.populations.iter().zip(&analysis.spikes.populations).map(|(row, found)| {
        let names = [&row.area, &row.layer, &row.population].map(Clone::clone);
        let predicted = predicted_hz.get(row.index).filter(|rate_hz| !rate_hz.is_nan());
        let predicted = predicted.map_or_else(String::new, |rate_hz| format!("{rate_hz:.2}"));
        let values = [
            thousands(row.neurons.into()),
            known(&found.rate_hz, 2),
            predicted,
            known(&found.cv_isi, 3),
            known(&found.lvr, 3),
            known(&found.correlation, 4),
        ];
        [&names[..], &values].concat()
    });
    table(&columns, 3, rows)
}

fn known(value: &Known<f64>, decimals: usize) -> String {
    value.as_ref().map_or_else(|_| String::new(), |value| format!("{value:.decimals$}"))
}
