//! `git pr-create`: pushed by the person's own git, opened as each forge documents it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::common::{HttpServer, Output, TestEnv};

const PLUGINS: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";
const TOKEN: &str = "t0ken-that-nobody-may-see";

/// A repository with an execution `mine`, whose remote is a forge on this machine and takes pushes in a folder.
struct Scene {
    env: TestEnv,
    forge: HttpServer,
    branch: String,
}

impl Scene {
    fn new(status: &'static str, answer: &Value) -> Self {
        let answer = answer.to_string();
        let forge = HttpServer::start(move |_, out| {
            let length = answer.len();
            write!(
                out,
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{answer}"
            )
        });
        let env = TestEnv::with_plugins(&["files"], PLUGINS);
        let run = ["run", "--json", "--execution", "mine", "files__write"];
        let receipt = env.run(&[&run[..], &["path=NOTES.md", "content=hi"]].concat());
        let branch = receipt.exits(0).json()["branch"]
            .as_str()
            .unwrap()
            .to_owned();
        let bare = env.outside("remote.git");
        env.git(&["init", "--quiet", "--bare", bare.to_str().unwrap()]);
        let url = format!("http://127.0.0.1:{}/owner/repo.git", forge.port());
        env.git(&["remote", "add", "origin", &url]);
        env.git(&[
            "remote",
            "set-url",
            "--push",
            "origin",
            bare.to_str().unwrap(),
        ]);
        Self { env, forge, branch }
    }

    fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.forge.port())
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.env.program_in("");
        command
            .args([
                "git",
                "pr-create",
                "mine",
                "Add notes",
                "--body",
                "By a tool",
            ])
            .args(words);
        command
    }

    /// Runs the command, which never tells the token.
    #[track_caller]
    fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = self.command(words);
        command.arg("-vv").envs(variables.iter().copied());
        let output: Output = command.output().unwrap().into();
        for text in [&output.stdout, &output.stderr] {
            assert!(!text.contains(TOKEN), "the token is told:\n{text}");
        }
        output
    }

    fn bare(&self) -> PathBuf {
        self.env.outside("remote.git")
    }

    /// Returns what the remote has of the branch.
    fn pushed(&self) -> Option<String> {
        let bare = self.bare();
        let found = self
            .env
            .command("git", &bare)
            .args([
                "rev-parse",
                "--verify",
                "--quiet",
                &format!("refs/heads/{}", self.branch),
            ])
            .output()
            .unwrap();
        let id = String::from_utf8(found.stdout).unwrap();
        found.status.success().then(|| id.trim().to_owned())
    }

    #[track_caller]
    fn was_pushed(&self) {
        let tip = self.env.git(&["rev-parse", &self.branch]);
        assert_eq!(self.pushed().as_deref(), Some(tip.trim()));
    }

    /// Returns the one request that the forge got: its first line, and its body.
    #[track_caller]
    fn asked(&self) -> (String, Value, crate::common::Seen) {
        let seen = self.forge.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        let line = seen[0].head.lines().next().unwrap().to_owned();
        (
            line,
            serde_json::from_str(&seen[0].body).unwrap(),
            seen[0].clone(),
        )
    }
}

#[test]
fn a_pull_request_at_github_is_pushed_and_opened_as_documented() {
    let page = "https://github.example.com/owner/repo/pull/7";
    let scene = Scene::new("201 Created", &json!({"html_url": page, "number": 7}));
    let told = scene
        .run(
            &["--forge", "github", "--draft", "--json"],
            &[
                ("GH_ENTERPRISE_TOKEN", TOKEN),
                ("GITHUB_TOKEN", "of-another-host"),
            ],
        )
        .exits(0)
        .json();
    scene.was_pushed();
    assert_eq!(told["url"], page, "{told}");
    assert_eq!(
        (&told["number"], &told["pushed"]),
        (&json!(7), &json!(true))
    );
    let (line, body, request) = scene.asked();
    assert_eq!(line, "POST /api/v3/repos/owner/repo/pulls HTTP/1.1");
    assert_eq!(request.header("authorization"), [format!("Bearer {TOKEN}")]);
    assert_eq!(request.header("accept"), ["application/vnd.github+json"]);
    assert_eq!(request.header("x-github-api-version"), ["2022-11-28"]);
    assert_eq!(request.header("content-type"), ["application/json"]);
    assert!(request.header("user-agent")[0].starts_with("paracle-host/"));
    let expected = json!({
        "title": "Add notes", "head": scene.branch, "base": "main", "body": "By a tool", "draft": true,
    });
    assert_eq!(body, expected);
}

