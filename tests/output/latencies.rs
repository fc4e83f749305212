//! Responses to a stimulus of the primary visual cortex come in the order of the delays.

use crate::fixtures::command_line::Workplace;
use crate::pictures::analysed;
use humam_gpu::analysis::Analysis;

/// Fewest areas besides the stimulated one that respond.
const FEWEST: usize = 5;
/// One-sided 5 % bounds of Spearman's rank correlation without ties for 5 to 10 pairs (Zar 1972,
/// doi:10.1080/01621459.1972.10481251); of more pairs the bound is lower.
const BOUNDS: [f64; 6] = [0.900, 0.829, 0.714, 0.643, 0.600, 0.564];

fn run(workplace: &Workplace, set: &str) -> Analysis {
    let command = "run stimulation --engine cpu --figures none --no-report --quiet";
    analysed(&workplace.folder_of(&format!("{command} {set}")))
}

/// Areas that respond, without the stimulated one.
fn responding(analysis: &Analysis) -> usize {
    let response = &analysis.responses[0];
    let both = response.areas.iter().zip(&response.delays_ms);
    both.filter(|(found, delay_ms)| found.latency_ms.is_ok() && delay_ms.is_some()).count()
}

#[test]
#[ignore = "minutes on two cores; run it with `cargo test --release --test output latencies -- --ignored`"]
fn areas_respond_to_the_visual_cortex_in_the_order_of_mean_delays() {
    let workplace = Workplace::new();
    let analysis = run(&workplace, "");
    let n = responding(&analysis);
    assert!(n >= FEWEST, "{n} areas respond");
    let bound = BOUNDS[(n - FEWEST).min(BOUNDS.len() - 1)];
    let rho = analysis.responses[0].rank_correlation.clone().expect("a correlation");
    println!("{n} areas respond, rank correlation of latency and mean delay {rho:.3}, bound {bound}");
    assert!(rho > bound, "{rho} of {n} areas");
    // Pulses that move no neuron: areas respond with the probability α alone.
    let weak = r#"--set stimuli=[pulses(populations:"pericalcarine",amplitude_pa:0.01,period_ms:100.0,width_ms:3.0,from_ms:500.0)]"#;
    let n = responding(&run(&workplace, weak));
    assert!(n < 4, "{n} of 33 areas respond to nothing, at α = 0.01");
}
