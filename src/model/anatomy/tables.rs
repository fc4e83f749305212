//! The tables that a network is computed from, read and validated.
//!
//! Sources and units of every table are in `data/README.md`. What is checked here is their shape,
//! their order and what single numbers can mean; what the figures lead to is checked where it is
//! computed.

use super::matrices::{Layout, area_matrix, check_streamlines};
use super::sheet::{Allowed, Sheet};
use super::slots::{AREAS, Layer};
use super::source::Source;
use super::{AnatomyError, TableError};
use crate::model::anatomy::{Anatomy, ExcitatoryFraction, Hemisphere};
use crate::telling::nearest;
use ndarray::Array2;
use std::collections::BTreeMap;

const AREAS_FILE: &str = "desikan_killiany_areas.csv";
const SUBLAYERS_FILE: &str = "von_economo_koskinas.csv";
const FRACTION_FILE: &str = "excitatory_fraction.csv";
const MICROCIRCUIT_FILE: &str = "potjans_diesmann_2014.csv";
const BINZEGGER_FILE: &str = "cell_body_given_synapse_layer_binzegger.csv";
const MOHAN_FILE: &str = "cell_body_given_synapse_layer_mohan.csv";

/// Populations of an area in canonical order, as tables name them.
const POPULATIONS: [&str; 8] = ["II/III E", "II/III I", "IV E", "IV I", "V E", "V I", "VI E", "VI I"];

/// The tables of one hemisphere. Matrices are [target, source], areas in the order of [`AREAS`].
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// The 34 areas (Desikan et al. 2006; Goulas et al. 2016).
    pub areas: Vec<Area>,
    /// Sublayers of every von Economo area, in the order of the source (von Economo & Koskinas).
    pub von_economo_areas: BTreeMap<String, Vec<Sublayer>>,
    /// Excitatory share of the neurons of layers II/III, IV, V, VI.
    pub excitatory_fraction: [f64; 4],
    /// Number of streamlines between areas, shape [34, 34], symmetric, diagonal 0.
    pub streamlines: Array2<f64>,
    /// Fibre length between areas, mm, shape [34, 34], symmetric, diagonal 0.
    pub fiber_length_mm: Array2<f64>,
    /// The microcircuit that connections within an area follow.
    pub microcircuit: Microcircuit,
    /// Probability that a synapse in a layer (I to VI) lies on a cell of a population, shape [8, 5]
    /// (Binzegger et al. 2004).
    pub cell_bodies_binzegger: Array2<f64>,
    /// The same for excitatory cells from human dendrites (Mohan et al. 2015).
    pub cell_bodies_mohan: Array2<f64>,
    /// SHA-256 of the text of all tables that were read, line ends apart.
    pub digest: [u8; 32],
}

/// An area of the parcellation.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Name, as in [`AREAS`].
    pub name: String,
    /// Short name.
    pub abbreviation: String,
    /// Von Economo areas that make it up.
    pub von_economo_areas: Vec<String>,
    /// Volume in one hemisphere, mm³.
    pub volume_mm3: f64,
    /// Resting-state network that it belongs to in the hemisphere (Kabbara et al. 2017).
    pub resting_state_network: String,
}

/// A sublayer of a von Economo area; thickness 0 if the source merges it with another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sublayer {
    /// Layer that it belongs to.
    pub layer: Layer,
    /// Neurons per mm³.
    pub density_per_mm3: f64,
    /// Thickness, mm.
    pub thickness_mm: f64,
}

/// The microcircuit of Potjans & Diesmann (2014, doi:10.1093/cercor/bhs358), populations II/III E
/// to VI I.
#[derive(Debug, Clone, PartialEq)]
pub struct Microcircuit {
    /// Neurons under 1 mm².
    pub neurons: Vec<f64>,
    /// External synapses per neuron.
    pub external_indegree: Vec<f64>,
    /// Probability that two neurons share at least one synapse, shape [8, 8], [target, source].
    pub connection_probability: Array2<f64>,
}

impl Tables {
    /// Reads the tables that `anatomy` asks for: those in its folder, the built-in ones otherwise.
    ///
    /// # Errors
    /// [`AnatomyError::Tables`] with everything that is wrong with them.
    pub fn load(anatomy: &Anatomy) -> Result<Self, AnatomyError> {
        let mut problems = Vec::new();
        let source = Source::new(anatomy.tables.as_deref(), &mut problems);
        let mut reader = Reader { source, problems };
        let tables = reader.tables(anatomy);
        match tables {
            Some(tables) if reader.problems.is_empty() => Ok(tables),
            _ => Err(AnatomyError::Tables(reader.problems)),
        }
    }
}

