//! Data flows one way: a module imports only what stands left of it, libraries stay where they
//! belong, and no float reaches a shader.

mod source_text;

use source_text::{SourceFile, code, first_segments, has_word, source_files, words};

/// The flow of data, as the documentation of the library draws it.
const FLOW: [&str; 18] = [
    "config",
    "anatomy",
    "network",
    "theory",
    "model",
    "integer",
    "synapses",
    "engine",
    "build",
    "simulation",
    "recording",
    "analysis",
    "export",
    "figures",
    "report",
    "run",
    "sweep",
    "bench",
];
/// Left of all.
const BEFORE_ALL: [&str; 4] = ["rng", "progress", "disk", "telling"];
/// The binary, right of all: the only place that knows the command line and the terminal.
const BINARY: [&str; 2] = ["main", "cli"];
/// Modules that know nothing of brains, and what they would know them from.
const ABSTRACT: [&str; 5] = ["network", "theory", "integer", "synapses", "engine"];
const BRAINS: [&str; 2] = ["anatomy", "model"];
/// Libraries and the only place for each.
const LIBRARIES: [(&str, &[&str]); 11] = [
    ("rustix", &["src/disk/"]),
    ("wgpu", &["src/engine/gpu/"]),
    ("clap", &["src/main.rs", "src/cli.rs", "src/cli/"]),
    ("ctrlc", &["src/cli/"]),
    ("clap_complete", &["src/cli/"]),
    ("clap_mangen", &["src/cli/"]),
    ("anyhow", &["src/main.rs", "src/cli.rs", "src/cli/"]),
    ("tiny_skia", &["src/figures/"]),
    ("ttf_parser", &["src/figures/"]),
    ("parquet", &["src/export/"]),
    ("indicatif", &["src/main.rs", "src/cli.rs", "src/cli/"]),
];
/// What prints; the library does not.
const PRINTING: [&str; 5] = ["println", "eprintln", "print", "eprint", "dbg"];
/// The only place that opens, makes or removes files, and words and calls of those that do.
const DOOR: &str = "src/disk/";
const FILE_WORDS: [&str; 2] = ["fs", "OpenOptions"];
const FILE_CALLS: [&str; 3] = ["File::", ".read_dir(", "from_path("];
/// Parts of the program in which spikes are computed, in integers.
const INTEGER_ONLY: [&str; 2] = ["src/engine/cpu/", "src/engine/reference/"];

/// The module of the first level that `path` belongs to: `engine` for `src/engine/cpu/mod.rs`.
fn module(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    below.split(['/', '.']).next().unwrap_or(below)
}

/// Position in the flow; `None` for a module that has none.
fn position(module: &str) -> Option<usize> {
    if BEFORE_ALL.contains(&module) {
        return Some(0);
    }
    FLOW.iter().position(|&m| m == module).map(|at| at + 1)
}

/// What in `file` breaks the rule that a module imports only what stands left of it.
fn wrong_imports(file: &SourceFile) -> Vec<String> {
    let own = module(&file.path);
    if BINARY.contains(&own) || own == "lib" {
        return Vec::new();
    }
    let Some(own_position) = position(own) else {
        return vec![format!("{}: '{own}' has no place in the flow: give it one in FLOW", file.path)];
    };
    let code = code(&file.text);
    let is_root = file.path.matches('/').count() == 1 || file.path.ends_with(&format!("src/{own}/mod.rs"));
    let mut imported = first_segments(&code, "crate::");
    if is_root {
        // `super` of a module of the first level is the crate; of its tests it is the module.
        imported.extend(first_segments(&code, "super::").into_iter().filter(|m| position(m).is_some()));
    }
    imported.retain(|m| m != own);
    let wrong = |m: &String| {
        let right_of_it = position(m).is_none_or(|at| at >= own_position);
        right_of_it || (ABSTRACT.contains(&own) && BRAINS.contains(&m.as_str()))
    };
    imported.iter().filter(|m| wrong(m)).map(|m| format!("{}: '{own}' imports '{m}'", file.path)).collect()
}

/// Libraries and printing where they do not belong.
fn out_of_place(file: &SourceFile) -> Vec<String> {
    let code = code(&file.text);
    let is_binary = BINARY.contains(&module(&file.path));
    let library = |(library, places): &(&str, &[&str])| {
        let allowed = places.iter().any(|place| file.path.starts_with(place));
        (!allowed && has_word(&code, library)).then(|| format!("{}: uses {library}", file.path))
    };
    let prints = |m: &&str| !is_binary && code.contains(&format!("{m}!")) && has_word(&code, m);
    let printing = PRINTING.iter().filter(|m| prints(m)).map(|m| format!("{}: {m}!", file.path));
    LIBRARIES.iter().filter_map(library).chain(printing).collect()
}

