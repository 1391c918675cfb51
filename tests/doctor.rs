//! `doctor`: each check says how it is, and what to do where it is not as it should be.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::common::TestEnv;

fn state(document: &Value, name: &str) -> Vec<(String, String)> {
    let checks = document["checks"].as_array().unwrap();
    let named = checks.iter().filter(|check| check["name"] == name);
    named
        .map(|check| {
            if check["state"] != "ok" {
                assert!(check["todo"].is_string(), "nothing to do is said: {check}");
            }
            (
                check["state"].as_str().unwrap().to_owned(),
                check["found"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[track_caller]
fn expect(document: &Value, name: &str, expected: &str, part: &str) {
    let found = state(document, name);
    assert!(
        found
            .iter()
            .any(|(state, text)| state == expected && text.contains(part)),
        "{name} is not {expected} with {part:?}: {document:#}"
    );
}

#[test]
fn doctor_finds_nothing_where_all_is_well() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let text = env.run(&["doctor"]).exits(0).stdout;
    assert!(text.contains("ok       git: version 2."), "{text}");
    let document = env.run(&["doctor", "--json"]).exits(0).json();
    assert_eq!(document["problems"], 0);
    assert_eq!(document["warnings"], 0, "{document:#}");
    for name in [
        "git",
        "configuration",
        "cache folder",
        "own folder",
        "repository",
        "audit journal",
        "engine",
        "plugins",
        "granted directories",
        "secrets",
        "approvals",
        "second wall",
    ] {
        expect(&document, name, "ok", "");
    }
}

#[test]
fn doctor_ends_with_2_where_a_plugin_does_not_load() {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.write(".parac/plugins/broken.wasm", "no component");
    let run = env.run(&["doctor", "--json"]).exits(2);
    expect(&run.json(), "plugins", "problem", "broken.wasm");
    env.run(&["doctor"]).exits(2).says(&["there is 1 problem"]);
}

#[test]
fn doctor_tells_what_can_be_bettered_and_ends_with_0() {
    let env = TestEnv::bare_folder();
    let document = env.run(&["doctor", "--json"]).exits(0).json();
    expect(
        &document,
        "repository",
        "warning",
        "not in a git repository",
    );
    expect(&document, "configuration", "warning", "no .parac");
    env.git(&["init", "--quiet", "."]);
    let document = env.run(&["doctor", "--json"]).exits(0).json();
    expect(&document, "repository", "warning", "no commit yet");
}

#[test]
fn doctor_finds_folders_that_others_may_write_to() {
    let env = TestEnv::new();
    let own = env.home().join(".config/paracle-host");
    let cache = env.outside("cache");
    let open = |path: &std::path::Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    };
    for folder in [&own, &cache] {
        fs::create_dir_all(folder).unwrap();
    }
    open(&cache);
    let look = |code| {
        let mut command = env.program_in("");
        command
            .env("PARACLE_CACHE_DIR", &cache)
            .args(["doctor", "--json"]);
        crate::common::Output::from(command.output().unwrap())
            .exits(code)
            .json()
    };
    expect(
        &look(0),
        "cache folder",
        "warning",
        "others may write to it",
    );
    open(&own);
    expect(&look(2), "own folder", "problem", "is not safe");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(own.join("config.yaml"), "").unwrap();
    open(&own.join("config.yaml"));
    expect(
        &look(2),
        "configuration",
        "problem",
        "config.yaml is not private",
    );
}

#[test]
fn doctor_names_what_is_wrong_in_the_configuration() {
    let env = TestEnv::with_plugins(&["hello"], "plugin: []\n");
    let document = env.run(&["doctor", "--json"]).exits(2).json();
    expect(&document, "configuration", "problem", "plugins.yaml:1:1");
}

#[test]
fn doctor_says_that_git_is_missing() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let mut command = env.program_in("");
    command
        .env("PATH", env.outside(""))
        .args(["doctor", "--json"]);
    let document = crate::common::Output::from(command.output().unwrap())
        .exits(2)
        .json();
    expect(&document, "git", "problem", "install git");
}

#[test]
fn doctor_warns_of_a_repository_that_holds_the_home_directory() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let mut command = env.program_in("");
    command
        .env("HOME", env.repo().join("src"))
        .args(["doctor", "--json"]);
    let document = crate::common::Output::from(command.output().unwrap())
        .exits(0)
        .json();
    expect(&document, "repository", "warning", "home directory");
}

#[test]
fn doctor_says_that_the_wall_is_off_by_choice() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let own = env.home().join(".config/paracle-host");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("config.yaml"), "wall: off\n").unwrap();
    let document = env.run(&["doctor", "--json"]).exits(0).json();
    expect(&document, "second wall", "warning", "off");
}

