//! Networks as people write them, right and wrong ones.

use super::*;
use crate::model::network::{ConnectionRule, Delay, SynapseRule, psc_over_psp_pa_per_mv};

fn network_of_text(text: &str) -> Result<NetworkSpec, DescriptionError> {
    NetworkText::new(text)?.network(Path::new(""))
}

const POPULATIONS: &str = r#"populations: [
    (area: "a", layer: "IV", cell_type: "E", neurons: 100, neuron: (c_m_pf: 100.0, tau_syn_in_ms: 4.0)),
    (area: "a", layer: "IV", cell_type: "I", neurons: 20, poisson: (rate_hz: 8.0, in_degree: 30, psp_mv: 0.2)),
    (area: "b", cell_type: "E", neurons: 50, dc_pa: 7.0, initial_v_m_mv: (mean: -60.0, sd: 2.0)),
]"#;

fn network(projections: &str) -> Result<NetworkSpec, DescriptionError> {
    network_of_text(&format!("(\n{POPULATIONS},\nprojections: [{projections}],\n)"))
}

fn error(projections: &str) -> String {
    network(projections).unwrap_err().to_string()
}

#[test]
fn populations_have_what_is_written_and_else_what_nest_has() {
    let network = network("").unwrap();
    let names: Vec<String> = network.populations.iter().map(Population::name).collect();
    assert_eq!(names, ["a IV E", "a IV I", "b E"]);
    let nest = LifParameters::default();
    let [first, second, third] = &network.populations[..] else { panic!("three populations") };
    assert_eq!(first.neuron, LifParameters { c_m_pf: 100.0, tau_syn_in_ms: 4.0, ..nest });
    assert_eq!((second.neuron, first.initial_v_m_mv), (nest, Normal { mean: -70.0, sd: 0.0 }));
    let drive = second.poisson.unwrap();
    assert_eq!((drive.synapses, drive.rate_hz, drive.relative_sd), (600, 8.0, 0.0));
    assert_eq!(drive.rate_per_neuron_hz(20), 240.0);
    assert_eq!(drive.weight_pa, 0.2 * psc_over_psp_pa_per_mv(&nest, nest.tau_syn_ex_ms));
    assert_eq!((third.dc_pa, third.initial_v_m_mv), (7.0, Normal { mean: -60.0, sd: 2.0 }));
    assert_eq!(network.p_transmit, 1.0);
}

#[test]
fn projections_stand_for_all_pairs_sorted_by_target_then_source() {
    let network = network(
        r#"(from: "a", to: "*", rule: fixed_indegree(10), psp_mv: -0.1, weight_relative_sd: 0.2,
            delay: (mean_ms: 1.5, relative_sd: 0.5)),
           (from: "b", to: "a IV E", rule: fixed_total_number(77), weight_pa: 3.0, delay_ms: 2.0),
           (from: "a IV E", to: "b", rule: fixed_total_number(5), weight_pa: 1.0, delay_ms: 1.0)"#,
    )
    .unwrap();
    let found: Vec<(usize, usize, u64)> =
        network.projections.iter().map(|p| (p.target, p.source, p.synapses)).collect();
    let expected = [
        (0, 0, 1000),
        (0, 1, 1000),
        (0, 2, 77),
        (1, 0, 200),
        (1, 1, 200),
        (2, 0, 500),
        (2, 0, 5),
        (2, 1, 500),
    ];
    assert_eq!(found, expected);
    let [onto_e, _, from_b, onto_i, ..] = &network.projections[..] else { panic!("projections") };
    // The potential is that of the target.
    for (projection, target) in [(onto_e, 0), (onto_i, 1)] {
        let neuron = &network.populations[target].neuron;
        assert_eq!(projection.weight_pa, -0.1 * psc_over_psp_pa_per_mv(neuron, neuron.tau_syn_in_ms));
        assert_eq!(projection.rule, Some(SynapseRule::Drawn(ConnectionRule::FixedIndegree)));
        assert_eq!(projection.delay, Delay::lognormal(1.5, 0.5));
    }
    assert_eq!(
        (from_b.rule, from_b.delay),
        (Some(SynapseRule::Drawn(ConnectionRule::FixedTotalNumber)), Delay::constant(2.0))
    );
}

#[test]
fn wrong_entries_are_told_with_their_place_all_at_once() {
    let message = error(
        r#"(from: "a", to: "c", rule: fixed_indegree(10), psp_mv: 0.1, delay_ms: 1.0),
           (from: "a VI", to: "b", rule: fixed_indegree(10), weight_pa: 1.0, psp_mv: 0.1),
           (from: "b", to: "b", rule: fixed_indegree(10), delay_ms: 1.0)"#,
    );
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines,
        [
            "projections[0].to: no population is called `c`: the nearest is `a IV E`",
            "projections[1].from: no population is called `a VI`: the nearest is `a IV E`",
            "projections[1]: give one of delay_ms and delay",
            "projections[2]: give one of weight_pa and psp_mv",
        ]
    );
}

