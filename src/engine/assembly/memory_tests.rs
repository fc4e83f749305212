//! What networks take, and what is told if that is too much.

use super::*;
use crate::model::network::{Delay, LifParameters, ListedRule, Population, SynapseRule};

fn plan(synapses: u64, others: u64) -> MemoryPlan {
    MemoryPlan { buffers: vec![host(SYNAPSES, synapses), host("others", others)] }
}

const FULL: Scaling =
    Scaling { n_scaling: 1.0, k_scaling: 1.0, method: crate::model::network::ScalingMethod::Linear };

#[test]
fn a_network_that_fits_passes_and_unknown_memory_is_no_reason_to_stop() {
    assert!(check_memory(&plan(900, 100), &FULL, Some(1000)).is_ok());
    assert!(check_memory(&plan(900, 100), &FULL, None).is_ok());
}

#[test]
fn a_network_too_large_names_the_scale_that_fits() {
    let error = check_memory(&plan(320_000_000_000, 20_000_000_000), &FULL, Some(22_000_000_000));
    let message = error.unwrap_err().to_string();
    assert_eq!(
        message,
        "the network needs 340.00 GB of memory and 22.00 GB are available: \
         scaling.n_scaling = 0.23 with scaling.k_scaling = 0.23 would fit, or set engine.synapses = procedural, \
         or simulate fewer areas (areas: [...])"
    );
    let drawn = check_memory(&plan(0, 20_000_000_000), &FULL, Some(5_000_000_000)).unwrap_err();
    assert!(drawn.to_string().contains("0.25 would fit, or simulate fewer areas"), "{drawn}");
    let fits = |scale: f64| scale * scale * 320.0 + scale * 20.0 < 22.0;
    assert!(fits(0.23) && !fits(0.24));
}

#[test]
fn stimuli_that_are_on_at_one_time_add_up_and_those_that_follow_each_other_do_not() {
    let population = Population::new("cuneus V E", 20_000, LifParameters::default());
    let network = NetworkSpec::new(vec![population], Vec::new());
    let poisson = |from_ms: f64, to_ms: f64| Stimulus::Poisson {
        populations: crate::model::network::PopulationSelector("cuneus V E".to_owned()),
        rate_hz: Some(100.0),
        profile: None,
        psp_mv: Some(0.1),
        weight_pa: None,
        from_ms,
        to_ms: Some(to_ms),
    };
    let bytes = |stimuli: &[Stimulus]| stimuli_bytes(&network, stimuli, 0.1) as f64;
    let one = bytes(&[poisson(0.0, 50.0)]);
    let [at_once, after] = [0.0, 50.0].map(|from| bytes(&[poisson(0.0, 50.0), poisson(from, from + 50.0)]));
    assert!(one > 1e4 && at_once > 1.9 * one && after < 1.1 * one, "{one} {at_once} {after}");
    let error = check_memory(&setup_plan(&network, &vec![poisson(0.0, 50.0); 1000], 0.1), &FULL, Some(1000));
    assert!(error.unwrap_err().to_string().contains("give fewer stimuli"));
}

#[test]
fn lists_of_synapses_count_before_they_are_made() {
    let population = |name: &str| Population::new(name, 50_000, LifParameters::default());
    let (weight_pa, delay) = (10.0, Delay::constant(1.0));
    let rule = Some(SynapseRule::Listed(ListedRule::AllToAll { autapses: true }));
    let projection = Projection {
        source: 0,
        target: 1,
        synapses: 2_500_000_000,
        rule,
        weight_pa,
        weight_relative_sd: 0.0,
        delay,
    };
    let mut network = NetworkSpec::new(vec![population("a"), population("b")], vec![projection]);
    let needed = |network: &NetworkSpec| setup_plan(network, &[], 0.1).host_bytes();
    assert_eq!(needed(&network), 12 * 100_000 + (4 + 8) * 2_500_000_000);
    let error = check_memory(&setup_plan(&network, &[], 0.1), &FULL, Some(20_000_000_000)).unwrap_err();
    assert!(error.to_string().starts_with("the network needs 30.00 GB of memory"), "{error}");
    network.projections[0].rule = None;
    assert_eq!(needed(&network), 12 * 100_000);
}

#[test]
fn digits_are_rounded_down() {
    assert_eq!([0.2399, 0.0123, 1.0, 0.00999].map(rounded_down), [0.23, 0.012, 1.0, 0.0099]);
    assert_eq!(rounded_down(0.0), 0.0);
}