#[test]
fn a_merge_request_at_gitlab_is_pushed_and_opened_as_documented() {
    let page = "https://gitlab.example.com/owner/repo/-/merge_requests/3";
    let scene = Scene::new("201 Created", &json!({"web_url": page, "iid": 3, "id": 90}));
    scene.env.write(".parac/config/git.yaml", "forge: gitlab\n");
    let host = scene.authority();
    let said = scene
        .run(
            &["--draft"],
            &[("GITLAB_TOKEN", TOKEN), ("GITLAB_HOST", &host)],
        )
        .exits(0);
    scene.was_pushed();
    assert_eq!(said.stdout.trim(), page);
    let (line, body, request) = scene.asked();
    assert_eq!(
        line,
        "POST /api/v4/projects/owner%2Frepo/merge_requests HTTP/1.1"
    );
    assert_eq!(request.header("authorization"), [format!("Bearer {TOKEN}")]);
    let expected = json!({
        "source_branch": scene.branch, "target_branch": "main",
        "title": "Draft: Add notes", "description": "By a tool",
    });
    assert_eq!(body, expected);
}

#[test]
fn a_pull_request_at_gitea_is_pushed_and_opened_as_documented() {
    let page = "https://codeberg.org/owner/repo/pulls/12";
    let scene = Scene::new("201 Created", &json!({"html_url": page, "number": 12}));
    let server = format!("http://{}/", scene.authority());
    let said = scene
        .run(
            &["--forge", "forgejo"],
            &[("GITEA_SERVER_TOKEN", TOKEN), ("GITEA_SERVER_URL", &server)],
        )
        .exits(0);
    scene.was_pushed();
    assert_eq!(said.stdout.trim(), page);
    let (line, body, request) = scene.asked();
    assert_eq!(line, "POST /api/v1/repos/owner/repo/pulls HTTP/1.1");
    assert_eq!(request.header("authorization"), [format!("token {TOKEN}")]);
    let expected =
        json!({"title": "Add notes", "head": scene.branch, "base": "main", "body": "By a tool"});
    assert_eq!(body, expected);
}

#[test]
fn the_token_of_gits_credential_store_is_used_where_no_variable_has_one() {
    let scene = Scene::new(
        "201 Created",
        &json!({"html_url": "https://f/1", "number": 1}),
    );
    let store = scene.env.outside("credentials");
    let line = format!("http://person:{TOKEN}@127.0.0.1%3a{}\n", scene.forge.port());
    std::fs::write(&store, line).unwrap();
    let helper = format!("store --file={}", store.display());
    scene.env.git(&["config", "credential.helper", &helper]);
    scene.run(&["--forge", "gitea"], &[]).exits(0);
    let (_, _, request) = scene.asked();
    assert_eq!(request.header("authorization"), [format!("token {TOKEN}")]);
}

#[test]
fn a_dry_run_prints_the_request_and_sends_nothing() {
    let scene = Scene::new("201 Created", &json!({}));
    let words = ["--forge", "github", "--dry-run"];
    let told = scene
        .run(&words, &[("GH_ENTERPRISE_TOKEN", TOKEN)])
        .exits(0);
    for word in [
        "git push origin exec/mine/",
        "POST http://127.0.0.1:",
        "/pulls",
        "\"draft\": false",
    ] {
        assert!(
            told.stdout.contains(word),
            "{word:?} is not in\n{}",
            told.stdout
        );
    }
    let json = scene
        .run(&[&words[..], &["--json"]].concat(), &[])
        .exits(0)
        .json();
    assert_eq!(
        json["request"]["body"]["head"],
        json!(scene.branch),
        "{json}"
    );
    assert_eq!(json["pushed"], false, "{json}");
    // It says whether there is a token and where, and `run` sees to it that it is not shown.
    let told = told.says(&["The token was found, in the variable GH_ENTERPRISE_TOKEN"]);
    assert!(!told.stderr.contains("No token"), "{told:?}");
    assert_eq!(json["token"]["found"], false, "{json}");
    drop(
        scene
            .run(&words, &[])
            .exits(0)
            .says(&["No token", "GH_ENTERPRISE_TOKEN"]),
    );
    assert_eq!((scene.pushed(), scene.forge.seen().len()), (None, 0));
}

