//! `humam_gpu._native`: the library of the program as classes and functions of Python, with arrays of NumPy.
//!
//! What people call is `humam_gpu`, in Python, with pandas and documentation; this module does no more than carry
//! values over, raise errors as exceptions, and let other threads of Python go on meanwhile.

mod adapters;
mod analysis;
mod arrays;
mod compare;
mod config;
mod errors;
mod figure;
mod network;
mod run;
mod simulation;
mod sweep;
mod work;

/// The module.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::adapters::{adapters, mesa_environment};
    #[pymodule_export]
    use super::analysis::Analysis;
    #[pymodule_export]
    use super::compare::compare_runs;
    #[pymodule_export]
    use super::config::Config;
    #[pymodule_export]
    use super::figure::{Figure, figure_names};
    #[pymodule_export]
    use super::network::Network;
    #[pymodule_export]
    use super::run::{RunFolder, make_run, saved_run};
    #[pymodule_export]
    use super::simulation::Simulation;
    #[pymodule_export]
    use super::sweep::run_sweep;
}
