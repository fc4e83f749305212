//! Data flows one way: a module imports only what stands left of it, libraries stay where they
//! belong, and no float reaches a shader.

mod documents;
mod source_text;

use humam_gpu::engine::gpu::MESA_ENVIRONMENT;
use source_text::{SourceFile, code, has_word, paths, source_files, words};
use std::path::Path;

/// The rooms in the order of the flow of data, as the documentation of the library draws it, each with its own in
/// theirs; the room's name among these stands for the files that lie in none of them.
const ROOMS: [(&str, &[&str]); 7] = [
    ("model", &["network", "theory", "anatomy", "model"]),
    ("engine", &["vector", "rng", "fixed_point", "synapses", "engine", "assembly"]),
    ("simulation", &["simulation", "recording"]),
    ("config", &["config"]),
    ("analysis", &["analysis"]),
    ("output", &["export", "figures", "report", "output"]),
    ("run", &["run", "sweep", "bench"]),
];
/// Left of all, in their order.
const BEFORE_ALL: [&str; 4] = ["progress", "disk", "telling", "rules"];
/// The binary, right of all: the only place that knows the command line and the terminal.
const BINARY: [&str; 2] = ["main", "cli"];
/// Modules that know nothing of brains, and what they would know them from.
const ABSTRACT: [&str; 3] = ["model::network", "model::theory", "engine"];
const BRAINS: [&str; 2] = ["model::anatomy", "model"];
/// Libraries and the only place for each.
const LIBRARIES: [(&str, &[&str]); 13] = [
    ("pyo3", &["python/src/"]),
    ("numpy", &["python/src/"]),
    ("rustix", &["src/disk/"]),
    ("wgpu", &["src/engine/gpu/"]),
    ("clap", &["src/main.rs", "src/cli.rs", "src/cli/"]),
    ("ctrlc", &["src/cli/"]),
    ("clap_complete", &["src/cli/"]),
    ("clap_mangen", &["src/cli/"]),
    ("anyhow", &["src/main.rs", "src/cli.rs", "src/cli/"]),
    ("tiny_skia", &["src/output/figures/"]),
    ("ttf_parser", &["src/output/figures/"]),
    ("parquet", &["src/output/export/", "src/model/network/synapse_parquet.rs"]),
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

/// The room that `path` lies in, or its own name: `engine` for `src/engine/cpu/mod.rs`.
fn room(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    below.split(['/', '.']).next().unwrap_or(below)
}

/// The module that a file is, from the root: `engine::cpu` for `src/engine/cpu/mod.rs`.
fn module(path: &str) -> String {
    let below = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    below.trim_end_matches("/mod").replace('/', "::")
}

/// Position of a path in the flow, and the unit of it that it belongs to; `None` of one that has none.
fn position(path: &str) -> Option<(usize, String)> {
    let (room, rest) = path.split_once("::").unwrap_or((path, ""));
    if let Some(at) = BEFORE_ALL.iter().position(|first| *first == room) {
        return Some((at, room.to_owned()));
    }
    let first = rest.split("::").next().unwrap_or_default();
    let mut units = ROOMS.iter().flat_map(|(room, own)| own.iter().map(move |unit| (*room, *unit)));
    let at = |of: &str| units.clone().position(|unit| unit == (room, of));
    let unit = if first != room && at(first).is_some() { first } else { room };
    let at = units.position(|found| found == (room, unit))?;
    Some((BEFORE_ALL.len() + at, if unit == room { room.to_owned() } else { format!("{room}::{unit}") }))
}

/// Paths from the root that code above the tests of `file` leads to from `super`.
fn named_from_above(file: &SourceFile, program: &str) -> Vec<String> {
    let resolved = |from: String| {
        let (mut above, mut below) = (module(&file.path), from.as_str());
        above.truncate(above.rfind("::").unwrap_or(0));
        while let Some(rest) = below.strip_prefix("super::") {
            above.truncate(above.rfind("::").unwrap_or(0));
            below = rest;
        }
        if above.is_empty() { below.to_owned() } else { format!("{above}::{below}") }
    };
    paths(program, "super::").into_iter().map(resolved).collect()
}

/// What in `file` breaks the rule that a module imports only what stands left of it. Its tests may know brains.
fn wrong_imports(file: &SourceFile) -> Vec<String> {
    if BINARY.contains(&room(&file.path)) || file.path == "src/lib.rs" {
        return Vec::new();
    }
    let Some((own_position, own)) = position(&module(&file.path)) else {
        return vec![format!("{}: it has no place in the flow: give it one in ROOMS", file.path)];
    };
    let code = code(&file.text);
    let program = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let is_abstract = ABSTRACT.iter().any(|unit| own == *unit || own.starts_with(&format!("{unit}::")));
    let wrong = |path: &String| match position(path) {
        Some((at, unit)) => (unit != own && at >= own_position).then_some(unit),
        None => Some(path.clone()),
    };
    let brains = |path: &String| {
        let (_, unit) = position(path)?;
        (is_abstract && BRAINS.contains(&unit.as_str())).then_some(unit)
    };
    let all = paths(&code, "crate::");
    let above = named_from_above(file, program);
    let mut found: Vec<String> = all.iter().chain(&above).filter_map(wrong).collect();
    found.extend(paths(program, "crate::").iter().chain(&above).filter_map(brains));
    found.sort();
    found.dedup();
    found.iter().map(|unit| format!("{}: '{own}' imports '{unit}'", file.path)).collect()
}

/// Files that import each other in a circle, each by its module, as far as they name each other: what a folder's
/// `mod.rs` hands on belongs to the folder.
fn circles(files: &[SourceFile]) -> Vec<String> {
    let modules: Vec<String> = files.iter().map(|file| module(&file.path)).collect();
    let imports = |file: &SourceFile| -> Vec<usize> {
        let code = code(&file.text);
        let program = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let named = paths(program, "crate::").into_iter().chain(named_from_above(file, program));
        let is_of = |path: &str, m: &str| path == m || path.starts_with(&format!("{m}::"));
        named.filter_map(|path| modules.iter().rposition(|m| is_of(&path, m))).collect()
    };
    let mut left: Vec<(usize, Vec<usize>)> =
        files.iter().enumerate().map(|(at, file)| (at, imports(file))).collect();
    // Take away what imports nothing that is left, until all is gone or only circles are.
    loop {
        let names: Vec<usize> = left.iter().map(|(at, _)| *at).collect();
        let is_tied =
            |(at, imports): &(usize, Vec<usize>)| imports.iter().any(|i| i != at && names.contains(i));
        let before = left.len();
        left.retain(is_tied);
        if left.len() == before {
            return left.into_iter().map(|(at, _)| files[at].path.clone()).collect();
        }
    }
}

/// Libraries and printing if they do not belong.
fn out_of_place(file: &SourceFile) -> Vec<String> {
    let code = code(&file.text);
    let is_binary = BINARY.contains(&room(&file.path));
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
    let is_there = |(name, _): &(&str, _)| files.iter().any(|file| room(&file.path) == *name);
    assert!(ROOMS.iter().all(is_there), "sources are found");
    assert_none(files.iter().flat_map(wrong_imports).collect());
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let is_file = |file: &SourceFile| !file.path.ends_with("/mod.rs") && file.path != "src/lib.rs";
    let files: Vec<SourceFile> = source_files("src", "rs").into_iter().filter(is_file).collect();
    assert_none(circles(&files));
    let circle = [
        file("src/run/a.rs", "use super::b::B; use crate::run::c;"),
        file("src/run/b.rs", "use crate::{disk, run::{a::A}};"),
        file("src/run/c.rs", "#[cfg(test)]\nmod tests { use crate::run::a; }"),
    ];
    assert_eq!(circles(&circle), ["src/run/a.rs", "src/run/b.rs"]);
    assert_none(circles(&circle[1..]));
}

#[test]
fn libraries_stay_in_their_place_and_only_the_binary_prints() {
    let files = ["src", "python/src"].map(|folder| source_files(folder, "rs")).concat();
    assert!(files.iter().any(|file| file.path.starts_with("python/src/")), "the package is found");
    assert_none(files.iter().flat_map(out_of_place).collect());
}

#[test]
fn files_are_opened_made_and_removed_by_one_door() {
    let files = ["src", "python/src"].map(|folder| source_files(folder, "rs")).concat();
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
fn every_public_item_must_be_documented_and_every_unsafe_block_explained() {
    let manifest = text_of("Cargo.toml");
    let (_, lints) = manifest.split_once("[workspace.lints.rust]").expect("lints");
    for manifest in ["Cargo.toml", "python/Cargo.toml"] {
        assert!(text_of(manifest).contains("[lints]\nworkspace = true\n"), "{manifest}");
    }
    for lint in ["missing_docs", "unsafe_op_in_unsafe_fn", "undocumented_unsafe_blocks"] {
        let set = |level: &str| lints.lines().any(|line| line == format!("{lint} = \"{level}\""));
        assert!(set("warn") || set("deny"), "{lint}");
    }
}

#[test]
fn the_documented_flow_is_the_tested_one() {
    let drawn =
        |line: &str| -> Vec<String> { line.split('→').map(|name| name.trim().to_owned()).collect() };
    for (document, prefix) in [("src/lib.rs", "//! "), ("ARCHITECTURE.md", "")] {
        let text = text_of(document);
        let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(prefix)).collect();
        let rooms = lines.iter().find(|line| line.starts_with("model →"));
        let rooms = rooms.unwrap_or_else(|| panic!("{document}: a diagram of the flow"));
        assert_eq!(drawn(rooms), ROOMS.map(|(room, _)| room), "{document}");
        for (room, own) in ROOMS.iter().filter(|(_, own)| own.len() > 1) {
            let line = lines.iter().find_map(|line| line.strip_prefix(&format!("{room}: ")));
            let line = line.unwrap_or_else(|| panic!("{document}: a diagram of {room}"));
            assert_eq!(drawn(line), *own, "{document}");
        }
    }
}

#[test]
fn only_the_program_changes_its_environment_and_cargo_gives_the_same() {
    let changes =
        |file: &&SourceFile| ["set_var", "remove_var"].iter().any(|call| has_word(&code(&file.text), call));
    let sources: Vec<SourceFile> = ["src", "tests", "examples", "python/src"]
        .iter()
        .flat_map(|folder| source_files(folder, "rs"))
        .collect();
    let found: Vec<&str> = sources.iter().filter(changes).map(|file| file.path.as_str()).collect();
    assert_eq!(found, ["src/main.rs"]);
    let cargo = text_of(".cargo/config.toml");
    for (variable, value) in MESA_ENVIRONMENT {
        assert!(cargo.lines().any(|line| line == format!("{variable} = \"{value}\"")), "{variable}");
    }
}

/// Text of a file of the repository.
fn text_of(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.into(), text: text.into() }
}

