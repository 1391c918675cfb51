//! What the command line promises beside running tools.

use serde_json::json;

use crate::common::{Output, TestEnv};

#[test]
fn init_with_samples_works_at_once_and_says_what_it_granted() {
    let env = TestEnv::new();
    let output = env.run(&["init", "--samples"]).exits(0);
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(
        said.contains("workspace: read-write") && said.contains("files"),
        "{said}"
    );
    env.run(&["plugin", "load"]).exits(0);
    let hello = env.run(&["run", "hello__greet", "name=Ada"]).exits(0);
    assert_eq!(hello.stdout, "Hello, Ada!\n");
    env.run(&["run", "repo-report__report"]).exits(0);
    // A second time changes nothing, not even what a person changed.
    env.write(
        ".parac/config/plugins.yaml",
        "# mine\nplugins: [{name: hello}]\n",
    );
    env.run(&["init", "--samples"]).exits(0);
    assert_eq!(
        env.read(".parac/config/plugins.yaml"),
        "# mine\nplugins: [{name: hello}]\n"
    );
}

/// Runs what a text suggests between backquotes, one after the other, each of which has to work; returns how many there were.
#[track_caller]
fn follow(env: &TestEnv, text: &str) -> usize {
    let suggested: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    for command in &suggested {
        let words: Vec<&str> = command.split(' ').collect();
        match words[..] {
            ["git", ..] => drop(env.git(&words[1..])),
            ["paracle-host", ..] => drop(env.run(&words[1..]).exits(0)),
            _ => panic!("{command} is no command: {text}"),
        }
    }
    suggested.len()
}

#[test]
fn what_init_suggests_works_with_and_without_a_repository_or_a_commit() {
    for beginning in ["nothing", "no commit", "a commit"] {
        let env = match beginning {
            "a commit" => TestEnv::new(),
            _ => TestEnv::bare_folder(),
        };
        if beginning == "no commit" {
            env.git(&["init", "--quiet", "."]);
        }
        let said = env.run(&["init", "--samples"]).exits(0).stdout;
        let next = said.find("Next:").or_else(|| said.find("This "));
        let count = follow(&env, &said[next.unwrap()..]);
        assert!(count >= 4, "{beginning}: {said}");
        let branches = env.git(&["branch", "--list", "exec/*"]);
        assert!(
            !branches.is_empty(),
            "{beginning}: files__write left a branch"
        );
    }
}

#[test]
fn init_without_samples_grants_nothing() {
    let env = TestEnv::new();
    env.run(&["init"]).exits(0);
    assert!(
        env.read(".parac/config/plugins.yaml")
            .ends_with("plugins: []\n")
    );
    let listed = env.run(&["plugin", "list", "--json"]).exits(0).json();
    assert_eq!(listed["plugins"], json!([]), "{listed}");
}

#[test]
fn the_git_verbs_tell_what_is_there() {
    let env = TestEnv::with_plugins(
        &["files"],
        "plugins: [{name: files, grants: {workspace: read-write}}]",
    );
    env.run(&["git", "init-workflow"]).exits(0);
    env.run(&["git", "init-workflow"]).exits(0);
    let receipt = env
        .run(&[
            "run",
            "files__write",
            "path=a",
            "content=b",
            "--execution",
            "mine",
            "--json",
        ])
        .exits(0)
        .json();
    let branches = env.run(&["git", "branches", "--json"]).exits(0).json();
    let branch = &branches[0];
    assert_eq!(branch["name"], receipt["branch"], "{branches}");
    assert_eq!(branch["execution_id"], "mine", "{branches}");
    assert_eq!(branch["base_branch"], "main", "{branches}");
    assert_eq!(branch["commit_count"], json!(1), "{branches}");
    let table = env.run(&["git", "branches"]).exits(0).stdout;
    assert!(table.contains("mine"), "{table}");
    // Without a remote there is nowhere to open a request; it says so, and opens nothing.
    let output = env.run(&["git", "pr-create", "mine", "A title"]);
    assert!(
        output.stderr.contains("remote") || output.stdout.contains("remote"),
        "{output:?}"
    );
    env.git(&[
        "remote",
        "add",
        "origin",
        "https://github.com/somebody/something.git",
    ]);
    let words = ["git", "pr-create", "mine", "A title", "--dry-run"];
    let output = env.run(&words).exits(0);
    assert!(output.stdout.contains("git push"), "{output:?}");
    let url = "https://api.github.com/repos/somebody/something/pulls";
    assert!(output.stdout.contains(url), "{output:?}");
}

#[test]
fn every_command_teaches_with_help() {
    let env = TestEnv::new();
    for command in [
        [].as_slice(),
        &["init"],
        &["run"],
        &["plugin"],
        &["plugin", "list"],
        &["git"],
        &["git", "merge"],
        &["execution"],
        &["mcp"],
        &["mcp", "serve"],
        &["completions"],
    ] {
        let output = env.run(&[command, &["--help"]].concat()).exits(0);
        assert!(output.stdout.contains("Usage:"), "{command:?}");
    }
    let help = env.run(&["run", "--help"]).exits(0).stdout;
    assert!(help.contains("files__write"), "an example:\n{help}");
    env.run(&["--version"]).exits(0);
}

#[test]
fn completions_are_made_for_the_shells() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = env.run(&["completions", shell]).exits(0).stdout;
        assert!(script.contains("paracle-host"), "{shell}");
    }
}

