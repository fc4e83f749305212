//! A comparison as CSV and JSON.

use super::{Comparison, Distance, Measure, PopulationDistances, Rule, Test};
use crate::analysis::AnalysisError;
use crate::analysis::write::cell;
use crate::simulation::recording::write_csv;
use serde_json::{Value, json};
use std::path::Path;

/// Writes the distances of all populations, of one comparison after the other.
///
/// # Errors
/// A file that cannot be written.
pub fn write_comparison_csv(path: &Path, comparisons: &[Comparison]) -> Result<(), AnalysisError> {
    let columns = [
        "a",
        "b",
        "area",
        "layer",
        "population",
        "statistic",
        "value_a",
        "value_b",
        "ks",
        "emd",
        "ks_seeds",
        "emd_seeds",
    ];
    let rows = comparisons.iter().flat_map(|comparison| {
        let sides = [comparison.a.join(";"), comparison.b.join(";")];
        comparison.populations.iter().map(move |population| [&sides[..], &row(population)].concat())
    });
    Ok(write_csv(path, &columns, rows)?)
}

fn row(population: &PopulationDistances) -> Vec<String> {
    let PopulationDistances { area, layer, population: name, statistic, a, b, between, between_seeds } =
        population;
    let names = [area.clone(), layer.clone(), name.clone(), statistic.name().to_owned()];
    let of = |distance: &Option<Distance>| [cell(distance.map(|d| d.ks)), cell(distance.map(|d| d.emd))];
    [&names[..], &[cell(*a), cell(*b)], &of(between), &of(between_seeds)].concat()
}

/// Comparisons with their decisions as JSON; what is absent is null.
pub fn comparison_json(comparisons: &[Comparison]) -> Value {
    let distance = |distance: &Option<Distance>| match distance {
        Some(Distance { ks, emd }) => json!({ "ks": ks, "emd": emd }),
        None => Value::Null,
    };
    let comparison = |comparison: &Comparison| {
        let statistics = comparison.statistics.iter().map(|found| {
            json!({
                "statistic": found.statistic.name(),
                "n_populations": found.n_populations,
                "between": distance(&found.between),
                "between_seeds": distance(&found.between_seeds),
            })
        });
        let populations = comparison.populations.iter().map(|found| {
            json!({
                "area": found.area,
                "layer": found.layer,
                "population": found.population,
                "statistic": found.statistic.name(),
                "a": found.a,
                "b": found.b,
                "between": distance(&found.between),
                "between_seeds": distance(&found.between_seeds),
            })
        });
        let stimuli = comparison.stimuli.iter();
        let stimuli = stimuli.map(|(stimulus, runs)| json!({ "stimulus": stimulus, "runs": runs }));
        json!({
            "a": comparison.a,
            "b": comparison.b,
            "stimuli_of_some": stimuli.collect::<Vec<Value>>(),
            "within_seeds": comparison.decision.is_within(),
            "rule": rule(comparison.decision.rule),
            "alpha": comparison.decision.alpha,
            "tests": comparison.decision.tests.iter().map(test).collect::<Vec<Value>>(),
            "statistics": statistics.collect::<Vec<Value>>(),
            "populations": populations.collect::<Vec<Value>>(),
        })
    };
    Value::Array(comparisons.iter().map(comparison).collect())
}

fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Seeds => "seeds",
        Rule::Areas => "areas",
        Rule::Undecided => "undecided",
    }
}

fn test(test: &Test) -> Value {
    json!({
        "statistic": test.statistic.name(),
        "populations": test.populations,
        "measure": match test.measure {
            Measure::Mean => "mean",
            Measure::EarthMovers => "emd",
        },
        "n": test.n,
        "value": test.value,
        "bound": test.bound,
        "within": test.is_within(),
    })
}