/// Files that are opened, made or removed elsewhere than by the door; tests at the end of a file may do so.
fn past_the_door(file: &SourceFile) -> Vec<String> {
    let code = code(&file.text);
    let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    if file.path.starts_with(DOOR) || file.path.ends_with("_tests.rs") {
        return Vec::new();
    }
    let named = FILE_WORDS.into_iter().filter(|word| has_word(code, word));
    let called = FILE_CALLS.into_iter().filter(|call| {
        code.match_indices(call)
            .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() && !call.starts_with('.')))
    });
    named.chain(called).map(|found| format!("{}: {found}", file.path)).collect()
}

/// Floats in a shader or an engine: their types, or literals with a point, an exponent or a suffix;
/// tests at the end of a file may have them.
fn floats(file: &SourceFile) -> Vec<String> {
    let code = code(&file.text);
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let types = ["f16", "f32", "f64", "vec2f", "vec3f", "vec4f", "vec2h", "vec3h", "vec4h"];
    let is_float = |word: &&str| {
        let decimal = word.starts_with(|c: char| c.is_ascii_digit()) && !word.starts_with("0x");
        types.contains(word) || decimal && word.contains(['e', 'f', 'h'])
    };
    let named = words(code).filter(is_float).map(|word| format!("{}: {word}", file.path));
    let digit = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_digit());
    let has_digits = |&(at, _): &(usize, &str)| {
        let (before, after) = (code[..at].bytes().last(), code.as_bytes().get(at + 1).copied());
        // `0..n` is a range and `x.0` a field, `2.pow()` would be a method.
        digit(before)
            && after != Some(b'.')
            && (digit(after) || !after.is_some_and(|c| c.is_ascii_alphabetic()))
            && !is_field(&code[..at])
    };
    let points = code.match_indices('.').filter(has_digits).map(|(at, _)| {
        format!("{}: a number with a point near '{}'", file.path, &code[at.saturating_sub(8)..at])
    });
    named.chain(points).collect()
}

/// Whether the digits at the end of `code` are a field's number: `pair.0`.
fn is_field(code: &str) -> bool {
    code.trim_end_matches(|c: char| c.is_ascii_digit())
        .ends_with(|c: char| c == '.' || c.is_alphanumeric() || c == '_')
}

/// Functions of floats that the system, or the compiler, computes as it likes: the last digits differ from one
/// platform to the next. `libm` gives the same ones everywhere; square roots and fused products are exact.
const SYSTEM_FUNCTIONS: [&str; 24] = [
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "sin", "cos", "sin_cos",
    "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "cbrt", "hypot", "gamma",
];

/// Calls of such functions, as methods or by the type's path; tests at the end of a file may have them.
fn system_functions(file: &SourceFile) -> Vec<String> {
    let code = code(&file.text);
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let called = |name: &&&str| {
        let called_at = |prefix: &str| {
            let call = format!("{prefix}{name}");
            let ends = |at: usize| !code[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            code.match_indices(&call).any(|(at, _)| ends(at + call.len()))
        };
        called_at("f64::") || called_at("f32::") || code.contains(&format!(".{name}("))
    };
    SYSTEM_FUNCTIONS.iter().filter(called).map(|name| format!("{}: {name}", file.path)).collect()
}

fn assert_none(violations: Vec<String>) {
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn a_module_imports_only_what_stands_left_of_it() {
    let files = source_files("src", "rs");
    assert!(FLOW[..8].iter().all(|m| files.iter().any(|file| module(&file.path) == *m)), "sources are found");
    assert_none(files.iter().flat_map(wrong_imports).collect());
}

#[test]
fn libraries_stay_in_their_place_and_only_the_binary_prints() {
    assert_none(source_files("src", "rs").iter().flat_map(out_of_place).collect());
}

#[test]
fn files_are_opened_made_and_removed_by_one_door() {
    let files = source_files("src", "rs");
    assert!(files.iter().any(|file| file.path.starts_with(DOOR)), "the door is found");
    assert_none(files.iter().flat_map(past_the_door).collect());
}

#[test]
fn a_way_past_the_door_is_found_however_it_is_written() {
    for text in [
        "std::fs::write(path, text)?;",
        "use std::fs;",
        "use std::{fs::File, io};",
        "let file = File::create(path)?;",
        "disk::File::options()",
        "OpenOptions::new()",
        "for entry in folder.read_dir()? {}",
        "csv::Reader::from_path(path)?;",
    ] {
        assert_eq!(past_the_door(&file("src/run/mod.rs", text)).len(), 1, "{text}");
        assert_none(past_the_door(&file("src/disk/place.rs", text)));
    }
    let tests = "let file: File = place.create()?; // std::fs\n#[cfg(test)]\nmod tests { use std::fs; }";
    assert_none(past_the_door(&file("src/run/mod.rs", tests)));
    assert_none(past_the_door(&file(
        "src/run/mod.rs",
        "Origin::File { file }; Problem::NoFile::x; MyFile::new()",
    )));
}

#[test]
fn shaders_and_engines_compute_without_floats() {
    let shaders = source_files("shaders", "wgsl");
    assert!(shaders.len() >= 3, "shaders are found");
    let engines = source_files("src/engine", "rs");
    let engines = engines.iter().filter(|file| INTEGER_ONLY.iter().any(|place| file.path.starts_with(place)));
    assert_none(shaders.iter().chain(engines).flat_map(floats).collect());
}

#[test]
fn functions_of_floats_are_those_of_libm() {
    assert_none(source_files("src", "rs").iter().flat_map(system_functions).collect());
}

#[test]
fn every_public_item_must_be_documented() {
    let library = source_files("src", "rs").into_iter().find(|file| file.path == "src/lib.rs");
    let attributes = code(&library.expect("the library").text);
    assert!(attributes.contains("#![warn(missing_docs)]") || attributes.contains("#![deny(missing_docs)]"));
}

#[test]
fn the_documented_flow_is_the_tested_one() {
    let library = source_files("src", "rs").into_iter().find(|file| file.path == "src/lib.rs");
    let text = library.expect("the library").text;
    let diagram = text.lines().find(|line| line.contains("config →")).expect("a diagram of the flow");
    let modules: Vec<&str> = diagram.trim_start_matches("//!").split('→').map(str::trim).collect();
    assert_eq!(modules, FLOW);
}

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.into(), text: text.into() }
}