#[test]
fn wrong_text_has_its_line_and_column() {
    for (projections, told) in [
        (
            r#"(from: "a", to: "b", rule: fixed_indegre(10), psp_mv: 0.1, delay_ms: 1.0)"#,
            "line 7, column 42: ",
        ),
        (r#"(from: "a", to: "b", rule: fixed_indegree(-1), psp_mv: 0.1, delay_ms: 1.0)"#, "line 7, column "),
        (r#"(fro: "a", to: "b")"#, "line 7, column "),
    ] {
        let message = error(projections);
        assert!(message.starts_with(told), "{message}");
    }
    assert!(network_of_text("").unwrap_err().to_string().starts_with("line 1, column 1: "));
}

#[test]
fn a_network_that_cannot_be_is_told() {
    let message = error(r#"(from: "a", to: "b", rule: fixed_indegree(10), weight_pa: 1.0, delay_ms: -1.0)"#);
    assert!(message.contains("delay.mean_ms = -1 of projection 0 must be finite and above 0"), "{message}");
    let twice = r#"(populations: [(cell_type: "E", neurons: 1), (cell_type: "E", neurons: 2)])"#;
    assert!(matches!(network_of_text(twice), Err(DescriptionError::Network(_))));
}

#[test]
fn rules_have_the_numbers_of_synapses_that_they_say() {
    let ends = r#"from: "a IV I", to: "a IV I", weight_pa: 1.0, delay_ms: 1.0"#;
    for (rule, synapses, is_listed) in [
        ("rule: fixed_total_number(7)", 7, false),
        ("rule: fixed_total_number(7), autapses: false", 7, true),
        ("rule: fixed_indegree(3)", 60, false),
        ("rule: fixed_indegree(3), multapses: false", 60, true),
        ("rule: fixed_outdegree(4), autapses: false, multapses: false", 80, true),
        ("rule: pairwise_bernoulli(0.25)", 100, true),
        ("rule: pairwise_bernoulli(0.25), autapses: false", 95, true),
        ("rule: all_to_all", 400, true),
        ("rule: all_to_all, autapses: false", 380, true),
        ("rule: one_to_one", 20, true),
    ] {
        let network = network(&format!("({ends}, {rule})")).unwrap_or_else(|error| panic!("{rule}: {error}"));
        let projection = &network.projections[0];
        assert_eq!(projection.synapses, synapses, "{rule}");
        assert_eq!(network.listed_rule_of(projection).is_some(), is_listed, "{rule}");
    }
    // Between populations there are no autapses, and the rule stays one that needs no list.
    let between = network(
        r#"(from: "a IV E", to: "b", rule: fixed_indegree(3), autapses: false, weight_pa: 1.0, delay_ms: 1.0)"#,
    );
    assert_eq!(between.map(|network| network.listed_rule_of(&network.projections[0])), Ok(None));
}

#[test]
fn rules_that_contradict_themselves_are_told() {
    for (rule, told) in [
        ("fixed_total_number(7), multapses: false", "projections[0]: fixed_total_number has multapses"),
        (
            "fixed_indegree(101), multapses: false",
            "101 synapses without multapses need as many neurons, and there are 100",
        ),
        (
            "fixed_outdegree(51), multapses: false",
            "51 synapses without multapses need as many neurons, and there are 50",
        ),
        ("pairwise_bernoulli(1.5)", "a probability of 1.5 must lie between 0 and 1"),
        ("one_to_one", "one_to_one needs as many sources as targets, not 100 and 50"),
    ] {
        let message =
            error(&format!(r#"(from: "a IV E", to: "b", rule: {rule}, weight_pa: 1.0, delay_ms: 1.0)"#));
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn files_of_synapses_have_two_populations_and_their_columns_no_keys() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("whole.csv", "source,target,weight_pa,delay_ms\n19,49,-2,1.5\n0,0,-4,2.5\n");
    write("pairs.csv", "source,target\n19,49\n");
    write("numbered.csv", "source,target\n119,120\n100,169\n");
    let read = |projection: &str| {
        let text = format!("(\n{POPULATIONS},\nprojections: [({projection})],\n)");
        NetworkText::new(&text).unwrap().network(folder.path()).map_err(|error| error.to_string())
    };
    let ends = r#"from: "a IV I", to: "b""#;
    let network = read(&format!(r#"{ends}, rule: explicit("whole.csv")"#)).unwrap();
    let projection = &network.projections[0];
    assert_eq!((projection.synapses, projection.rule), (2, Some(SynapseRule::Explicit(0))));
    assert_eq!((projection.weight_pa, projection.delay), (-3.0, Delay::constant(2.0)));
    let keys = "weight_pa: 3.0, weight_relative_sd: 0.1, delay_ms: 1.0";
    let network = read(&format!(r#"{ends}, rule: explicit("numbered.csv"), numbering: network, {keys}"#));
    let network = network.unwrap();
    let (projection, columns) = (&network.projections[0], network.lists[0].columns());
    assert_eq!((projection.weight_pa, projection.weight_relative_sd), (3.0, 0.1));
    assert_eq!((&columns.sources[..], &columns.targets[..]), (&[19, 0][..], &[0, 49][..]));
    for (projection, told) in [
        (
            format!(r#"{ends}, rule: explicit("whole.csv"), psp_mv: 1.0"#),
            "projections[0]: the file has the column weight_pa: leave weight_pa, psp_mv",
        ),
        (
            format!(r#"{ends}, rule: explicit("whole.csv"), delay_ms: 1.0"#),
            "projections[0]: the file has the column delay_ms: leave delay_ms and delay out",
        ),
        (
            format!(r#"{ends}, rule: explicit("pairs.csv"), delay_ms: 1.0"#),
            "projections[0]: give one of weight_pa and psp_mv",
        ),
        (
            format!(r#"{ends}, rule: explicit("whole.csv"), multapses: false"#),
            "projections[0]: explicit has the synapses of its file: leave autapses and multapses out",
        ),
        (
            r#"from: "a", to: "b", rule: explicit("whole.csv")"#.to_owned(),
            "projections[0]: explicit needs one source and one target population, and the selectors choose 2 and 1",
        ),
        (format!("{ends}, rule: one_to_one, numbering: network, {keys}"), "projections[0]: only the file of"),
    ] {
        let error = read(&projection).unwrap_err();
        assert!(error.starts_with(told), "{error}");
    }
}
