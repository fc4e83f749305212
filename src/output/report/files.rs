//! Links to the files of a run, of its network, and of what was made of them.

use super::html::{details, element, escaped, paragraph};
use crate::analysis::{self, Analysis};
use crate::disk::{Kind, Place};
use crate::output::figures;
use crate::simulation::recording::network_folder_of;
use std::path::Path;

/// The files that there are, on demand.
pub fn files(analysis: &Analysis) -> String {
    let note = "Links work while the page lies in the folder of its run.";
    let run = &analysis.run.path;
    let below = [("Run", "."), ("Analysis", analysis::FOLDER), ("Figures", figures::FOLDER)];
    let below = below.map(|(title, folder)| links(title, folder, &names(&run.join(folder))));
    let network = network_folder_of(run).map(|network| links("Network", "..", &names(&network)));
    let all = below.concat() + &network.unwrap_or_default();
    element("h3", "Files") + "\n" + &details("All files", &(paragraph(note) + &all))
}

/// Links to files of a folder, whose path from the page is `folder`.
fn links(title: &str, folder: &str, names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let link = |name: &String| {
        let name = escaped(name);
        element("li", &format!("<a href=\"{folder}/{name}\">{name}</a>"))
    };
    let links: String = names.iter().map(link).collect();
    format!("<h4>{title}</h4>\n<ul class=\"files\">{links}</ul>\n")
}

/// Files in a folder whose names a link can hold as they are, sorted.
fn names(folder: &Path) -> Vec<String> {
    let place = Place::folder(folder);
    let is_file = |name: &String| place.join(name).kind().is_ok_and(|kind| kind == Kind::File);
    let is_plain = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let is_other = |name: &String| name != super::FILE;
    let names = place.names().unwrap_or_default().into_iter().filter_map(|name| name.into_string().ok());
    let mut names: Vec<String> = names.filter(is_plain).filter(is_other).filter(is_file).collect();
    names.sort_unstable();
    names
}
