//! The keys that a configuration may have.

use super::Config;
use crate::telling;
use serde_json::Value;
use std::sync::LazyLock;

/// The tree if nothing is configured.
static DEFAULT: LazyLock<Value> = LazyLock::new(|| tree(&Config::default()));

/// Every key of it.
static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
    fn collect(prefix: &str, value: &Value, keys: &mut Vec<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            keys.push(path.clone());
            collect(&path, value, keys);
        }
    }
    let mut keys = Vec::new();
    collect("", &DEFAULT, &mut keys);
    keys
});

/// The configuration's tree of keys and values, everything filled in.
pub(super) fn tree(config: &Config) -> Value {
    serde_json::to_value(config).expect("numbers and strings with their names have a JSON form")
}

/// Every key with its sections, sections themselves included.
pub(super) fn all() -> &'static [String] {
    &ALL
}

/// What is at `key` in a tree; `None` if there is no such key.
pub(super) fn at<'t>(tree: &'t Value, key: &str) -> Option<&'t Value> {
    key.split('.').try_fold(tree, |value, part| value.get(part))
}

/// The value of `key`, such as `weights.chi`, in `config`; `None` if there is no such key.
pub fn value(config: &Config, key: &str) -> Option<Value> {
    at(&tree(config), key).cloned()
}

/// The value that `key` has if nothing is configured.
pub(super) fn default_value(key: &str) -> Option<&'static Value> {
    at(&DEFAULT, key)
}

/// Whether `key` holds a list, whose items have keys of their own.
pub(super) fn is_list(key: &str) -> bool {
    default_value(key).is_some_and(Value::is_array)
}

/// The key of the seed, which sweeps treat apart.
pub const SEED: &str = "simulation.seed";

/// Names that the published implementations of the models and NEST have for keys.
const ELSEWHERE: [(&str, &str); 41] = [
    ("N_scaling", "scaling.n_scaling"),
    ("K_scaling", "scaling.k_scaling"),
    ("scaling_type", "scaling.method"),
    ("cc_scalingEtoE", "weights.chi"),
    ("cc_scalingEtoI", "weights.chi_i"),
    ("local_scaling4Eto23E", "weights.local_iv_e_to_ii_iii_e"),
    ("local_scaling5EtoI", "weights.local_v_e_to_i"),
    ("local_scalingEtoI", "weights.local_e_to_i"),
    ("PSP_e", "weights.psp_mv"),
    ("PSP_rel", "weights.relative_sd"),
    ("PSP_ext", "drive.psp_mv"),
    ("eta_ext", "drive.eta"),
    ("scaling5E", "drive.v_e_factor"),
    ("scaling6E", "drive.vi_e_factor"),
    ("neuron_params_E", "neurons.excitatory"),
    ("neuron_params_I", "neurons.inhibitory"),
    ("V0_mean", "neurons.initial_v_m_mean_mv"),
    ("V0_sd", "neurons.initial_v_m_sd_mv"),
    ("delay_e", "delays.local_excitatory_ms"),
    ("delay_i", "delays.local_inhibitory_ms"),
    ("delay_rel", "delays.relative_sd"),
    ("interarea_speed", "delays.conduction_velocity_mm_per_ms"),
    ("rho_syn", "connectivity.synapse_density_per_mm3"),
    ("FLN", "connectivity.fln_within_area"),
    ("Z_i", "connectivity.feedback_onto_excitatory"),
    ("SLN_FF", "connectivity.sln_feedforward"),
    ("SLN_FB", "connectivity.sln_feedback"),
    ("lmbda", "connectivity.lambda_um"),
    ("a0", "connectivity.sln_a0"),
    ("a1", "connectivity.sln_a1"),
    ("surface_area", "anatomy.surface_area_mm2"),
    ("t_sim", "simulation.duration_ms"),
    ("sim_time", "simulation.duration_ms"),
    ("dt", "simulation.dt_ms"),
    ("resolution", "simulation.dt_ms"),
    ("master_seed", SEED),
    ("rng_seed", SEED),
    ("num_threads", "engine.threads"),
    ("local_num_threads", "engine.threads"),
    ("single_spike", "stimuli"),
    ("subsample", "analysis.correlation_neurons"),
];