#[test]
fn json_errors_are_json() {
    let env = TestEnv::with_plugins(&["files"], "plugins: [{name: files}]");
    let output = env
        .run(&["run", "files__read", "path=README.md", "--json"])
        .exits(3);
    let json = output.json().to_string();
    assert!(json.contains("workspace: read-write"), "{json}");
    let output = env.run(&["run", "nobody__x", "--json"]).exits(2);
    assert_eq!(output.json()["error"]["exit"], json!(2));
}

#[test]
fn what_policy_refuses_ends_with_3_wherever_it_was_refused() {
    let write = |path: &str| -> [String; 4] {
        ["run", "files__write", &format!("path={path}"), "content=x"].map(str::to_owned)
    };
    let refused = |env: &TestEnv, path: &str, says: &[&str]| {
        let arguments = write(path);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        drop(env.run(&arguments).exits(3).says(says));
        let json = env.run(&[&arguments[..], &["--json"]].concat()).exits(3);
        json.json()
    };
    // Nothing is granted; less is granted than it takes.
    for yaml in [
        "plugins: [{name: files}]",
        "plugins: [{name: files, grants: {workspace: read-only}}]",
    ] {
        let env = TestEnv::with_plugins(&["files"], yaml);
        refused(&env, "a", &["add `workspace: read-write`"]);
    }
    // All is granted, and what nobody can grant is refused; it says so, and names no line that would not help.
    let yaml = "plugins: [{name: files, grants: {workspace: read-write}}]";
    let env = TestEnv::with_plugins(&["files"], yaml);
    for path in [".git/config", ".parac/config/plugins.yaml", ".PARAC/x"] {
        let told = refused(&env, path, &["no grant opens", path]);
        assert!(!told.to_string().contains("grants:"), "{told}");
    }
    let denied = env.run(&["audit", "show", "--kind", "denied", "--json"]);
    assert_eq!(denied.exits(0).json().as_array().unwrap().len(), 6);
    // What is granted for reading is not written; the grant that would help is named.
    let yaml = "plugins: [{name: files, grants: {workspace: read-write, directories: ['$BESIDE/notes:/notes:ro']}}]";
    let env = TestEnv::with_grants(&["files"], yaml);
    std::fs::create_dir(env.beside("notes")).unwrap();
    refused(
        &env,
        "/notes/a",
        &["grant add files --directories", "notes:/notes:rw"],
    );
    // What merely failed is no refusal.
    drop(env.run(&["run", "files__read", "path=nothing"]).exits(1));
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let env = TestEnv::new();
    let mut child = env
        .program_in("")
        .args(["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn mcp_config_names_the_program_by_its_absolute_path() {
    let env = TestEnv::new();
    let config = env.run(&["mcp", "config"]).exits(0).json().to_string();
    assert!(
        config.contains("mcpServers") && config.contains(env!("CARGO_BIN_EXE_paracle-host")),
        "{config}"
    );
}

#[test]
fn mcp_config_names_the_folders_that_the_environment_names() {
    let env = TestEnv::new();
    let own = env.outside("own");
    let mut program = env.program_in("");
    program
        .env("PARACLE_CONFIG_DIR", &own)
        .args(["mcp", "config"]);
    let output: Output = program.output().unwrap().into();
    let server = output.exits(0).json()["mcpServers"]["paracle"].clone();
    assert_eq!(server["env"]["PARACLE_CONFIG_DIR"], own.to_str().unwrap());
    // The tests name that one for every program.
    assert!(server["env"]["PARACLE_CACHE_DIR"].is_string(), "{server}");
    let mut program = env.program_in("");
    program
        .env_remove("PARACLE_CACHE_DIR")
        .args(["mcp", "config"]);
    let output: Output = program.output().unwrap().into();
    let server = output.exits(0).json()["mcpServers"]["paracle"].clone();
    assert!(server.get("env").is_none(), "{server}");
}

#[test]
fn init_says_what_of_its_folder_is_to_be_committed() {
    let env = TestEnv::new();
    let said = env.run(&["init"]).exits(0).stdout;
    assert!(said.contains("Commit .parac/config"), "{said}");
}

#[test]
fn a_table_that_no_terminal_shows_has_a_line_for_each_row() {
    let env = TestEnv::with_plugins(
        &["files"],
        "plugins: [{name: files, grants: {workspace: read-write}}]",
    );
    let id = "an-execution-with-a-long-name-so-that-its-branch-has-one";
    for number in 0..2 {
        let id = format!("--execution={id}-{number}");
        env.run(&["run", "files__write", "path=a", "content=x", &id])
            .exits(0);
    }
    let listed = env.run(&["execution", "list"]).exits(0).stdout;
    assert_eq!(listed.lines().count(), 3, "{listed}");
    for line in listed.lines().skip(1) {
        assert!(line.contains(&format!("exec/{id}-")), "{listed}");
    }
}

#[test]
fn on_a_terminal_it_works_as_in_a_pipe() {
    let env = TestEnv::with_plugins(&["hello"], "");
    // `script` gives the program a terminal; it ends with the program's own code.
    let program = format!(
        "{} run hello__greet name=Ada",
        env!("CARGO_BIN_EXE_paracle-host")
    );
    let output: Output = env
        .command("script", &env.repo())
        .args(["-qec", &program, "/dev/null"])
        .output()
        .unwrap()
        .into();
    let output = output.exits(0);
    assert!(output.stdout.contains("Hello, Ada!"), "{output:?}");
    assert!(!output.stdout.contains("panicked"), "{output:?}");
}