#[test]
fn doctor_looks_at_the_sources_of_secrets_and_shows_none() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let value = "a-secret-that-nobody-sees";
    let file = env.write_own("token", value);
    env.write_own(
        "config.yaml",
        "secrets: { TOKEN: { file: token }, UNSET: { env: NO_SUCH_VARIABLE } }\n",
    );
    let look = |code| {
        let run = env.run(&["doctor", "--json"]).exits(code);
        assert!(!format!("{run:?}").contains(value), "{run:?}");
        run.json()
    };
    expect(&look(0), "secrets", "warning", "NO_SUCH_VARIABLE");
    env.write_own("config.yaml", "secrets: { TOKEN: { file: token } }\n");
    expect(&look(0), "secrets", "ok", "1 named");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    expect(&look(2), "secrets", "problem", "is not private");
    fs::remove_file(&file).unwrap();
    expect(&look(2), "secrets", "problem", "TOKEN");
}

#[test]
fn doctor_finds_a_granted_secret_that_is_nowhere() {
    let yaml = "plugins: [{name: net, grants: {network: ['https://example.com'], secrets: ['KEY@example.com']}}]";
    let env = TestEnv::with_grants(&["net"], yaml);
    let document = env.run(&["doctor", "--json"]).exits(2).json();
    expect(
        &document,
        "secrets",
        "problem",
        "granted KEY, and nothing says where",
    );
}

#[test]
fn doctor_finds_granted_directories_that_cannot_be_given() {
    let yaml = "plugins: [{name: reach, grants: {directories: ['$BESIDE/open:/open:ro', '$BESIDE/shut:/shut:ro']}}]";
    let env = TestEnv::with_grants(&["reach"], yaml);
    for name in ["open", "shut"] {
        fs::create_dir(env.beside(name)).unwrap();
    }
    let document = env.run(&["doctor", "--json"]).exits(0).json();
    expect(&document, "granted directories", "ok", "2 granted");
    fs::remove_dir(env.beside("open")).unwrap();
    fs::remove_dir(env.beside("shut")).unwrap();
    fs::write(env.beside("shut"), "").unwrap();
    let document = env.run(&["doctor", "--json"]).exits(2).json();
    expect(&document, "granted directories", "problem", "make it");
    expect(
        &document,
        "granted directories",
        "problem",
        "does not name a directory",
    );
}

#[test]
fn doctor_verifies_the_journal() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let look = |code| env.run(&["doctor", "--json"]).exits(code).json();
    expect(&look(0), "audit journal", "ok", "none yet");
    env.run(&["run", "hello__greet", "name=Ada"]).exits(0);
    expect(&look(0), "audit journal", "ok", "2 records");
    let journal = env.read(".git/paracle/audit.jsonl");
    env.write(
        ".git/paracle/audit.jsonl",
        &journal.replacen("hello__greet", "hello__wave", 1),
    );
    expect(
        &look(2),
        "audit journal",
        "problem",
        "audit.jsonl, line 1, edited",
    );
}

#[test]
fn doctor_says_what_waits_for_a_persons_word() {
    let yaml = "plugins: [{name: net, grants: {network: ['https://example.com']}}]";
    let env = TestEnv::with_plugins(&["net"], yaml);
    let run = env.run(&["doctor", "--json"]).exits(0);
    expect(
        &run.json(),
        "approvals",
        "warning",
        "net is granted network",
    );
    let text = env.run(&["doctor"]).exits(0).stdout;
    assert!(text.contains("paracle-host grant trust net"), "{text}");
    env.trust(&["net"]);
    let document = env.run(&["doctor", "--json"]).exits(0).json();
    expect(&document, "approvals", "ok", "nothing waits");
}

#[test]
fn a_base_branch_that_is_not_there_is_named_by_file_and_line_with_what_to_write() {
    let env = TestEnv::new();
    env.write(".parac/config/git.yaml", "# ours\nbase_branch: nope\n");
    let found = env.run(&["doctor", "--json"]).exits(2).json();
    let checks = found["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["name"] == "repository")
        .unwrap();
    assert_eq!(check["state"], "problem", "{check}");
    let (found, todo) = (check["found"].to_string(), check["todo"].to_string());
    assert!(
        found.contains(".parac/config/git.yaml:2") && found.contains("nope"),
        "{check}"
    );
    assert!(todo.contains("`base_branch: main`"), "{check}");
}