/// The key of that name, with or without its sections, here or in other programs; `None` if no key or several have
/// it.
pub fn key_named(name: &str) -> Option<&'static str> {
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, key)| *key);
    let mut own = all().iter().filter(|key| *key == name || key.rsplit('.').next() == Some(name));
    let first = own.next().map(String::as_str);
    elsewhere.or(first.filter(|_| own.next().is_none()))
}

/// The name of a key without its unit.
fn without_unit(name: &str) -> &str {
    const UNITS: [&str; 9] = ["_mm_per_ms", "_per_mm3", "_mm2", "_mv", "_ms", "_pf", "_pa", "_hz", "_um"];
    UNITS.iter().find_map(|unit| name.strip_suffix(unit)).unwrap_or(name)
}

/// The known key most like `key`: by its own name, with or without a unit, then by that of its sections. Empty if none
/// is like it.
pub(super) fn nearest(key: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    if let Some((_, known)) = ELSEWHERE.iter().find(|(other, _)| *other == name) {
        return (*known).to_owned();
    }
    let split = |key: &str| {
        let (sections, name) = key.rsplit_once('.').unwrap_or(("", key));
        (sections.to_owned(), name.to_owned())
    };
    let (sections, name) = split(key);
    let lower = name.to_lowercase();
    let by_name = |known: &str| {
        let [whole, bare] = [known, without_unit(known)].map(|known| telling::distance(&lower, known));
        whole.min(bare)
    };
    let distance = |known: &String| {
        let (known_sections, known_name) = split(known);
        let by_name = by_name(&known_name);
        // A key of the same section is meant rather than one a letter nearer in another section.
        let elsewhere = usize::from(sections != known_sections) * 2;
        (by_name + elsewhere, by_name, telling::distance(&sections, &known_sections))
    };
    let is_like = |known: &&String| by_name(&split(known).1) <= 1 + name.chars().count() * 2 / 5;
    all().iter().filter(is_like).min_by_key(|key| distance(key)).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_sections_before_them() {
        let keys = all();
        for key in ["name", "weights", "weights.chi", "neurons.inhibitory.tau_m_ms", "engine.threads"] {
            assert!(keys.iter().any(|k| k == key), "{key}");
        }
    }

    #[test]
    fn the_nearest_key_is_found_across_sections() {
        assert_eq!(nearest("weights.chii"), "weights.chi");
        assert_eq!(nearest("chi_i"), "weights.chi_i");
        assert_eq!(nearest("simulation.duraton_ms"), "simulation.duration_ms");
        assert_eq!(nearest("wieghts.chi"), "weights.chi");
        assert_eq!(nearest("thread"), "engine.threads");
        assert_eq!(nearest("neurons.inhibitory.E_L"), "neurons.inhibitory.e_l_mv");
        for (name, key) in
            [("tau_m", "tau_m_ms"), ("V_th", "v_th_mv"), ("C_m", "c_m_pf"), ("t_ref", "t_ref_ms")]
        {
            assert_eq!(nearest(name), format!("neurons.excitatory.{key}"));
        }
        assert_eq!(nearest("synaptic_plasticity"), "");
    }

    #[test]
    fn names_of_other_programs_lead_to_keys() {
        for (name, key) in ELSEWHERE {
            assert!(all().iter().any(|known| known == key), "{key}");
            assert_eq!((nearest(name).as_str(), key_named(name)), (key, Some(key)));
        }
        let readme = include_str!("../../README.md");
        for (name, key) in ELSEWHERE {
            assert!(readme.contains(&format!("| `{name}` | `{key}` |")), "README.md lacks {name}, {key}");
        }
        assert_eq!(nearest("simulation.t_sim"), "simulation.duration_ms");
        assert_eq!(key_named("chi"), Some("weights.chi"));
        // Two sections have such a key.
        assert_eq!(key_named("relative_sd"), None);
    }
}
