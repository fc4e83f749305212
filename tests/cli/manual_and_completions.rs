//! Shell completions and manual know the whole command line.

use crate::fixtures::command_line::Workplace;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

fn printed(arguments: &str) -> String {
    let call = Workplace::new().call(arguments);
    assert_eq!((call.code, call.stderr.as_str()), (Some(0), ""), "{arguments}");
    call.stdout
}

/// First words of lines of a help text that are indented by two blanks and begin with `start`.
fn first_words(help: &str, start: impl Fn(char) -> bool) -> Vec<String> {
    let lines = help.lines().filter_map(|line| line.strip_prefix("  "));
    let lines = lines.filter(|line| line.starts_with(&start));
    lines.filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

fn commands() -> Vec<String> {
    let commands = first_words(&printed("-h"), |c| c.is_ascii_lowercase());
    let commands: Vec<String> = commands.into_iter().filter(|command| command != "help").collect();
    assert!(commands.len() > 10 && commands.contains(&"check-gpu".to_owned()), "{commands:?}");
    commands
}

/// Long options of a command, as its help lists them.
fn options(command: &str) -> Vec<String> {
    let help = printed(&format!("{command} -h"));
    let option = |line: &str| {
        let at = line.trim_start().starts_with('-').then(|| line.find("--")).flatten()?;
        let end = line[at + 2..].find(|c: char| c != '-' && !c.is_ascii_lowercase());
        Some(line[at..end.map_or(line.len(), |end| at + 2 + end)].to_owned())
    };
    help.lines().filter_map(option).collect()
}

#[test]
fn completions_name_every_command_and_its_options() {
    let commands = commands();
    for shell in SHELLS {
        let script = printed(&format!("completions {shell}"));
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell}: {command}");
        }
        for option in options("run").iter().chain(&options("bench")) {
            let named = script.contains(option.trim_start_matches('-'));
            assert!(named, "{shell}: {option}");
        }
        // Elvish and PowerShell are told no values.
        let has_values = !["elvish", "powershell"].contains(&shell);
        assert_eq!(script.contains("one_area"), has_values, "{shell}: values of init --from");
    }
    assert_eq!(Workplace::new().call("completions csh").code, Some(2));
}

/// Names of long options in a page, where hyphens are escaped and names in bold.
fn has_option(page: &str, option: &str) -> bool {
    page.contains(&format!("\\fB{}\\fR", option.replace('-', "\\-")))
}

#[test]
fn the_manual_has_every_command_and_every_option() {
    let manual = printed("man");
    assert!(manual.contains(".TH humam-gpu 1"), "{}", &manual[..200]);
    assert!(!has_option(&manual, "--no-such-option"));
    for command in commands() {
        let heading = format!(".SH \"{}\"", command.to_uppercase());
        assert!(manual.contains(&heading), "{heading}");
        let options = options(&command);
        assert!(options.contains(&"--help".to_owned()), "{command}: {options:?}");
        for option in options {
            assert!(has_option(&manual, &option), "{command} {option}");
        }
    }
    assert!(manual.contains("Exit codes"));
    assert!(!manual.contains(".SS .ie") && manual.matches(".SS SYNOPSIS").count() == commands().len());
}

#[test]
fn a_folder_of_pages_has_one_for_the_program_and_one_for_each_command() {
    let workplace = Workplace::new();
    let call = workplace.call("man --to share/man1");
    assert_eq!((call.code, call.stdout.as_str()), (Some(0), "manual directory: share/man1\n"));
    let mut expected = vec!["share".to_owned(), "share/man1".into(), "share/man1/humam-gpu.1".into()];
    expected.extend(commands().iter().map(|command| format!("share/man1/humam-gpu-{command}.1")));
    expected.sort();
    assert_eq!(workplace.tree(), expected);
    for command in commands() {
        let path = workplace.path(&format!("share/man1/humam-gpu-{command}.1"));
        let page = std::fs::read_to_string(path).expect("a page");
        let missing: Vec<String> = options(&command).into_iter().filter(|o| !has_option(&page, o)).collect();
        assert_eq!(missing, [""; 0], "{command}");
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    for arguments in ["man", "completions bash"] {
        let script = format!("set -o pipefail; {} {arguments} | true", env!("CARGO_BIN_EXE_humam-gpu"));
        let Ok(status) = std::process::Command::new("bash").args(["-c", &script]).status() else {
            println!("skipped: no bash here");
            return;
        };
        assert!(status.success(), "{arguments}");
    }
}