/// Reads table after table and collects what is wrong.
struct Reader<'a> {
    source: Source<'a>,
    problems: Vec<TableError>,
}

impl Reader<'_> {
    fn tables(&mut self, anatomy: &Anatomy) -> Option<Tables> {
        let side = side(anatomy.hemisphere);
        // every table is read before any `?`, so that all problems are found
        let von_economo_areas = self.sublayers();
        let areas = self.areas(anatomy.hemisphere, von_economo_areas.as_ref());
        let excitatory_fraction = self.excitatory_fraction(anatomy.excitatory_fraction);
        let streamlines = self.streamlines(&format!("hcp_connectivity_nos_{side}.csv"));
        let fiber_length_mm = self.fiber_lengths(&format!("hcp_fiber_length_mm_{side}.csv"));
        let microcircuit = self.microcircuit();
        let cell_bodies_binzegger = self.cell_bodies(BINZEGGER_FILE);
        let cell_bodies_mohan = self.cell_bodies(MOHAN_FILE);
        Some(Tables {
            areas: areas?,
            von_economo_areas: von_economo_areas?,
            excitatory_fraction: excitatory_fraction?,
            streamlines: streamlines?,
            fiber_length_mm: fiber_length_mm?,
            microcircuit: microcircuit?,
            cell_bodies_binzegger: cell_bodies_binzegger?,
            cell_bodies_mohan: cell_bodies_mohan?,
            digest: self.source.digest(),
        })
    }

    fn sheet(&mut self, file: &str, columns: &[&str]) -> Option<Sheet> {
        let (name, text) = self.source.table(file, &mut self.problems)?;
        Sheet::read(&name, &text, columns, &mut self.problems)
    }

    /// A sheet whose first cells are `rows`.
    fn labelled(&mut self, file: &str, columns: &[&str], rows: &[&str]) -> Option<Sheet> {
        let sheet = self.sheet(file, columns)?;
        sheet.has_rows(rows, &mut self.problems).then_some(sheet)
    }

    fn sublayers(&mut self) -> Option<BTreeMap<String, Vec<Sublayer>>> {
        let columns = ["area", "sublayer", "neuron_density_per_mm3", "thickness_mm"];
        let sheet = self.sheet(SUBLAYERS_FILE, &columns)?;
        let mut areas: BTreeMap<String, Vec<Sublayer>> = BTreeMap::new();
        for row in 0..sheet.n_rows() {
            let density_per_mm3 = sheet.number(row, 2, Allowed::NonNegative, &mut self.problems);
            let thickness_mm = sheet.number(row, 3, Allowed::NonNegative, &mut self.problems);
            let sublayer = sheet.text(row, 1);
            let Some(layer) = layer_of(sublayer) else {
                let nearest =
                    nearest(sublayer, SUBLAYERS.iter().flat_map(|(_, names)| names.iter().copied()))
                        .unwrap_or_default();
                let (file, line) = (sheet.file.clone(), sheet.line(row));
                let sublayer = sublayer.to_owned();
                self.problems.push(TableError::UnknownSublayer { file, line, sublayer, nearest });
                continue;
            };
            let area = areas.entry(sheet.text(row, 0).to_owned()).or_default();
            area.push(Sublayer { layer, density_per_mm3, thickness_mm });
        }
        Some(areas)
    }

    fn areas(
        &mut self,
        hemisphere: Hemisphere,
        sublayers: Option<&BTreeMap<String, Vec<Sublayer>>>,
    ) -> Option<Vec<Area>> {
        let columns = [
            "area",
            "abbreviation",
            "von_economo_areas",
            "volume_mm3",
            "resting_state_network_left",
            "resting_state_network_right",
        ];
        let sheet = self.labelled(AREAS_FILE, &columns, &AREAS)?;
        let network = if hemisphere == Hemisphere::Left { 4 } else { 5 };
        let mut areas = Vec::new();
        for row in 0..sheet.n_rows() {
            let area = Area {
                name: sheet.text(row, 0).to_owned(),
                abbreviation: sheet.text(row, 1).to_owned(),
                von_economo_areas: sheet.text(row, 2).split(';').map(|name| name.trim().to_owned()).collect(),
                volume_mm3: sheet.number(row, 3, Allowed::Positive, &mut self.problems),
                resting_state_network: sheet.text(row, network).to_owned(),
            };
            for name in &area.von_economo_areas {
                if sublayers.is_some_and(|sublayers| !sublayers.contains_key(name)) {
                    self.problems.push(TableError::UnknownVonEconomoArea {
                        file: sheet.file.clone(),
                        line: sheet.line(row),
                        area: area.name.clone(),
                        von_economo_area: name.clone(),
                        sublayers_file: SUBLAYERS_FILE.to_owned(),
                    });
                }
            }
            areas.push(area);
        }
        Some(areas)
    }

    fn excitatory_fraction(&mut self, source: ExcitatoryFraction) -> Option<[f64; 4]> {
        let layers = Layer::WITH_NEURONS.map(Layer::name);
        let sheet =
            self.labelled(FRACTION_FILE, &["layer", "shapson_coe_2021", "binzegger_2004"], &layers)?;
        let column = match source {
            ExcitatoryFraction::ShapsonCoe2021 => 1,
            ExcitatoryFraction::Binzegger2004 => 2,
        };
        Some([0, 1, 2, 3].map(|layer| sheet.number(layer, column, Allowed::Fraction, &mut self.problems)))
    }

    fn streamlines(&mut self, file: &str) -> Option<Array2<f64>> {
        let (name, text) = self.source.table(file, &mut self.problems)?;
        let streamlines = area_matrix(&name, &text, between(Allowed::NonNegative), &mut self.problems)?;
        check_streamlines(&name, &streamlines, &mut self.problems);
        Some(streamlines)
    }

    fn fiber_lengths(&mut self, file: &str) -> Option<Array2<f64>> {
        let (name, text) = self.source.table(file, &mut self.problems)?;
        area_matrix(&name, &text, between(Allowed::Positive), &mut self.problems)
    }

    fn microcircuit(&mut self) -> Option<Microcircuit> {
        let columns = [&["target", "neurons", "external_indegree"], &POPULATIONS[..]].concat();
        let sheet = self.labelled(MICROCIRCUIT_FILE, &columns, &POPULATIONS)?;
        let problems = &mut self.problems;
        Some(Microcircuit {
            neurons: sheet.numbers(1..2, Allowed::Positive, problems).into_iter().collect(),
            external_indegree: sheet.numbers(2..3, Allowed::NonNegative, problems).into_iter().collect(),
            connection_probability: sheet.numbers(3..11, Allowed::BelowOne, problems),
        })
    }

    fn cell_bodies(&mut self, file: &str) -> Option<Array2<f64>> {
        let columns = ["population", "I", "II/III", "IV", "V", "VI"];
        let sheet = self.labelled(file, &columns, &POPULATIONS)?;
        Some(sheet.numbers(1..6, Allowed::Fraction, &mut self.problems))
    }
}

