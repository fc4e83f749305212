//! Results of an earlier analysis, read instead of computed again.

use super::QUANTITIES;
use crate::config::Config;
use crate::disk;
use crate::simulation::recording::Content;
use serde_json::json;
use std::path::Path;

/// Folder of an analysis in that of its run.
pub const FOLDER: &str = "analysis";
pub(super) const SUMMARY_FILE: &str = "summary.csv";
pub(super) const OPTIONS_FILE: &str = "options.json";

/// Everything besides the spikes that results follow from, and what files hold them.
pub(super) fn options(config: &Config, files: &Content) -> String {
    let options = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "statistics_from_ms": config.simulation.statistics_from_ms,
        "analysis": config.analysis,
        "files": files,
    });
    format!("{options:#}\n")
}

/// The key figures in `analysis/` of a run folder, `None` for those that are absent, in the order of
/// [`QUANTITIES`].
///
/// Nothing if they were changed, where they were not computed by this version of the program with the options of `config`, or
/// where measurements may come from tables of the user, which may have changed.
pub fn recorded_key_figures(run: &Path, config: &Config) -> Option<Vec<Option<f64>>> {
    let folder = run.join(FOLDER);
    let recorded = disk::read_text_limited(&folder.join(OPTIONS_FILE), disk::MAX_TEXT_BYTES).ok()?;
    let told: serde_json::Value = serde_json::from_str(&recorded).ok()?;
    let files: Content = serde_json::from_value(told["files"].clone()).ok()?;
    files.check(&folder, &[SUMMARY_FILE]).ok()?;
    if recorded != options(config, &files) || config.anatomy.tables.is_some() {
        return None;
    }
    let summary = disk::read_limited(&folder.join(SUMMARY_FILE), disk::MAX_TEXT_BYTES).ok()?;
    let mut reader = csv::Reader::from_reader(summary.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().ok()?;
    let of = |(row, quantity): (&csv::StringRecord, &str)| match (row.get(0)?, row.get(1)?) {
        (name, "") if name == quantity => Some(None),
        (name, value) if name == quantity => value.parse().ok().map(Some),
        _ => None,
    };
    (rows.len() == QUANTITIES.len()).then(|| rows.iter().zip(QUANTITIES).map(of).collect())?
}
