//! The command line: parses, calls the library, prints.
mod cli;

use humam_gpu::engine::gpu::MESA_ENVIRONMENT;
use std::process::ExitCode;

fn main() -> ExitCode {
    set_up_mesa();
    cli::main()
}

/// Sets what is not set already.
fn set_up_mesa() {
    for (variable, value) in MESA_ENVIRONMENT {
        if std::env::var_os(variable).is_none() {
            // SAFETY: this is the first that the program does, so no other thread reads the environment.
            unsafe { std::env::set_var(variable, value) };
        }
    }
}