#[test]
fn a_wrong_import_is_found_however_it_is_written() {
    let wrong = [
        ("src/network/spec.rs", "use crate::engine::Engine;"),
        ("src/network/spec.rs", "use crate::{\n    config::Config,\n    integer::{Formats, neuron},\n};"),
        ("src/theory/mod.rs", "fn f() { crate::model::build() }"),
        ("src/theory/mod.rs", "use super::model::Model;"),
        ("src/network/mod.rs", "use crate::anatomy::Area;"),
        ("src/rng.rs", "use super::config;"),
        ("src/engine/cpu/mod.rs", "pub(crate) use crate :: simulation::run;"),
        ("src/engine/mod.rs", "let quote = '\"'; use crate::recording::Npy; let more = '\"';"),
        ("src/progress.rs", "use crate::rng::Key;"),
        ("src/utils/mod.rs", ""),
        ("src/config/mod.rs", "use crate::utils::x;"),
    ];
    for (path, text) in wrong {
        assert_eq!(wrong_imports(&file(path, text)).len(), 1, "{path}: {text}");
    }
    let right = [
        ("src/engine/mod.rs", "use crate::{integer::{self, BLOCK_STEPS}, rng, synapses::CsrStore};"),
        (
            "src/engine/cpu/mod.rs",
            "use super::Engine; // not crate::recording\nconst A: &str = \"crate::cli\";",
        ),
        ("src/rng.rs", "mod tests { use super::*; use crate::rng::threefry; }"),
        ("src/cli/mod.rs", "use humam_gpu::engine::Engine; use crate::anything;"),
    ];
    for (path, text) in right {
        assert_eq!(wrong_imports(&file(path, text)), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn a_library_or_a_print_out_of_place_is_found() {
    assert_eq!(out_of_place(&file("src/engine/mod.rs", "use wgpu::Device;")).len(), 1);
    assert_eq!(out_of_place(&file("src/engine/cpu/mod.rs", "fn f() -> anyhow::Result<()> {}")).len(), 1);
    assert_eq!(out_of_place(&file("src/simulation.rs", "eprintln!(\"slow\");")).len(), 1);
    assert_none(out_of_place(&file("src/engine/gpu/device.rs", "use wgpu::Device; // clap, println!()")));
    assert_none(out_of_place(&file("src/cli/run.rs", "use clap::Parser; println!(\"done\");")));
}

#[test]
fn a_function_of_the_system_is_found_however_it_is_called() {
    for text in ["x.powf(2.4)", "(-t / tau).exp()", "f64::ln(x)", "map(f64::exp)", "2.0_f64\n.log10()"] {
        assert_eq!(system_functions(&file("src/analysis/a.rs", text)).len(), 1, "{text}");
    }
    for text in ["libm::exp(x)", "x.sqrt()", "n.pow(2)", "f64::exponent", "x.expect()", "tan(x) // .exp()"] {
        assert_none(system_functions(&file("src/analysis/a.rs", text)));
    }
}

#[test]
fn a_float_is_found_however_it_is_written() {
    for text in ["let a: vec4<f32>;", "x = 1.5;", "x = 2.;", "x = 1e3;", "x = 3f;", "vec2f(a)", "x as f64"] {
        assert!(!floats(&file("shaders/a.wgsl", text)).is_empty(), "{text}");
    }
    for text in ["x = 0x1e3fu;", "for i in 0..4 { a.0 .1 }", "v.x = a.0.1 + b2.y; // 0.5", "7u", "let a = 2;"]
    {
        assert_eq!(floats(&file("shaders/a.wgsl", text)), Vec::<String>::new(), "{text}");
    }
}
