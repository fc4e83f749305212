//! Two neurons and a synapse each way, state read step by step.
//!
//!     cargo run --release --example two_neurons
//!
//! A current makes the first neuron spike. Its spikes excite the second one, strongly enough to make it
//! spike too, and the second one inhibits the first. Both membrane potentials go to
//! out/examples/two_neurons.png; what the theory of one neuron says about them is checked on the way.

use humam_gpu::engine::EngineKind;
use humam_gpu::engine::assembly::{BuildOptions, BuiltNetwork};
use humam_gpu::model::network::{
    Delay, LifParameters, NetworkSpec, Population, Projection, psc_over_psp_pa_per_mv,
};
use humam_gpu::output::figures::colours::{EXCITATORY, INHIBITORY};
use humam_gpu::output::figures::{Axis, Frame, Picture, Plot, heading, legend, png};
use humam_gpu::simulation::recording::write_whole;
use std::error::Error;
use std::ops::ControlFlow;

const DURATION_MS: f64 = 50.0;
const DELAY_MS: f64 = 1.5;
/// Into the first neuron. 375 pA would bring it just to its threshold.
const CURRENT_PA: f64 = 450.0;
/// Peaks of the postsynaptic potentials at rest; the threshold is 15 mV above it.
const EXCITATION_MV: f64 = 18.0;
const INHIBITION_MV: f64 = -3.0;

fn main() -> Result<(), Box<dyn Error>> {
    // NEST's iaf_psc_exp with its defaults. A synapse is given by the peak of its current, so a wanted peak
    // of the potential is converted.
    let neuron = LifParameters::default();
    let pa_per_mv = psc_over_psp_pa_per_mv(&neuron, neuron.tau_syn_ex_ms);
    let synapse = |source, target, peak_mv: f64| Projection {
        rule: None,
        source,
        target,
        synapses: 1,
        weight_pa: peak_mv * pa_per_mv,
        weight_relative_sd: 0.0,
        delay: Delay::constant(DELAY_MS),
    };
    let network = NetworkSpec::new(
        vec![
            Population { dc_pa: CURRENT_PA, ..Population::new("driven", 1, neuron) },
            Population::new("follower", 1, neuron),
        ],
        vec![synapse(1, 0, INHIBITION_MV), synapse(0, 1, EXCITATION_MV)],
    );

    // How it is run stands in options; `Auto`, the default, takes a GPU if there is one.
    let mut options = BuildOptions::default();
    options.engine.engine = EngineKind::Cpu;
    let dt_ms = options.simulation.dt_ms;
    let built = BuiltNetwork::new(&network, &options)?;
    let mut engine = built.engine()?;

    // One step at a time: the spikes of the step, then the potentials after it. Step n ends at n · dt.
    let (mut spikes, mut v_m_mv) = ([Vec::new(), Vec::new()], vec![built.v_m_mv(&engine.state()?)]);
    for _ in 0..(DURATION_MS / dt_ms) as u32 {
        engine.advance(1, &mut |batch| {
            for (step, neurons) in batch.steps() {
                neurons.iter().for_each(|&neuron| spikes[neuron as usize].push(step));
            }
            ControlFlow::Continue(())
        })?;
        v_m_mv.push(built.v_m_mv(&engine.state()?));
    }

    for (population, steps) in network.populations.iter().zip(&spikes) {
        let times: Vec<String> =
            steps.iter().map(|&step| format!("{:.1}", f64::from(step) * dt_ms)).collect();
        println!("{:<9} spikes at {} ms", population.name(), times.join(", "));
    }
    let arrival = check_the_delay(&spikes, &v_m_mv, dt_ms)?;
    check_the_intervals(&spikes[0], dt_ms)?;

    println!("\n   t (ms)   driven (mV)   follower (mV)");
    let delay = arrival - spikes[0][0] as usize;
    for (step, v_m_mv) in v_m_mv.iter().enumerate().take(300).skip(170) {
        let at = |neuron: usize, ago: usize| spikes[neuron].iter().any(|&spike| spike as usize + ago == step);
        let marks = [
            (at(0, 0), "the driven neuron spikes"),
            (at(0, delay), "its spike arrives at the follower"),
            (at(1, 0), "the follower spikes"),
            (at(1, delay), "its spike arrives at the driven neuron"),
        ];
        let mark = marks.into_iter().find(|(is_so, _)| *is_so).map(|(_, mark)| mark);
        if mark.is_some() || step.is_multiple_of(5) {
            let (time_ms, mark) = (step as f64 * dt_ms, mark.unwrap_or_default());
            println!("{time_ms:9.1} {:13.3} {:15.3}   {mark}", v_m_mv[0], v_m_mv[1]);
        }
    }
    draw(&v_m_mv, dt_ms)
}

