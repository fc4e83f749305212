//! `init` writes a built-in configuration under another name, and replaces nothing unasked.

use crate::fixtures::command_line::Workplace;
use humam_gpu::config::{self, Config};
use std::path::Path;

fn built_in(name: &str) -> Config {
    config::load(Path::new(&format!("builtin:{name}")), &[]).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_is_written_is_the_built_in_one_but_for_its_name() {
    let workplace = Workplace::new();
    for (from, text) in config::BUILTIN {
        let call = workplace.call(&format!("init of_{from} --from {from}"));
        assert_eq!(call.code, Some(0), "{call:?}");
        assert!(call.stdout.ends_with(&format!("configuration: of_{from}.ron\n")), "{call:?}");
        let path = workplace.path(&format!("of_{from}.ron"));
        let written = config::load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(written.name, Some(format!("of_{from}")));
        assert_ne!(written, built_in(from), "the comparison sees the name");
        assert_eq!(Config { name: built_in(from).name, ..written }, built_in(from));
        let comments = |text: &str| text.matches("//").count();
        let written = std::fs::read_to_string(path).expect("a file");
        assert_eq!(comments(&written), comments(text));
        assert!(!written.contains(&format!("configs/{from}.ron")), "{from}: the commands name the new file");
    }
    assert_eq!(workplace.tree().len(), config::BUILTIN.len());
}

#[test]
fn without_a_name_it_is_that_of_the_template_marked_as_ones_own() {
    let workplace = Workplace::new();
    assert_eq!(workplace.call("init").code, Some(0));
    assert_eq!(workplace.call("init --from tiny").code, Some(0));
    assert_eq!(workplace.tree(), ["my_downscaled.ron", "my_tiny.ron"]);
    let run = workplace.call("network my_tiny.ron --quiet");
    assert!(run.stdout.contains("network directory: out/my_tiny/"), "{run:?}");
}

#[test]
fn a_file_that_is_there_stays_unless_it_shall_not() {
    let workplace = Workplace::new();
    workplace.write("mine.ron", "()");
    let text = || std::fs::read_to_string(workplace.path("mine.ron")).expect("a file");
    for name in ["mine", "mine.ron"] {
        let call = workplace.call(&format!("init {name}"));
        assert_eq!(call.code, Some(2), "{call:?}");
        let message = "mine.ron is there already: choose another name, or replace it with --force";
        assert!(call.stderr.contains(message), "{call:?}");
        assert_eq!(text(), "()");
    }
    assert_eq!(workplace.call("init mine --force").code, Some(0));
    assert!(text().contains("name: \"mine\""));
    assert_eq!(workplace.tree(), ["mine.ron"]);
}

#[test]
fn an_unknown_template_names_the_nearest_and_a_name_that_is_none_is_refused() {
    let workplace = Workplace::new();
    let call = workplace.call("init --from downscale");
    assert_eq!(call.code, Some(2), "{call:?}");
    assert!(call.stderr.contains("'downscaled'") && call.stderr.contains("microcircuit"), "{call:?}");
    let error = config::builtin_named("fullscale", "x").expect_err("no such configuration").to_string();
    assert!(error.contains("the nearest is full_scale"), "{error}");
    for name in ["a/b", "..", "a\"b"] {
        let call = workplace.call(&format!("init {name}"));
        assert_eq!(call.code, Some(2), "{call:?}");
        assert!(call.stderr.contains("cannot name a folder (NAME "), "{call:?}");
    }
    assert_eq!(workplace.tree(), [""; 0]);
}
