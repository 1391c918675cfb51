//! Clients' files: an entry gets in and out, all else stays, and nothing outside is touched.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::Value;

use crate::common::TestEnv;

/// Where each client's file is, by its scope: from the repository, or from the home.
const PLACES: [(&str, &str, &str, &str); 5] = [
    (
        "claude-desktop",
        "user",
        "../home/.config/Claude/claude_desktop_config.json",
        "mcpServers",
    ),
    ("claude-code", "project", ".mcp.json", "mcpServers"),
    ("vscode", "project", ".vscode/mcp.json", "servers"),
    ("cursor", "project", ".cursor/mcp.json", "mcpServers"),
    ("cursor", "user", "../home/.cursor/mcp.json", "mcpServers"),
];

/// Writes a file of a client's, wherever it is.
fn write(env: &TestEnv, path: &str, text: &str) {
    let path = env.repo().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(env: &TestEnv, path: &str) -> String {
    fs::read_to_string(env.repo().join(path)).unwrap()
}

fn exists(env: &TestEnv, path: &str) -> bool {
    env.repo().join(path).symlink_metadata().is_ok()
}

#[test]
fn install_makes_an_entry_that_starts_this_program_for_each_client() {
    let env = TestEnv::new();
    fs::create_dir_all(env.home()).unwrap();
    for (client, scope, path, key) in PLACES {
        let words = ["mcp", "install", "--client", client, "--scope", scope];
        env.run(&words).exits(0);
        let file: Value = serde_json::from_str(&read(&env, path)).unwrap();
        let entry = &file[key]["paracle"];
        assert_eq!(
            entry["command"],
            env!("CARGO_BIN_EXE_paracle-host"),
            "{file}"
        );
        assert!(
            entry["args"]
                .to_string()
                .ends_with(r#""mcp","serve","--stdio"]"#),
            "{file}"
        );
        let named = entry["env"]["PARACLE_CACHE_DIR"].as_str();
        assert!(
            named.is_some_and(|named| named.ends_with("cache")),
            "{file}"
        );
        assert_eq!(
            entry.get("type").is_some(),
            matches!(client, "claude-code" | "vscode")
        );
    }
    let list = env.run(&["mcp", "list", "--json"]).exits(0).json();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), PLACES.len());
    assert!(
        list.iter().all(|line| line["state"] == "installed"),
        "{list:?}"
    );
}

#[test]
fn install_keeps_every_other_byte_and_uninstall_gives_the_file_back() {
    let env = TestEnv::new();
    for (client, scope, path, key) in PLACES {
        let before = format!(
            "{{\n\t\"theirs\": [1e3, \"\\u00e9\"],   \"{key}\": {{\n\t\t\"other\": {{\"command\":\"x\",\"odd\":null}}\n\t}}\n}}"
        );
        write(&env, path, &before);
        let words = ["--client", client, "--scope", scope];
        env.run(&[&["mcp", "install"], &words[..]].concat())
            .exits(0);
        assert!(read(&env, path).contains("paracle"));
        assert_eq!(read(&env, &format!("{path}.paracle-backup")), before);
        env.run(&[&["mcp", "uninstall"], &words[..]].concat())
            .exits(0);
        assert_eq!(read(&env, path), before, "{client}");
    }
}

#[test]
fn install_again_changes_nothing_and_keeps_what_the_person_added_to_the_entry() {
    let env = TestEnv::new();
    let own = r#"{"mcpServers": {"paracle": {"command": "old", "disabled": false, "env": {"MINE": "1"}}}}"#;
    write(&env, ".cursor/mcp.json", own);
    let words = ["mcp", "install", "--client", "cursor"];
    env.run(&words).exits(0);
    let once = read(&env, ".cursor/mcp.json");
    let entry: Value = serde_json::from_str(&once).unwrap();
    let entry = &entry["mcpServers"]["paracle"];
    assert_eq!(
        (&entry["disabled"], &entry["env"]["MINE"]),
        (&false.into(), &"1".into())
    );
    assert_eq!(entry["command"], env!("CARGO_BIN_EXE_paracle-host"));
    fs::remove_file(env.repo().join(".cursor/mcp.json.paracle-backup")).unwrap();
    let again = env.run(&words).exits(0).stdout;
    assert!(again.contains("is there already"), "{again}");
    assert_eq!(read(&env, ".cursor/mcp.json"), once);
    assert!(
        !exists(&env, ".cursor/mcp.json.paracle-backup"),
        "nothing changed, so nothing is kept"
    );
    env.run(&["mcp", "uninstall", "--client", "cursor"])
        .exits(0);
    let again = env
        .run(&["mcp", "uninstall", "--client", "cursor"])
        .exits(0)
        .stdout;
    assert!(again.contains("is not there"), "{again}");
}

