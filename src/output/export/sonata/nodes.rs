//! `nodes.h5` and `node_types.csv`.

use super::neurons::{differing, group_of};
use super::{NODE_POPULATION, root};
use crate::analysis::RunFolder;
use crate::disk::Place;
use crate::engine::fixed_point::IntegerNetwork;
use crate::model::network::Population;
use crate::output::export::ExportError;
use crate::output::export::hdf5::{Dataset, Datatype, Group, Hdf5Writer};
use crate::simulation::recording::{PopulationRow, RecordingError, write_whole};

/// Columns of `node_types.csv`: what SONATA asks for, names, and parameters with their units.
const COLUMNS: [&str; 22] = [
    "node_type_id",
    "model_type",
    "model_template",
    "area",
    "layer",
    "population",
    "e_l_mv",
    "v_th_mv",
    "v_reset_mv",
    "c_m_pf",
    "tau_m_ms",
    "tau_syn_ex_ms",
    "tau_syn_in_ms",
    "t_ref_ms",
    "v_th_relative_sd",
    "c_m_relative_sd",
    "tau_m_relative_sd",
    "dc_pa",
    "poisson_rate_hz",
    "poisson_weight_pa",
    "initial_v_m_mean_mv",
    "initial_v_m_sd_mv",
];

/// Nodes with their types; `network` is what the run was simulated with, if that is known.
pub(super) fn write(
    run: &RunFolder,
    network: Option<&IntegerNetwork>,
    folder: &Place,
) -> Result<(), ExportError> {
    write_types(run, &folder.join("node_types.csv"))?;
    let rows = &run.populations;
    let n = run.stored.network.n_neurons();
    let names = [
        Names::new("area", rows, |row| &row.area),
        Names::new("layer", rows, |row| &row.layer),
        Names::new("population", rows, |row| &row.population),
    ];
    let dataset = |name, datatype| Dataset::new(name, datatype, &[n]);
    let mut group = Group::new("0");
    group.datasets = names.iter().map(|names| dataset(names.attribute, Datatype::U32)).collect();
    let library = names.iter().map(Names::library);
    group.groups = vec![Group { datasets: library.collect(), ..Group::new("@library") }];
    let parameters = network.map_or_else(Vec::new, |network| differing(&run.stored.network, network));
    if !parameters.is_empty() {
        group.groups.push(group_of(&parameters));
    }
    let mut population = Group { groups: vec![group], ..Group::new(NODE_POPULATION) };
    population.datasets = vec![
        dataset("node_id", Datatype::U64),
        dataset("node_type_id", Datatype::U64),
        dataset("node_group_id", Datatype::U32),
        dataset("node_group_index", Datatype::U64),
    ];
    let mut file = Hdf5Writer::create(folder.join("nodes.h5"), &root("nodes", population))?;
    let types = |row: usize| (rows[row].index as u64).to_le_bytes();
    let numbers = (0..n).flat_map(u64::to_le_bytes);
    put_all(&mut file, "node_id", numbers.clone())?;
    put_all(&mut file, "node_type_id", by_neuron(rows, types))?;
    put_all(&mut file, "node_group_id", (0..n).flat_map(|_| [0; 4]))?;
    put_all(&mut file, "node_group_index", numbers)?;
    for names in &names {
        put_all(&mut file, names.attribute, by_neuron(rows, |row| names.of_row[row].to_le_bytes()))?;
    }
    for names in &names {
        put_all(&mut file, names.attribute, names.padded())?;
    }
    for parameter in &parameters {
        put_all(&mut file, parameter.name, parameter.values().flat_map(f64::to_le_bytes))?;
    }
    Ok(file.finish()?)
}

/// Bytes of every neuron, the same for all of a population.
fn by_neuron<const N: usize>(
    rows: &[PopulationRow],
    of: impl Fn(usize) -> [u8; N],
) -> impl Iterator<Item = u8> {
    let bytes = rows.iter().enumerate().map(move |(at, row)| (of(at), row.neurons));
    bytes.flat_map(|(bytes, neurons)| (0..neurons).flat_map(move |_| bytes))
}

