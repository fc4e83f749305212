//! Analysis and figures → `report.html`: one page that holds everything it shows.
//!
//! It needs no network and opens from disk; links to publications and to the files beside it are the only ones that
//! lead out of it.
//! Every element is closed as in XML, so that tests can read it.

mod files;
mod html;
mod prose;
mod provenance;
mod tables;

use crate::analysis::Analysis;
use crate::disk::Place;
use crate::output::figures::{DataOrigin, LeftOut, Rendered, Shown};
use crate::simulation::recording::{RecordingError, write_whole};
use html::escaped;
use std::path::PathBuf;

/// The page, in the folder of its run.
pub const FILE: &str = "report.html";
const STYLE: &str = include_str!("style.css");

/// Sections after the summary: anchor and title.
const SECTIONS: [(&str, &str); 4] = [
    ("figures", "Figures"),
    ("tables", "Tables"),
    ("configuration", "Configuration"),
    ("provenance", "Provenance"),
];

/// Writes `report.html` into the run folder; returns its path.
///
/// # Errors
/// A file that cannot be written.
pub fn write(analysis: &Analysis, shown: &[Shown]) -> Result<PathBuf, RecordingError> {
    let place = Place::folder(&analysis.run.path).join(FILE);
    write_whole(&place, report(analysis, shown).as_bytes())?;
    Ok(place.path())
}

/// The page.
pub fn report(analysis: &Analysis, shown: &[Shown]) -> String {
    let title = prose::title(analysis);
    let [of_figures, of_tables, of_configuration, of_provenance] = SECTIONS.map(heading);
    let body = [
        format!("<header><h1>{}</h1>", escaped(&title)),
        format!("<p class=\"lead\">{}</p></header>\n", escaped(&prose::lead(analysis))),
        navigation(),
        columns(&prose::cautions(analysis)),
        "<h2 id=\"summary\">In words</h2>\n".to_owned(),
        columns(&(prose::findings(analysis) + &prose::origins(analysis))),
        of_figures,
        shown.iter().map(|shown| shown.as_ref().map_or_else(left_out, figure)).collect(),
        of_tables,
        tables::tables(analysis),
        of_configuration,
        provenance::configuration(analysis),
        of_provenance,
        provenance::provenance(analysis),
        files::files(analysis),
        footer(),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <link rel=\"icon\" href=\"data:,\"/>\n<title>{}</title>\n<style>\n{STYLE}</style></head>\n\
         <body>\n{}</body></html>\n",
        escaped(&title),
        body.concat()
    )
}

fn heading((anchor, title): (&str, &str)) -> String {
    format!("<h2 id=\"{anchor}\">{title}</h2>\n")
}

/// Text in as many columns as there is room for.
fn columns(text: &str) -> String {
    format!("<div class=\"columns\">\n{text}</div>\n")
}

fn navigation() -> String {
    let link = |&(anchor, title): &(&str, &str)| format!("<li><a href=\"#{anchor}\">{title}</a></li>");
    format!("<nav><ul>{}</ul></nav>\n", SECTIONS.iter().map(link).collect::<String>())
}

/// The figure part by part, so that parts stand below each other if they do not fit side by side, with its caption.
fn figure(rendered: &Rendered) -> String {
    let Rendered { figure, parts, .. } = rendered;
    let origin = |origin: &DataOrigin| format!("<span class=\"origin\">{}</span>", origin.name());
    format!(
        "<figure id=\"{}\"><h3>{}</h3><p class=\"subtitle\">{}</p>\n<div class=\"parts\">{}</div>\
         <figcaption>{} {}</figcaption></figure>\n",
        figure.name,
        escaped(&figure.title),
        escaped(&figure.subtitle),
        parts.concat(),
        figure.origins.iter().map(origin).collect::<String>(),
        escaped(&figure.caption)
    )
}

/// What stands in the place of a figure that does not exist.
fn left_out(LeftOut { name, reason }: &LeftOut) -> String {
    let what = name.replace('_', " ").replace("bold", "BOLD");
    let words = format!("No figure of {what}: {reason}.");
    format!("<p id=\"{name}\" class=\"absent\">{}</p>\n", escaped(&words))
}

fn footer() -> String {
    let doi = |doi: &str| format!("<a href=\"https://doi.org/{doi}\">doi:{doi}</a>");
    format!(
        "<footer><p>Model: Pronold, van Meegen, Shimoura, Vollenbröker, Senden, Hilgetag, Bakker &amp; van Albada 2024, \
         Cerebral Cortex, {}. Microcircuit: Potjans &amp; Diesmann 2014, Cerebral Cortex, {}. Down-scaling: van Albada, \
         Helias &amp; Diesmann 2015, PLoS Computational Biology, {}. Please cite the paper of the model with any \
         result.</p></footer>\n",
        doi("10.1093/cercor/bhae409"),
        doi("10.1093/cercor/bhs358"),
        doi("10.1371/journal.pcbi.1004490")
    )
}
