//! The microcircuit of Potjans & Diesmann (2014, doi:10.1093/cercor/bhs358) at a tenth of its size, from
//! the configuration that comes with the program, and its rates beside the published ones.
//!
//!     cargo run --release --example microcircuit
//!
//! A tenth of the neurons with a tenth of their synapses: weights grow by 1/√0.1, and a current stands
//! for the rest of the mean input, so that theory predicts the same rates (van Albada, Helias & Diesmann
//! 2015, doi:10.1371/journal.pcbi.1004490). Fewer neurons share more of their input, so the rates of a
//! simulation are near the published ones and not the same.

use humam_gpu::config::{self, Override};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::simulation::simulate_network;
use std::error::Error;
use std::path::Path;

/// Of the full model, 1/s, L2/3 E to L6 I: `full_mean_rates` of its implementation that comes with NEST.
const PUBLISHED_HZ: [f64; 8] = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829];
/// Where the rates may lie, relative to the published ones and in 1/s: what a tenth of the size changes.
const TOLERANCE: (f64, f64) = (0.2, 0.3);

fn main() -> Result<(), Box<dyn Error>> {
    // The keys of configs/microcircuit.ron, some with other values, as --set gives them on the command line.
    let keys = [
        "scaling.n_scaling=0.1",
        "scaling.k_scaling=0.1",
        "simulation.duration_ms=2500",
        "engine.engine=cpu",
    ];
    let overrides = keys.into_iter().map(Override::set).collect::<Result<Vec<_>, _>>()?;
    let config = config::load(Path::new("builtin:microcircuit"), &overrides)?;

    // Tables → model → theory → scaled network. `()` is told what goes on and does not care.
    let tables = Tables::load(&config.anatomy)?;
    let derived = model_network(&config.model_options(), &tables, &mut ())?;
    let network = derived.network;
    println!("{} neurons, {} synapses", network.n_neurons(), network.n_synapses());

    let spikes = simulate_network(&network, &config.build_options())?;
    let statistics =
        humam_gpu::analysis::statistics_of(&network, &spikes, &config.simulation, &config.analysis)?;

    println!("population            published   theory   simulation (1/s)   CV ISI   correlation");
    let mut within = 0;
    for (index, (population, found)) in network.populations.iter().zip(&statistics.populations).enumerate() {
        let (published_hz, theory_hz) = (PUBLISHED_HZ[index], derived.with_dc.rates_hz[index]);
        let rate_hz = found.rate_hz.clone()?;
        // What cannot be told, as the CV of too few spikes, says why it is not there.
        let shown = |value: &Result<f64, _>| value.as_ref().map_or("none".to_owned(), |v| format!("{v:.3}"));
        println!(
            "{:<20} {published_hz:10.3} {theory_hz:8.3} {rate_hz:18.3} {:>8} {:>13}",
            population.name(),
            shown(&found.cv_isi),
            shown(&found.correlation)
        );
        let bound_hz = TOLERANCE.0 * published_hz + TOLERANCE.1;
        within += usize::from((rate_hz - published_hz).abs() < bound_hz);
    }
    assert_eq!(within, PUBLISHED_HZ.len(), "populations near their published rate");
    Ok(())
}
