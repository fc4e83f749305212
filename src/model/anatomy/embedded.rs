//! The tables of `data/` as they are compiled into the program; sources in `data/README.md`.

macro_rules! tables {
    ($($file:literal),* $(,)?) => {
        /// File name and text of every table of `data/`.
        pub const TABLES: &[(&str, &str)] =
            &[$(($file, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/", $file)))),*];
    };
}

tables![
    "cell_body_given_synapse_layer_binzegger.csv",
    "cell_body_given_synapse_layer_mohan.csv",
    "desikan_killiany_areas.csv",
    "excitatory_fraction.csv",
    "hcp_connectivity_nos_lh.csv",
    "hcp_connectivity_nos_rh.csv",
    "hcp_fiber_length_mm_lh.csv",
    "hcp_fiber_length_mm_rh.csv",
    "hcp_functional_connectivity_lh.csv",
    "hcp_functional_connectivity_rh.csv",
    "minxha_2020_spiking_quantiles.csv",
    "potjans_diesmann_2014.csv",
    "pronold_2024_chi.csv",
    "von_economo_koskinas.csv",
];

/// Text of the built-in table `file`, or `None` if there is no such table.
pub fn table(file: &str) -> Option<&'static str> {
    TABLES.iter().find(|(name, _)| *name == file).map(|(_, text)| *text)
}
