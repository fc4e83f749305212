//! Synapses as files.

use super::{Connection, Connections, ConnectionsError};
use crate::disk::Place;
use crate::output::export::ExportError;
use crate::output::export::parquet::{Table, column};
use crate::progress::Interruption;
use crate::simulation::recording::{Element, NpyWriter, RecordingError};
use ::parquet::data_type::{DoubleType, Int32Type};
use std::io::{BufWriter, Write};

/// Synapses that are held until they are written.
const CHUNK: usize = 1 << 18;
const SYNAPSES: &str = "message synapses {
    required int32 source (INTEGER(32, false));
    required int32 target (INTEGER(32, false));
    required double weight_pa;
    required double delay_ms;
}";

/// A synapse as NumPy holds it.
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Record {
    source: u32,
    target: u32,
    weight_pa: f64,
    delay_ms: f64,
}

impl Element for Record {
    const NAME: &'static str =
        "[('source', '<u4'), ('target', '<u4'), ('weight_pa', '<f8'), ('delay_ms', '<f8')]";

    fn bytes(self) -> Vec<u8> {
        let [source, target] = [self.source, self.target].map(u32::to_le_bytes);
        let [weight_pa, delay_ms] = [self.weight_pa, self.delay_ms].map(f64::to_le_bytes);
        [&source[..], &target, &weight_pa, &delay_ms].concat()
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        let whole = |at: usize| u32::of_bytes(&bytes[at..at + 4]);
        let real = |at: usize| f64::of_bytes(&bytes[at..at + 8]);
        Self { source: whole(0), target: whole(4), weight_pa: real(8), delay_ms: real(16) }
    }
}

impl From<Connection> for Record {
    fn from(Connection { source, target, weight_pa, delay_ms }: Connection) -> Self {
        Self { source, target, weight_pa, delay_ms }
    }
}

/// Where synapses go.
enum Sink {
    Csv(BufWriter<crate::disk::File>),
    Npy(NpyWriter<Record>),
    Parquet(Table),
}

/// Writes them to `place`, by its ending.
pub(super) fn write(
    connections: &Connections<'_>,
    place: &Place,
    interruption: &Interruption,
) -> Result<(), ConnectionsError> {
    // The name is that of a whole file only.
    let partial = place.with_suffix("partial");
    let written = fill(connections, place, &partial, interruption);
    let renamed = written.and_then(|()| {
        partial.rename(place).map_err(|source| RecordingError::write(&place.path(), source).into())
    });
    if renamed.is_err() {
        // What could be written of it takes room.
        let _ = partial.remove();
    }
    renamed
}

fn fill(
    connections: &Connections<'_>,
    place: &Place,
    partial: &Place,
    interruption: &Interruption,
) -> Result<(), ConnectionsError> {
    let mut sink = Sink::create(place, partial)?;
    let mut held = Vec::with_capacity(CHUNK);
    connections.each::<ConnectionsError>(interruption, |connection| {
        held.push(Record::from(connection));
        if held.len() == CHUNK {
            sink.take(&held, place)?;
            held.clear();
        }
        Ok(())
    })?;
    sink.take(&held, place)?;
    Ok(sink.finish(place)?)
}

impl Sink {
    fn create(place: &Place, partial: &Place) -> Result<Self, ConnectionsError> {
        let path = place.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => {
                let file = partial.create().map_err(|source| RecordingError::write(&path, source))?;
                let mut file = BufWriter::new(file);
                let head = writeln!(file, "source,target,weight_pa,delay_ms");
                head.map_err(|source| RecordingError::write(&path, source))?;
                Ok(Self::Csv(file))
            }
            Some("npy") => Ok(Self::Npy(NpyWriter::create(partial, None)?)),
            Some("parquet") => Ok(Self::Parquet(Table::create(partial, SYNAPSES)?)),
            _ => Err(ConnectionsError::Kind { path }),
        }
    }

    fn take(&mut self, records: &[Record], place: &Place) -> Result<(), ExportError> {
        match self {
            Self::Csv(file) => records.iter().try_for_each(|record| {
                let Record { source, target, weight_pa, delay_ms } = record;
                writeln!(file, "{source},{target},{weight_pa},{delay_ms}")
                    .map_err(|source| RecordingError::write(&place.path(), source).into())
            }),
            Self::Npy(file) => Ok(file.extend(records)?),
            // Unsigned values have the bits of signed ones.
            Self::Parquet(table) if !records.is_empty() => table.group(|columns| {
                let whole = |of: fn(&Record) -> u32| records.iter().map(|r| of(r) as i32).collect::<Vec<_>>();
                let real = |of: fn(&Record) -> f64| records.iter().map(of).collect::<Vec<_>>();
                column::<Int32Type>(columns, &whole(|record| record.source))?;
                column::<Int32Type>(columns, &whole(|record| record.target))?;
                column::<DoubleType>(columns, &real(|record| record.weight_pa))?;
                column::<DoubleType>(columns, &real(|record| record.delay_ms))
            }),
            Self::Parquet(_) => Ok(()),
        }
    }

    fn finish(self, place: &Place) -> Result<(), ExportError> {
        match self {
            Self::Csv(file) => {
                let written = |source| RecordingError::write(&place.path(), source);
                let file = file.into_inner().map_err(|error| written(error.into_error()))?;
                Ok(file.sync_data().map_err(written)?)
            }
            Self::Npy(file) => Ok(file.finish().map(drop)?),
            Self::Parquet(table) => table.finish(),
        }
    }
}
