//! Manipulations change what they name and keep the rest, and wrong ones are told.

use super::*;
use crate::model::network::{Delay, LifParameters};

fn network() -> NetworkSpec {
    let populations = ["a V E", "a V I", "b V E"].map(|name| {
        let words: Vec<&str> = name.split(' ').collect();
        Population::new(words[2], 10, LifParameters::default()).placed(words[0], words[1])
    });
    let projection = |source, target| Projection {
        rule: None,
        source,
        target,
        synapses: 101,
        weight_pa: 2.0,
        weight_relative_sd: 0.1,
        delay: Delay::constant(1.0),
    };
    NetworkSpec::new(populations.to_vec(), vec![projection(0, 1), projection(1, 0), projection(0, 2)])
}

fn after(manipulations: &str) -> Result<NetworkSpec, ManipulationError> {
    manipulated(network(), &ron::from_str::<Vec<Manipulation>>(manipulations).expect("manipulations"))
}

#[test]
fn connections_are_scaled_one_after_the_other_and_keep_their_place() {
    let twice = after(
        r#"[scale_connection(from: "a", to: "a", weight: 0.5), scale_connection(from: "* * E", to: "*", synapses: 0.5, weight: 3.0)]"#,
    );
    let found: Vec<(u64, f64)> =
        twice.unwrap().projections.iter().map(|p| (p.synapses, p.weight_pa)).collect();
    // Halves are rounded to even.
    assert_eq!(found, [(50, 3.0), (101, 1.0), (50, 6.0)]);
}

#[test]
fn a_silent_population_has_no_input_and_starts_at_its_leak() {
    let mut before = network();
    before.populations[1].dc_pa = 5.0;
    before.populations[1].initial_v_m_mv = Normal { mean: 0.0, sd: 9.0 };
    let silence = Manipulation::Silence { populations: PopulationSelector("* * I".into()) };
    let after = manipulated(before, &[silence]).unwrap();
    let population = &after.populations[1];
    assert_eq!((population.dc_pa, population.poisson), (0.0, None));
    assert_eq!(population.initial_v_m_mv, Normal { mean: -70.0, sd: 0.0 });
    assert_eq!(after.projections.iter().map(|p| p.synapses).collect::<Vec<_>>(), [0, 0, 101]);
    let mut pacemaker = network();
    pacemaker.populations[1].neuron.e_l_mv = -50.0;
    let silence = Manipulation::Silence { populations: PopulationSelector("*".into()) };
    let error = manipulated(pacemaker, &[silence]).unwrap_err().to_string();
    assert!(error.starts_with("manipulations[0].silence: `a V I` would spike without input"), "{error}");
}

#[test]
fn manipulations_of_nothing_are_told() {
    for (text, told) in [
        (
            r#"[silence(populations: "c")]"#,
            "manipulations[0].silence.populations: no population is called `c`: the nearest is `a V E`",
        ),
        (
            r#"[silence(populations: "a"), scale_connection(from: "b", to: "a", weight: 0.0)]"#,
            "manipulations[1].scale_connection: there are no synapses from `b` to `a`: choose populations that are \
             connected",
        ),
    ] {
        assert_eq!(after(text).unwrap_err().to_string(), told);
    }
}

#[test]
fn factors_and_selectors_are_checked() {
    let manipulations = [
        r#"scale_connection(from: "a", to: " ", weight: 0.0)"#,
        r#"scale_connection(from: "a", to: "b", weight: -1.0)"#,
        r#"scale_connection(from: "a", to: "b")"#,
        r#"scale_drive(populations: "a", rate: inf)"#,
        r#"scale_drive(populations: "a", rate: 2.0)"#,
    ];
    let parsed = manipulations.map(|text| ron::from_str::<Manipulation>(text).unwrap());
    let mut check = Check::default();
    check.manipulations(&parsed);
    let keys: Vec<String> = check.violations.into_iter().map(|violation| violation.key).collect();
    let expected = [
        "[0].scale_connection.to",
        "[1].scale_connection.weight",
        "[2].scale_connection",
        "[3].scale_drive.rate",
    ];
    assert_eq!(keys, expected.map(|key| format!("manipulations{key}")));
}

#[test]
fn words_name_what_changes() {
    let words = |text: &str| ron::from_str::<Manipulation>(text).unwrap().to_string();
    assert_eq!(
        words(r#"scale_connection(from: "cuneus", to: "lingual", weight: 0.0, synapses: 0.5)"#),
        "synapses from `cuneus` to `lingual`: weight × 0, their number × 0.5"
    );
    assert_eq!(words(r#"silence(populations: "insula")"#), "`insula` is silent");
    assert_eq!(words(r#"scale_drive(populations: "*", rate: 1.1)"#), "drive of `*`: rate × 1.1");
}