/// How file names give a hemisphere.
pub(super) fn side(hemisphere: Hemisphere) -> &'static str {
    match hemisphere {
        Hemisphere::Left => "lh",
        Hemisphere::Right => "rh",
    }
}

/// Layout of what lies between areas and is 0 within them.
fn between(allowed: Allowed) -> Layout {
    Layout { corner: "target_area", allowed, diagonal: Allowed::Zero }
}

/// Sublayers of von Economo & Koskinas and the layer that each is counted to.
const SUBLAYERS: [(Layer, &[&str]); 5] = [
    (Layer::I, &["I", "Ia", "Ib"]),
    (
        Layer::II_III,
        &["II", "II+III", "III", "III(II)", "III(IV)", "IIIa", "IIIa/b", "IIIb", "IIIb/c", "IIIc"],
    ),
    (Layer::IV, &["IV", "IVa", "IVb", "IVc"]),
    (Layer::V, &["V", "V+VI", "Va", "Va1", "Va2", "Vb"]),
    (Layer::VI, &["VI", "VIa", "VIa1", "VIa2", "VIb"]),
];

fn layer_of(sublayer: &str) -> Option<Layer> {
    SUBLAYERS.iter().find(|(_, names)| names.contains(&sublayer)).map(|(layer, _)| *layer)
}
