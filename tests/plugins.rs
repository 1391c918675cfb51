//! Every sample plugin has a test here, by its name; one that has none does not compile.

use serde_json::{Value, json};

use crate::common::{HttpServer, TestEnv, reply};

/// Runs a tool and returns its receipt.
fn run(env: &TestEnv, tool: &str, arguments: &Value) -> Value {
    env.run(&["run", tool, "--args", &arguments.to_string(), "--json"])
        .exits(0)
        .json()
}

/// Expects a plugin to load and to answer its life cycle.
fn check_health(name: &str, kind: &str, config: &Value) {
    let yaml = format!("plugins: [{{name: {name}, config: {config}}}]");
    let env = TestEnv::with_plugins(&[name], &yaml);
    let list = env
        .run(&["plugin", "list", "--type", kind, "--json"])
        .exits(0)
        .json();
    assert!(list.to_string().contains(&format!("\"{name}\"")), "{list}");
    let health = env.run(&["plugin", "health", "--json"]).exits(0).json();
    assert_eq!(health[0]["plugin"], name, "{health}");
    assert_eq!(health[0]["status"], "healthy", "{health}");
}

fn hello() {
    check_health("hello", "tool", &json!({}));
    let env = TestEnv::with_plugins(&["hello"], "");
    assert_eq!(
        env.run(&["run", "hello__greet", "name=Ada"])
            .exits(0)
            .stdout,
        "Hello, Ada!\n"
    );
}

fn files() {
    check_health("files", "tool", &json!({}));
    let env = TestEnv::with_plugins(
        &["files"],
        "plugins: [{name: files, grants: {workspace: read-write}}]",
    );
    let in_one = |tool: &str, arguments: Value| {
        let output = env.run(&[
            "run",
            tool,
            "--args",
            &arguments.to_string(),
            "--execution",
            "one",
            "--json",
        ]);
        output.exits(0).json()["reply"]["ok"]["structured"].clone()
    };
    in_one(
        "files__write",
        json!({"path": "docs/a.md", "content": "one\ntwo\nthree\n"}),
    );
    in_one(
        "files__edit",
        json!({"path": "docs/a.md", "old": "two", "new": "2"}),
    );
    let read = in_one("files__read", json!({"path": "docs/a.md"}));
    assert_eq!(read["content"], "one\n2\nthree\n", "{read}");
    let found = in_one("files__search", json!({"pattern": "^th.ee$"}));
    assert!(found.to_string().contains("docs/a.md"), "{found}");
    let listed = in_one("files__list", json!({}));
    assert!(
        listed.to_string().contains("docs") && listed.to_string().contains("README.md"),
        "{listed}"
    );
    in_one(
        "files__move",
        json!({"from": "docs/a.md", "to": "docs/b.md"}),
    );
    in_one("files__delete", json!({"path": "README.md"}));
    let branch = env.git(&["branch", "--list", "--format=%(refname:short)", "exec/*"]);
    let changed = env.git(&["diff", "--name-status", "main", branch.trim()]);
    assert_eq!(changed, "D\tREADME.md\nA\tdocs/b.md\n");
}

fn repo_report() {
    check_health("repo-report", "tool", &json!({}));
    let env = TestEnv::with_plugins(
        &["repo-report"],
        "plugins: [{name: repo-report, grants: {workspace: read-write}}]",
    );
    let receipt = run(&env, "repo-report__report", &json!({}));
    assert_eq!(
        receipt["changed"],
        json!([{"path": "REPORT.md", "kind": "added"}]),
        "{receipt}"
    );
    let report = env.git(&[
        "show",
        &format!("{}:REPORT.md", receipt["branch"].as_str().unwrap()),
    ]);
    assert!(
        report.contains("src/main.rs") || report.contains("Rust"),
        "{report}"
    );
    // The same tree, the same report.
    let again = run(&env, "repo-report__report", &json!({}));
    let same = env.git(&[
        "show",
        &format!("{}:REPORT.md", again["branch"].as_str().unwrap()),
    ]);
    assert_eq!(report, same);
}

fn scripted() {
    check_health("scripted", "provider", &json!({}));
}

fn openai() {
    check_health("openai", "provider", &json!({}));
}

fn anthropic() {
    check_health("anthropic", "provider", &json!({}));
}

fn ollama() {
    check_health("ollama", "provider", &json!({}));
}

fn react() {
    check_health("react", "adapter", &json!({}));
}

fn counter() {
    check_health("counter", "observer", &json!({}));
}

fn notes() {
    check_health("notes", "memory", &json!({}));
}

const PAGE: &str = "<!doctype html><html><head><title> A  page </title><style>p{}</style></head><body>\
    <h1>Hello</h1><p>Some <b>bold</b> words and <a href='/next?a=1&amp;b=2'>a link</a>, \
    <a href='https://example.com/'>another</a>.</p><script>alert(1)</script><ul><li>one</li></ul></body></html>";