/// The follower rests, to the last bit, until exactly one delay after the spike. In the step in which the
/// spike arrives it changes the current, so the potential follows from the next step on. Returns the step
/// of the first arrival.
fn check_the_delay(spikes: &[Vec<u32>; 2], v_m_mv: &[Vec<f64>], dt_ms: f64) -> Result<usize, Box<dyn Error>> {
    let first = *spikes[0].first().ok_or("the driven neuron is silent")?;
    let arrival = first as usize + (DELAY_MS / dt_ms).round() as usize;
    let rest_mv = LifParameters::default().e_l_mv;
    assert!(v_m_mv[..=arrival].iter().all(|v_m_mv| v_m_mv[1] == rest_mv));
    assert!(v_m_mv[arrival + 1][1] > rest_mv);
    Ok(arrival)
}

/// Without inhibition the driven neuron would spike first after τ_m ln(RI/(RI − θ)), θ = V_th − E_L, and
/// then with that and the refractory period between spikes; inhibition makes it later.
fn check_the_intervals(steps: &[u32], dt_ms: f64) -> Result<(), Box<dyn Error>> {
    let neuron = LifParameters::default();
    let end_mv = neuron.tau_m_ms / neuron.c_m_pf * CURRENT_PA;
    let climb_ms = neuron.tau_m_ms * (end_mv / (end_mv - (neuron.v_th_mv - neuron.e_l_mv))).ln();
    let [first, second, ..] = steps else { return Err("the driven neuron spikes less than twice".into()) };
    // A spike is stamped with the end of the step in which the threshold is crossed.
    assert_eq!(*first, (climb_ms / dt_ms).ceil() as u32);
    let interval_ms = f64::from(second - first) * dt_ms;
    println!(
        "\nfirst interval of the driven neuron: {interval_ms:.1} ms, uninhibited {:.1} ms",
        climb_ms + neuron.t_ref_ms
    );
    assert!(interval_ms > climb_ms + neuron.t_ref_ms + dt_ms);
    Ok(())
}

fn draw(v_m_mv: &[Vec<f64>], dt_ms: f64) -> Result<(), Box<dyn Error>> {
    let mut picture = Picture::new(720.0, 360.0);
    heading(
        &mut picture,
        "Two neurons",
        "Membrane potentials; the second one follows the spikes of the first",
    );
    legend(&mut picture, (80.0, 72.0), &[("driven", EXCITATORY), ("follower", INHIBITORY)]);
    let time = Axis::linear("time (ms)", (0.0, DURATION_MS));
    let frame = Frame::new(80.0, 90.0, 610.0, 220.0);
    let plot = Plot::new(&mut picture, frame, time, Axis::linear("V_m (mV)", (-75.0, -52.0)));
    for (neuron, colour) in [(0, EXCITATORY), (1, INHIBITORY)] {
        let values = v_m_mv.iter().enumerate().map(|(step, v_m_mv)| (step as f64 * dt_ms, v_m_mv[neuron]));
        plot.curve(&mut picture, values, colour, 1.5);
    }
    std::fs::create_dir_all("out/examples")?;
    write_whole("out/examples/two_neurons.png", &png(&picture)?)?;
    println!("figure: out/examples/two_neurons.png");
    Ok(())
}