/// Fills an array piece by piece.
fn put_all(file: &mut Hdf5Writer, name: &str, bytes: impl Iterator<Item = u8>) -> Result<(), ExportError> {
    const PIECE: usize = 1 << 16;
    let mut bytes = bytes.peekable();
    file.fill(name, |sink| {
        while bytes.peek().is_some() {
            let piece: Vec<u8> = bytes.by_ref().take(PIECE).collect();
            sink.put(&piece)?;
        }
        Ok(())
    })
}

/// An attribute that has few values, as indices into a library.
struct Names<'a> {
    attribute: &'static str,
    values: Vec<&'a str>,
    /// Index of each population's value.
    of_row: Vec<u32>,
}

impl<'a> Names<'a> {
    fn new(attribute: &'static str, rows: &'a [PopulationRow], of: fn(&PopulationRow) -> &String) -> Self {
        let mut values: Vec<&str> = Vec::new();
        let mut index = |value: &'a str| {
            values.iter().position(|&other| other == value).unwrap_or_else(|| {
                values.push(value);
                values.len() - 1
            }) as u32
        };
        let of_row = rows.iter().map(|row| index(of(row))).collect();
        Self { attribute, values, of_row }
    }

    /// Bytes of the longest name and the zero behind it.
    fn text_bytes(&self) -> usize {
        self.values.iter().map(|value| value.len()).max().unwrap_or(0) + 1
    }

    fn library(&self) -> Dataset {
        Dataset::new(self.attribute, Datatype::Text(self.text_bytes() as u32), &[self.values.len() as u64])
    }

    fn padded(&self) -> impl Iterator<Item = u8> {
        let bytes = self.text_bytes();
        self.values.iter().flat_map(move |value| value.bytes().chain(std::iter::repeat(0)).take(bytes))
    }
}

fn write_types(run: &RunFolder, place: &Place) -> Result<(), RecordingError> {
    let lines = run.populations.iter().map(|row| {
        let parameters = parameters(&run.stored.network.populations[row.index]);
        let names = [&*row.area, &*row.layer, &*row.population];
        let mut cells = vec![row.index.to_string(), "point_neuron".to_owned(), "nest:iaf_psc_exp".to_owned()];
        // SONATA has NULL for what is absent.
        cells.extend(names.map(|name| if name.is_empty() { "NULL".to_owned() } else { name.to_owned() }));
        cells.extend(parameters.map(|parameter| parameter.to_string()));
        cells
    });
    write_table(place, &COLUMNS, lines)
}

/// In the order of the columns.
fn parameters(population: &Population) -> [f64; 16] {
    let Population { neuron, spread, initial_v_m_mv, poisson, dc_pa, neurons, .. } = population;
    [
        neuron.e_l_mv,
        neuron.v_th_mv,
        neuron.v_reset_mv,
        neuron.c_m_pf,
        neuron.tau_m_ms,
        neuron.tau_syn_ex_ms,
        neuron.tau_syn_in_ms,
        neuron.t_ref_ms,
        spread.v_th,
        spread.c_m,
        spread.tau_m,
        *dc_pa,
        poisson.map_or(0.0, |drive| drive.rate_per_neuron_hz(*neurons)),
        poisson.map_or(0.0, |drive| drive.weight_pa),
        initial_v_m_mv.mean,
        initial_v_m_mv.sd,
    ]
}

/// A table as SONATA has it: columns are separated by blanks.
pub(super) fn write_table(
    place: &Place,
    columns: &[&str],
    lines: impl Iterator<Item = Vec<String>>,
) -> Result<(), RecordingError> {
    let mut writer = csv::WriterBuilder::new().delimiter(b' ').from_writer(Vec::new());
    let text = || -> csv::Result<Vec<u8>> {
        writer.write_record(columns)?;
        for line in lines {
            writer.write_record(line)?;
        }
        writer.flush()?;
        Ok(writer.get_ref().clone())
    };
    let text = text().map_err(|error| RecordingError::write(&place.path(), error.into()))?;
    write_whole(place, &text)
}
