//! The report holds all figures and needs nothing else.

use crate::fixtures::command_line::Workplace;
use crate::pictures::{ALL, OF_LONG_RUNS, OF_OTHERS, run, shown};
use humam_gpu::output::figures::Rendered;
use std::fs;

#[test]
fn the_report_holds_every_figure_and_needs_nothing_else() {
    let workplace = Workplace::new();
    let run = run(&workplace, "tiny", "");
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    let why = "the first 20 s are the transient of the signal from rest, and the run ends at 0.3 s";
    let mut last = 0;
    for name in ALL {
        let is_there = report.contains(&format!("<figure id=\"{name}\">"));
        assert_eq!(is_there, !OF_LONG_RUNS.contains(&name) && !OF_OTHERS.contains(&name), "{name}");
        if OF_LONG_RUNS.contains(&name) {
            let words = format!("No figure of {}: {why}.", name.replace("bold_", "BOLD "));
            let place = format!("<p id=\"{name}\" class=\"absent\">{words}</p>");
            let at = report.find(&place).unwrap_or_else(|| panic!("{place} is not there"));
            assert!(
                at > report.find("id=\"spectra\"").expect("the figure before"),
                "it stands in the figure's place"
            );
            last = last.max(at);
        }
    }
    assert!(last < report.find("<h2 id=\"tables\">").expect("the section behind"));
    assert_eq!(report.matches("<figure ").count(), report.matches("<figcaption>").count());
    assert_eq!(foreign(&report), Vec::<String>::new());
    let links: Vec<&str> =
        report.split("<li><a href=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
    let links: Vec<&str> = links.into_iter().filter(|link| !link.starts_with('#')).collect();
    for file in ["./spikes_step.npy", "../network.ron", "analysis/summary.csv", "figures/theory.png"] {
        assert!(links.contains(&file), "{file} in {links:?}");
    }
    assert!(links.iter().all(|link| run.join(link).is_file()), "{links:?}");
    assert!(report.contains("<td class=\"word\">bankssts</td><td class=\"word\">BSTS</td>"), "abbreviations");
    assert_eq!(unbalanced(&report), None);
    for fact in [
        "Caution.",
        "<td>day</td>",
        "network hash",
        "simulated",
        "measured",
        "predicted",
        "seed 2903",
        "n_scaling: 0.001",
    ] {
        assert!(report.contains(fact), "{fact}");
    }
}

#[test]
fn formats_and_the_report_can_be_left_out() {
    let workplace = Workplace::new();
    let run = run(&workplace, "tiny", "");
    fs::remove_dir_all(run.join("figures")).expect("figures");
    fs::remove_file(run.join("report.html")).expect("a report");
    let call = |more: &str| workplace.call(&format!("analyze {} --quiet {more}", run.display()));
    assert_eq!(call("--figures none --no-report").code, Some(0));
    assert!(!run.join("figures").exists() && !run.join("report.html").exists());
    assert_eq!(call("--figures svg --no-report --report").code, Some(0));
    assert!(run.join("figures/theory.svg").exists() && !run.join("figures/theory.png").exists());
    assert!(run.join("report.html").exists());
    assert_eq!(call("--figures pdf").code, Some(2));
}

#[test]
fn every_picture_of_the_report_says_what_is_seen_and_every_title_stands_once() {
    let workplace = Workplace::new();
    let run = run(&workplace, "tiny", "");
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    let labels: Vec<&str> = report
        .split("role=\"img\" aria-label=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(report.matches("<svg ").count(), labels.len());
    assert!(!report.contains("<img "));
    let shown = shown(&run);
    for rendered in shown.iter().flatten() {
        let Rendered { figure, svg, .. } = rendered;
        for part in &figure.picture.parts {
            let label = format!("{}. {}", figure.title, part.seen);
            assert!(labels.contains(&label.replace('"', "&quot;").as_str()), "{label} in {labels:?}");
            let tells = part.seen.chars().any(|c| c.is_ascii_digit()) && part.seen.ends_with('.');
            assert!(tells && !part.seen.contains("NaN") && svg.contains(&part.seen), "{label}");
        }
        assert_eq!(report.matches(&format!(">{}<", figure.title)).count(), 1, "{}", figure.title);
    }
}

/// What the page would fetch or lead to, but links to publications and places in itself.
fn foreign(page: &str) -> Vec<String> {
    let attributes = ["src=\"", "href=\"", "url(", "@import"];
    let values = attributes.iter().flat_map(|attribute| {
        page.match_indices(attribute)
            .map(|(at, found)| page[at + found.len()..].chars().take(40).collect::<String>())
    });
    let own = ["#", "data:", "https://doi.org/", "./", "../", "analysis/", "figures/"];
    values.filter(|value| !own.iter().any(|start| value.starts_with(start))).collect()
}

/// The first tag that does not close the one that is open; every element is closed as in XML.
fn unbalanced(page: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1) {
        let Some((tag, _)) = part.split_once('>') else { return Some(part.chars().take(40).collect()) };
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap_or_default();
        match tag {
            _ if tag.starts_with('!') || tag.ends_with('/') => {}
            _ if tag.starts_with('/') => {
                if open.pop() != Some(name) {
                    return Some(tag.to_owned());
                }
            }
            _ => open.push(name),
        }
    }
    open.pop().map(str::to_owned)
}

#[test]
fn what_a_page_must_not_have_is_found() {
    assert_eq!(foreign("<img src=\"https://a.org/x.png\"/><a href=\"https://doi.org/1\">").len(), 1);
    assert_eq!(foreign("<style>@import 'x'; a { background: url(x.png) }</style>").len(), 2);
    assert_eq!(unbalanced("<p><b>x</p></b>"), Some("/p".to_owned()));
    assert_eq!(unbalanced("<p>x<br/></p>"), None);
    assert_eq!(unbalanced("<p>"), Some("p".to_owned()));
}