#[test]
fn without_a_known_forge_the_branch_is_pushed_and_the_page_to_compare_is_printed() {
    let scene = Scene::new("201 Created", &json!({}));
    let said = scene
        .run(&[], &[("GITHUB_TOKEN", TOKEN)])
        .exits(0)
        .says(&["pushed"]);
    let page = format!(
        "http://{}/owner/repo/compare/main...{}?expand=1&title=Add%20notes&body=By%20a%20tool",
        scene.authority(),
        scene.branch
    );
    assert_eq!(said.stdout.trim(), page);
    scene.was_pushed();
    assert!(scene.forge.seen().is_empty());
}

#[test]
fn without_a_token_nothing_is_pushed_and_nobody_is_asked() {
    let scene = Scene::new("201 Created", &json!({}));
    // A program that would ask the person, if it were started.
    let asked = scene.env.outside("asked");
    scene.env.git(&[
        "config",
        "core.askPass",
        &format!("touch {}; echo x #", asked.display()),
    ]);
    let variables = [("GITHUB_TOKEN", TOKEN), ("GITLAB_TOKEN", TOKEN)];
    let github = scene.run(&["--forge", "github"], &variables);
    github
        .exits(2)
        .says(&["GH_ENTERPRISE_TOKEN", "nothing was pushed"]);
    // A token of gitlab.com goes to no other host.
    let gitlab = scene.run(&["--forge", "gitlab"], &variables);
    gitlab.exits(2).says(&["GITLAB_HOST", "nothing was pushed"]);
    assert_eq!((scene.pushed(), scene.forge.seen().len()), (None, 0));
    assert!(!asked.exists(), "somebody was asked");
}

#[test]
fn a_token_goes_over_https_or_to_this_machine() {
    let scene = Scene::new("201 Created", &json!({}));
    scene.env.git(&[
        "remote",
        "set-url",
        "origin",
        "http://github.example.com/o/r",
    ]);
    let said = scene.run(&[], &[("GH_ENTERPRISE_TOKEN", TOKEN)]);
    said.exits(2).says(&["https only", "nothing was pushed"]);
    assert_eq!(scene.pushed(), None);
}

#[test]
fn what_a_forge_refuses_is_told_with_its_own_words_and_without_the_token() {
    let errors = json!([{"message": format!("A pull request already exists; you sent {TOKEN}")}]);
    let scene = Scene::new(
        "422 Unprocessable",
        &json!({"message": "Validation Failed", "errors": errors}),
    );
    let variables = [("GH_ENTERPRISE_TOKEN", TOKEN)];
    scene
        .run(&["--forge", "github"], &variables)
        .exits(4)
        .says(&["pushed", "already exists"]);
    let scene = Scene::new("401 Unauthorized", &json!({"message": "Bad credentials"}));
    scene
        .run(&["--forge", "github"], &variables)
        .exits(1)
        .says(&["Bad credentials", "does not take the token"]);
    // A second time nothing is left to push, and the forge is asked again.
    scene.run(&["--forge", "github"], &variables).exits(1);
    assert_eq!(scene.forge.seen().len(), 2);
}

#[test]
fn a_remote_is_chosen_by_its_name_and_hooks_do_not_run() {
    let scene = Scene::new("201 Created", &json!({}));
    let other = scene.env.outside("other.git");
    scene
        .env
        .git(&["init", "--quiet", "--bare", other.to_str().unwrap()]);
    scene
        .env
        .git(&["remote", "add", "other", other.to_str().unwrap()]);
    let hook = scene.env.repo().join(".git/hooks/pre-push");
    std::fs::write(&hook, "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = scene.run(&["--remote", "other"], &[]).exits(0);
    assert_eq!(said.stdout, "", "a folder has no page");
    let refs = scene
        .env
        .command("git", &other)
        .args(["for-each-ref"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&refs.stdout).contains(&scene.branch));
    scene
        .run(&["--remote", "absent"], &[])
        .exits(2)
        .says(&["absent", "git remote"]);
    assert_eq!(scene.pushed(), None);
}