#[test]
fn install_on_trial_prints_the_file_and_changes_nothing() {
    let env = TestEnv::new();
    let said = env
        .run(&["mcp", "install", "--client", "vscode", "--dry-run"])
        .exits(0);
    let file: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(file["servers"]["paracle"]["type"], "stdio");
    assert!(!exists(&env, ".vscode"));
}

#[test]
fn install_refuses_a_file_with_comments_rather_than_lose_them() {
    let env = TestEnv::new();
    for text in [
        "{\n  // mine\n  \"servers\": {}\n}",
        "{ \"servers\": {}, }",
        "{ /* http://x */ }",
    ] {
        write(&env, ".vscode/mcp.json", text);
        env.run(&["mcp", "install", "--client", "vscode"])
            .exits(2)
            .says(&["comments or trailing commas", "mcp config"]);
        assert_eq!(read(&env, ".vscode/mcp.json"), text);
    }
    // What only looks like a comment is none.
    write(
        &env,
        ".vscode/mcp.json",
        r#"{"servers": {"a": {"url": "http://x/*,}"}}}"#,
    );
    env.run(&["mcp", "install", "--client", "vscode"]).exits(0);
}

#[test]
fn install_refuses_what_is_not_the_shape_that_the_client_reads() {
    let env = TestEnv::new();
    for (text, says) in [
        ("{", "is not JSON"),
        ("[]", "the whole has to be"),
        (r#"{"mcpServers": 1}"#, "mcpServers has to be"),
        (r#"{"mcpServers": {}, "mcpServers": {}}"#, "once"),
        (r#"{"mcpServers": {"paracle": 1}}"#, "paracle has to be"),
    ] {
        write(&env, ".mcp.json", text);
        env.run(&["mcp", "install", "--client", "claude-code"])
            .exits(2)
            .says(&[says]);
        assert_eq!(read(&env, ".mcp.json"), text);
    }
}

#[test]
fn install_follows_no_link_out_of_the_project_or_the_home() {
    let env = TestEnv::new();
    let outside = env.outside("theirs.json");
    fs::write(&outside, "{}").unwrap();
    let folder = env.outside("folder");
    fs::create_dir_all(&folder).unwrap();
    symlink(&outside, env.repo().join(".mcp.json")).unwrap();
    symlink(&folder, env.repo().join(".cursor")).unwrap();
    for client in ["claude-code", "cursor"] {
        env.run(&["mcp", "install", "--client", client])
            .exits(2)
            .says(&["leads by a link", "outside"]);
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "{}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    // A link that stays inside is the person's own order.
    write(&env, "settings/mcp.json", "{}");
    symlink("settings", env.repo().join(".vscode")).unwrap();
    env.run(&["mcp", "install", "--client", "vscode"]).exits(0);
    assert!(read(&env, "settings/mcp.json").contains("paracle"));
}

#[test]
fn install_keeps_a_files_permissions() {
    let env = TestEnv::new();
    write(&env, ".mcp.json", "{}");
    let path = env.repo().join(".mcp.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    env.run(&["mcp", "install", "--client", "claude-code"])
        .exits(0);
    for path in [path, env.repo().join(".mcp.json.paracle-backup")] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    }
}

#[test]
fn install_says_the_command_where_the_client_keeps_a_persons_servers_itself() {
    let env = TestEnv::new();
    for (client, command) in [
        ("claude-code", "claude mcp add --scope user"),
        ("vscode", "code --add-mcp"),
    ] {
        env.run(&["mcp", "install", "--client", client, "--scope", "user"])
            .exits(2)
            .says(&[command]);
    }
    env.run(&[
        "mcp",
        "install",
        "--client",
        "claude-desktop",
        "--scope",
        "project",
    ])
    .exits(2)
    .says(&["--scope user"]);
}

#[test]
fn list_tells_an_entry_of_another_program_from_ours() {
    let env = TestEnv::new();
    write(
        &env,
        ".mcp.json",
        r#"{"mcpServers": {"paracle": {"command": "/usr/bin/false"}}}"#,
    );
    let list = env.run(&["mcp", "list"]).exits(0).stdout;
    for word in ["starts another program: /usr/bin/false", "no file"] {
        assert!(list.contains(word), "{list}");
    }
}

#[test]
fn inspect_shows_what_a_client_sees_and_how_long_it_is() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let seen = env.run(&["mcp", "inspect", "--json"]).exits(0).json();
    let mut client = env.mcp();
    let said = client.initialize();
    assert_eq!(seen["instructions"], said["result"]["instructions"]);
    let tools = client.request("tools/list", serde_json::json!({}));
    assert_eq!(seen["tools"], tools["result"]["tools"]);
    client.close();
    let size: usize = seen["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool.to_string().chars().count())
        .sum();
    assert_eq!(seen["characters"]["tools"], size);
    let seen = env.run(&["mcp", "inspect"]).exits(0).stdout;
    for word in ["hello__greet", "characters: instructions"] {
        assert!(seen.contains(word), "{seen}");
    }
}
