//! Functional connectivity: measured beside simulated, by resting-state network; and its communities.

use super::connectivity_panel::{self, Grouping, Panel};
use super::figure_data::FigureData;
use super::picture::Picture;
use super::plot::heading;
use super::{DataOrigin, Drawn, Figure, LeftOut};
use crate::analysis::{Absence, Interval};
use crate::model::anatomy::Hemisphere;

/// The group of areas that belong to no network, which comes last.
const OTHER: &str = "other";

/// Why there is no matrix to show.
const NONE: &str = "no two areas have a correlation";

/// Draws the figure with the experiment.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    const NAME: &str = "functional_connectivity";
    let analysis = data.analysis;
    let left_out = |reason: String| Err(LeftOut { name: NAME, reason });
    if !data.has_areas() {
        return left_out("there is one area only".to_owned());
    }
    let hemispheres = match &analysis.experiment.functional_connectivity {
        Ok(hemispheres) => hemispheres,
        Err(absence) => return left_out(absence.to_string()),
    };
    let hemisphere = analysis.run.config.anatomy.hemisphere;
    let Some(found) = hemispheres.iter().find(|found| found.hemisphere == hemisphere) else {
        return left_out(Absence::NotMeasured.to_string());
    };
    let simulated = match &analysis.currents.correlation {
        Ok(simulated) => simulated,
        Err(absence) => return left_out(absence.to_string()),
    };
    let Some(colours) = connectivity_panel::colours([&found.measured, simulated]) else {
        return left_out(NONE.to_owned());
    };
    let grouping = Grouping::new(&found.resting_state_networks, |name| (name == OTHER, name.to_owned()));
    let title = "Functional connectivity, measured and simulated";
    let interval = found
        .interval
        .as_ref()
        .map_or_else(|_| String::new(), |Interval { low, high }| format!(" (95 %: {low:.3} to {high:.3})"));
    let similarity = match &found.similarity {
        Ok(similarity) => format!("their off-diagonal elements correlate at {similarity:.3}{interval}"),
        Err(absence) => format!("no similarity: {absence}"),
    };
    let which = match hemisphere {
        Hemisphere::Left => "left",
        Hemisphere::Right => "right",
    };
    let subtitle = format!("Areas by resting-state network of the {which} hemisphere; {similarity}");
    let mut picture = Picture::new(0.0, 0.0);
    let panels = [
        ("Measured: resting-state fMRI", &found.measured, false, "measured correlations"),
        ("Simulated: synaptic input currents", simulated, true, "simulated correlations"),
    ];
    for (title, matrix, is_short, what) in panels {
        let panel = Panel { title: Some(title), matrix, is_short, what };
        connectivity_panel::draw(&mut picture, data, (&grouping, &colours), &panel);
    }
    heading(&mut picture, title, &subtitle);
    let caption = "A: group mean of resting-state fMRI of the Human Connectome Project, correlations of BOLD. B: Pearson \
        correlations of the areas' simulated synaptic input currents. Squares are resting-state networks (Kabbara et \
        al. 2017). One colour scale holds for both, with 0 in the middle; the diagonal, 1 by definition, is grey. What \
        is compared is the pattern: fMRI follows slow changes of blood flow over minutes, the simulation the currents \
        of seconds."
        .to_owned()
        + data.abbreviations();
    let origins = vec![DataOrigin::Measured, DataOrigin::Simulated];
    Ok(Figure { name: NAME, title: title.to_owned(), subtitle, caption, origins, picture })
}

/// Draws the figure with communities.
pub fn draw_communities(data: &FigureData<'_>) -> Drawn {
    const NAME: &str = "communities";
    if !data.has_areas() {
        return Err(LeftOut { name: NAME, reason: "there is one area only".to_owned() });
    }
    let left_out = |reason: String| Err(LeftOut { name: NAME, reason });
    let (found, simulated) = match (&data.analysis.communities, &data.analysis.currents.correlation) {
        (Ok(found), Ok(simulated)) => (found, simulated),
        (Err(absence), _) | (_, Err(absence)) => return left_out(absence.to_string()),
    };
    let Some(colours) = connectivity_panel::colours([simulated]) else { return left_out(NONE.to_owned()) };
    let n = found.of_area.iter().max().map_or(0, |last| last + 1);
    let subtitle = format!("{n} communities (Louvain), modularity {:.3}", found.modularity);
    let group_of: Vec<String> = found.of_area.iter().map(ToString::to_string).collect();
    let grouping = Grouping::new(&group_of, |name| name.parse::<usize>().unwrap_or(0));
    let title = "Communities of functional connectivity";
    let mut picture = Picture::new(0.0, 0.0);
    let panel = Panel { title: None, matrix: simulated, is_short: false, what: "simulated correlations" };
    connectivity_panel::draw(&mut picture, data, (&grouping, &colours), &panel);
    heading(&mut picture, title, &subtitle);
    let options = &data.analysis.run.config.analysis;
    let caption = format!(
        "Correlations of the areas' simulated synaptic input currents, areas ordered by communities in which they \
         correlate more than chance would have it (resolution {}), numbered as in analysis/areas.csv. Negative \
         correlations count as no link; the diagonal, 1 by definition, is grey.{}",
        options.louvain_resolution,
        data.abbreviations()
    );
    Ok(Figure {
        name: NAME,
        title: title.to_owned(),
        subtitle,
        caption,
        origins: vec![DataOrigin::Simulated],
        picture,
    })
}