#[test]
fn a_wrong_import_is_found_however_it_is_written() {
    let wrong = [
        ("src/model/network/spec.rs", "use crate::engine::Engine;"),
        ("src/model/network/spec.rs", "use crate::{\n    disk::Place,\n    engine::{Formats, neuron},\n};"),
        ("src/model/theory/mod.rs", "fn f() { crate::model::build() }"),
        ("src/model/theory/solve.rs", "use super::super::HumanModel;"),
        ("src/model/network/mod.rs", "use crate::model::{anatomy::Area, network::Population};"),
        ("src/engine/cpu/mod.rs", "use crate::model::anatomy::Area;"),
        ("src/engine/gpu/plan.rs", "use super::super::assembly::MemoryPlan;"),
        ("src/output/figures/mod.rs", "use crate::output::{export, report::page};"),
        ("src/disk/mod.rs", "use super::config;"),
        ("src/engine/cpu/mod.rs", "pub(crate) use crate :: simulation::run;"),
        ("src/engine/mod.rs", "let quote = '\"'; use crate::simulation::recording::Npy; let more = '\"';"),
        ("src/progress.rs", "use crate::engine::rng::Key;"),
        ("src/telling.rs", "use crate::rules::Check;"),
        ("src/utils/mod.rs", ""),
        ("src/config/mod.rs", "use crate::utils::x;"),
        ("src/simulation/mod.rs", "use crate::config::Config;"),
        ("src/engine/assembly/mod.rs", "#[cfg(test)]\nmod tests { use crate::config::Config; }"),
    ];
    for (path, text) in wrong {
        assert_eq!(wrong_imports(&file(path, text)).len(), 1, "{path}: {text}");
    }
    let right = [
        (
            "src/engine/mod.rs",
            "use crate::{engine::{fixed_point::{self, BLOCK_STEPS}, rng}, model::network::Delay};",
        ),
        (
            "src/engine/cpu/mod.rs",
            "use super::Engine; // not crate::simulation::recording\nconst A: &str = \"crate::cli\";",
        ),
        (
            "src/engine/rng/mod.rs",
            "#[cfg(test)]\nmod tests { use super::*; use crate::engine::rng::threefry; }",
        ),
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
    assert_eq!(out_of_place(&file("src/simulation/mod.rs", "eprintln!(\"slow\");")).len(), 1);
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