fn web() {
    check_health("web", "tool", &json!({}));
    let server = HttpServer::start(|seen, out| match seen.path() {
        "/" => reply(out, "text/html; charset=utf-8", PAGE),
        "/old" => write!(
            out,
            "HTTP/1.1 301 Moved\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"
        ),
        "/circle" => write!(
            out,
            "HTTP/1.1 302 Found\r\nlocation: circle\r\ncontent-length: 0\r\n\r\n"
        ),
        "/data" => reply(out, "application/json", r#"{"a": 1}"#),
        "/picture" => reply(out, "image/png", "png"),
        _ => write!(
            out,
            "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\ngone"
        ),
    });
    let url = format!("http://127.0.0.1:{}", server.port());
    // Without a grant its first call teaches how.
    TestEnv::with_plugins(&["web"], "")
        .run(&["run", "web__fetch", &format!("url={url}/")])
        .exits(3)
        .says(&[
            "web was not granted",
            &format!("paracle-host grant add web --network {url}"),
        ]);
    let env = TestEnv::with_grants(
        &["web"],
        &format!("plugins: [{{name: web, grants: {{network: ['{url}']}}}}]"),
    );
    let fetch = |path: &str| {
        run(&env, "web__fetch", &json!({"url": format!("{url}{path}")}))["reply"]["ok"]["structured"].clone()
    };
    for path in ["/", "/old"] {
        let page = fetch(path);
        assert_eq!(page["title"], "A page", "{page}");
        let text = page["text"].as_str().unwrap();
        assert!(
            text.starts_with("# Hello") && text.contains("**bold**"),
            "{text}"
        );
        assert!(!text.contains("alert") && !text.contains("p{}"), "{text}");
        assert_eq!(
            page["links"][0],
            json!({"text": "a link", "url": format!("{url}/next?a=1&b=2")})
        );
        assert_eq!(page["links"][1]["url"], "https://example.com/");
        assert_eq!(
            (&page["status"], &page["url"]),
            (&json!(200), &json!(format!("{url}/")))
        );
    }
    assert_eq!(fetch("/data")["text"], r#"{"a": 1}"#);
    let cut = run(
        &env,
        "web__fetch",
        &json!({"url": format!("{url}/"), "max_chars": 7}),
    );
    let cut = &cut["reply"]["ok"]["structured"];
    assert_eq!(
        (&cut["text"], &cut["truncated"]),
        (&json!("# Hello"), &json!(true))
    );
    for (path, words) in [
        ("/missing", ["status 404", "gone"]),
        ("/picture", ["image/png", "no text"]),
        ("/circle", ["5 redirects", "/circle"]),
    ] {
        env.run(&["run", "web__fetch", &format!("url={url}{path}")])
            .exits(1)
            .says(&words);
    }
}

/// Makes a test of each, and does not compile for one that has none.
macro_rules! test_of {
    ($name:ident) => {
        mod $name {
            #[test]
            fn works() {
                super::$name();
            }
        }
    };
}

paracle_sample_artifacts::foreach_plugin!(test_of);

/// Where each guest of the tests is used: a new one does not compile before it has its line, and its test, here.
mod fixtures {
    /// Names a test for a guest.
    macro_rules! tested_by {
        ($($guest:ident: $($test:path),+;)*) => {
            $(pub(super) fn $guest() -> Vec<fn()> {
                vec![$($test),+]
            })*
        };
    }

    tested_by! {
        asker: crate::providers::recorded_exchanges_with_openai_are_asked_and_read_as_documented;
        asks: crate::asks::a_legacy_client_is_asked_while_it_waits;
        bad_meta: crate::originals::n11_a_version_that_is_none_a_host_that_is_too_old_and_a_missing_value_are_refused;
        caller: crate::sandbox::a_plugin_gains_nothing_by_calling_another;
        conformance: crate::conformance::the_fixtures_answer_a_client_of_each_era;
        long_calls: crate::conformance::the_fixtures_answer_a_client_of_each_era;
        crash: crate::sandbox::a_guest_that_crashes_gives_a_sentence_and_keeps_nothing;
        fs_exercise: crate::sandbox::std_fs_of_a_guest_works_on_the_git_tree,
            crate::directories::std_fs_of_a_guest_works_on_a_granted_directory_as_on_the_git_tree;
        future: crate::bad_input::a_tool_whose_plugin_could_not_be_loaded_says_why;
        hostile: crate::attacks::no_tool_writes_what_grants;
        hungry: crate::sandbox::memory_is_limited_and_the_error_names_the_key;
        keep: crate::mcp::a_stateful_plugin_meets_the_same_instance_at_each_call_of_a_process,
            crate::attacks::a_plugin_that_keeps_its_instance_does_not_hold_up_others;
        masks: crate::attacks::every_attack_of_the_table_has_a_test;
        needs_config: crate::originals::n11_a_version_that_is_none_a_host_that_is_too_old_and_a_missing_value_are_refused;
        reach: crate::directories::what_is_granted_for_reading_is_changed_by_no_route;
        shadow: crate::sandbox::a_plugin_without_a_workspace_grant_has_no_file_system;
        net: crate::network::without_a_grant_nothing_is_connected_to_and_the_refusal_teaches;
        net_keep: crate::network_bounds::authority_is_of_the_call_and_not_of_an_instance_that_is_kept;
        offers: crate::surface::offered::resources_are_listed_page_by_page;
        spin: crate::sandbox::a_call_that_spins_is_stopped_by_its_deadline;
        wasi_fs: crate::filesystem::the_git_tree_answers_as_the_built_in_file_system_does;
        watcher: crate::attacks::an_observer_that_never_comes_back_does_not_hold_up_the_end;
    }
}

macro_rules! is_tested {
    ($name:ident) => {
        const _: fn() -> Vec<fn()> = fixtures::$name;
    };
}

paracle_sample_artifacts::foreach_fixture!(is_tested);
