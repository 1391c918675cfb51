//! What the documentation shows is what the program does.

use std::fs;
use std::path::Path;

use crate::common::TestEnv;

fn page(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(name)).unwrap()
}

/// Returns the fenced blocks of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_readmes_commands_work_in_their_order() {
    let env = TestEnv::new();
    let mut ran = 0;
    for block in blocks(&page("README.md"), "console") {
        for line in block.lines() {
            let Some(command) = line.strip_prefix("$ paracle-host ") else {
                continue;
            };
            let branch = env.git(&["branch", "--list", "--format=%(refname:short)", "exec/*"]);
            let command = command.replace("exec/EXECUTION/TIME", branch.trim());
            // As a shell does with quotes around a whole word.
            let arguments: Vec<&str> = command
                .split(' ')
                .map(|word| word.trim_matches('\''))
                .collect();
            env.run(&arguments).exits(0);
            ran += 1;
        }
    }
    assert!(ran >= 5, "only {ran} commands were found");
    assert_eq!(env.read("NOTES.md"), "hi");
}

#[test]
fn the_commands_of_the_page_on_executions_work_in_their_order() {
    let env = TestEnv::new();
    env.run(&["init", "--samples"]).exits(0);
    let commands = blocks(&page("docs/executions.md"), "console").remove(0);
    let commands: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("$ paracle-host "))
        .collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        env.run(&words).exits(0);
    }
}

#[test]
fn every_yaml_example_is_a_configuration() {
    let mut seen = 0;
    for name in ["README.md", "docs/configuration.md"] {
        for block in blocks(&page(name), "yaml") {
            let env = TestEnv::with_plugins(&["hello"], "");
            if block.contains("wall:") {
                let own = env.home().join(".config/paracle-host");
                fs::create_dir_all(&own).unwrap();
                fs::write(own.join("config.yaml"), &block).unwrap();
            } else if block.contains("base_branch") {
                env.write(".parac/config/git.yaml", &block);
            } else {
                env.write(".parac/config/plugins.yaml", &block);
            }
            env.run(&["run", "hello__greet", "name=Ada"]).exits(0);
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} examples were found");
}

#[test]
fn the_first_plugin_of_the_docs_is_the_sample() {
    let shown = blocks(&page("docs/plugins.md"), "rust").remove(0);
    let sample = page("sample-plugins/hello/src/lib.rs");
    let code = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !line.starts_with("//!") && !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(code(&shown), code(&sample));
    assert!(
        code(&sample).len() <= 20,
        "a useful tool plugin is twenty lines"
    );
}

#[test]
fn the_readme_lists_every_command() {
    let env = TestEnv::new();
    let readme = page("README.md");
    let help = env.run(&["--help"]).exits(0).stdout;
    let commands = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    for line in commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
    {
        let command = line.split_whitespace().next().unwrap();
        if command != "help" {
            assert!(
                readme.contains(&format!("`{command}")),
                "README.md does not list `{command}`"
            );
        }
    }
}

/// Returns the commands of a help text, or of one below it.
fn subcommands(help: &str) -> Vec<String> {
    let Some((_, commands)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let commands = commands.split("\n\n").next().unwrap();
    let commands = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    commands
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Splits a line as a shell does, up to where its output goes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words.into_iter().take_while(|word| word != ">").collect()
}

#[test]
fn every_example_of_the_help_is_a_command_that_works_or_says_what_it_lacks() {
    let env = TestEnv::new();
    env.run(&["init", "--samples"]).exits(0);
    let (mut pages, mut ran) = (vec![Vec::<String>::new()], 0);
    while let Some(page) = pages.pop() {
        let asked: Vec<&str> = page.iter().map(String::as_str).chain(["--help"]).collect();
        let help = env.run(&asked).exits(0).stdout;
        for name in subcommands(&help) {
            pages.push([&page[..], &[name]].concat());
        }
        let examples = help
            .split_once("Example")
            .map_or("", |(_, examples)| examples);
        for line in examples.lines() {
            let Some(line) = line.trim_start().strip_prefix("paracle-host ") else {
                continue;
            };
            // The attacks have a test of their own, each.
            if line.starts_with("doctor --attack") {
                continue;
            }
            let example = words(line);
            let example: Vec<&str> = example.iter().map(String::as_str).collect();
            let output = env.run(&example);
            let (said, code) = (&output.stderr, output.status);
            assert!((0..=5).contains(&code), "{line}: {output:?}");
            // What the parser does not understand ends with this.
            assert!(!said.contains("try '--help'"), "{line}: {said}");
            for id in line.split([' ', '/']).filter(|word| word.starts_with("01")) {
                assert_eq!(id.len(), 26, "{line}: ids are whole");
            }
            ran += 1;
        }
    }
    assert!(ran >= 40, "only {ran} examples were found");
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let tests = tests_source();
    let page = page("docs/security.md");
    let mut named = 0;
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let proofs = line.trim_end_matches('|').rsplit('|').next().unwrap();
        for name in proofs
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| name.contains("::"))
        {
            let function = name.rsplit("::").next().unwrap();
            // The suite's tests are made by a macro, one from each row.
            let row =
                name.starts_with("attacks::suite::") && tests.contains(&format!(" {function}: "));
            assert!(
                row || tests.contains(&format!("fn {function}(")),
                "docs/security.md names the test {name}, and there is none"
            );
            named += 1;
        }
    }
    assert!(named >= 20, "only {named} tests are named");
}

/// Returns the text of all tests, those beside their code included.
fn tests_source() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders = vec![root.join("tests"), root.join("host/src")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                text += &fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}
