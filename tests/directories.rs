//! Directories that are granted beside the workspace: what a plugin can do there, and what it cannot, by whatever route.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};

use serde_json::{Value, json};

use crate::common::{Output, TestEnv};

/// What a guest's libc calls the errors.
const NO_ENTRY: i64 = 44;
const READ_ONLY: i64 = 69;
const CROSS_DEVICE: i64 = 75;
const NOT_PERMITTED: i64 = 63;

/// Two directories: one to write, one to read.
const BOTH: &str = "plugins: [{name: reach, grants: {directories: ['$BESIDE/open:/open:rw', '$BESIDE/shut:/shut:ro']}}]";

fn both() -> TestEnv {
    let env = TestEnv::with_grants(&["reach"], BOTH);
    for name in ["open", "shut"] {
        fs::create_dir_all(env.beside(name).join("sub")).unwrap();
        fs::write(env.beside(name).join("kept"), "as it was").unwrap();
        fs::write(env.beside(name).join("sub/deep"), "deep").unwrap();
    }
    fs::write(env.beside("secret"), "a secret").unwrap();
    env
}

fn call(env: &TestEnv, steps: &Value) -> Output {
    let arguments = json!({"steps": steps}).to_string();
    env.run(&["run", "reach__try", "--args", &arguments, "--json"])
}

/// Tries steps in one call and returns what came of each.
#[track_caller]
fn attempt(env: &TestEnv, steps: &Value) -> Vec<Value> {
    let receipt = call(env, steps).exits(0).json();
    let outcomes = receipt["reply"]["ok"]["structured"]["outcomes"].as_array();
    outcomes.unwrap_or_else(|| panic!("{receipt}")).clone()
}

/// Tries one step, which has to work, and returns what it found.
#[track_caller]
fn works(env: &TestEnv, step: &Value) -> String {
    let outcome = &attempt(env, &json!([step]))[0];
    assert_eq!(outcome["ok"], true, "{step}: {outcome}");
    outcome["detail"].as_str().unwrap().to_owned()
}

/// Tries one step each, which have to fail with one of some errors.
#[track_caller]
fn fail(env: &TestEnv, steps: &[Value], errors: &[i64]) {
    let outcomes = attempt(env, &json!(steps));
    for (step, outcome) in steps.iter().zip(outcomes) {
        assert_eq!(outcome["ok"], false, "{step}: {outcome}");
        let errno = outcome["errno"].as_i64().unwrap_or(-1);
        assert!(errors.contains(&errno), "{step}: {outcome}");
    }
}

/// All that is in a folder: names, contents, times, links.
fn state(folder: &std::path::Path) -> String {
    let mut lines = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let (modified, links) = (meta.modified().unwrap(), meta.nlink());
            let content = meta.is_file().then(|| fs::read(&path).unwrap());
            lines.push(format!("{path:?} {modified:?} {links} {content:?}"));
            if meta.is_dir() {
                folders.push(path);
            }
        }
    }
    lines.sort();
    lines.join("\n")
}

#[test]
pub(crate) fn std_fs_of_a_guest_works_on_a_granted_directory_as_on_the_git_tree() {
    let env = TestEnv::with_grants(
        &["fs-exercise"],
        "plugins: [{name: fs-exercise, grants: {workspace: read-write, directories: ['$BESIDE/open:/open:rw']}}]",
    );
    fs::create_dir(env.beside("open")).unwrap();
    let steps = |arguments: &[&str]| {
        let call = [&["run", "fs-exercise__exercise", "--json"], arguments].concat();
        let receipt = env.run(&call).exits(0).json();
        let steps = receipt["reply"]["ok"]["structured"]["steps"].clone();
        steps.as_array().unwrap().clone()
    };
    let (tree, disk) = (steps(&[]), steps(&["root=/open"]));
    assert!(disk.len() > 60 && tree.len() == disk.len());
    for (tree, disk) in tree.iter().zip(&disk) {
        assert_eq!(disk["ok"], true, "{disk}");
        assert_eq!(tree["step"], disk["step"]);
    }
    assert_eq!(state(&env.beside("open")), "");
}

#[test]
pub(crate) fn what_is_granted_for_reading_is_changed_by_no_route() {
    let env = both();
    let before = state(&env.beside("shut"));
    let routes = [
        json!({"what": "write", "path": "/shut/kept", "with": "x"}),
        json!({"what": "write", "path": "/shut/new", "with": "x"}),
        json!({"what": "overwrite", "path": "/shut/kept", "with": "x"}),
        json!({"what": "append", "path": "/shut/kept", "with": "x"}),
        json!({"what": "create-new", "path": "/shut/new"}),
        json!({"what": "create-reading", "path": "/shut/new"}),
        json!({"what": "truncate-reading", "path": "/shut/kept"}),
        json!({"what": "truncate-writing", "path": "/shut/kept"}),
        json!({"what": "set-size", "path": "/shut/kept"}),
        json!({"what": "set-times", "path": "/shut/kept", "n": 1000}),
        json!({"what": "set-times", "path": "/shut/sub", "n": 1000}),
        json!({"what": "set-times-at", "path": "/shut/kept", "n": 1000}),
        json!({"what": "make-directory", "path": "/shut/new"}),
        json!({"what": "remove-directory", "path": "/shut/sub"}),
        json!({"what": "remove", "path": "/shut/kept"}),
        json!({"what": "rename", "path": "/shut/kept", "with": "/shut/other"}),
        json!({"what": "rename", "path": "/shut/kept", "with": "/open/other"}),
        json!({"what": "rename", "path": "/open/kept", "with": "/shut/other"}),
        json!({"what": "rename", "path": "/open/kept", "with": "/shut/kept"}),
        json!({"what": "rename", "path": "/open/sub", "with": "/shut/sub"}),
        json!({"what": "hard-link", "path": "/shut/kept", "with": "/shut/other"}),
        json!({"what": "hard-link", "path": "/shut/kept", "with": "/open/other"}),
        json!({"what": "hard-link", "path": "/open/kept", "with": "/shut/other"}),
        json!({"what": "symbolic-link", "path": "/shut/other", "with": "kept"}),
    ];
    fail(&env, &routes, &[READ_ONLY]);
    // These fail before it matters what was granted.
    let closed = [
        json!({"what": "write-what-is-open-for-reading", "path": "/shut/kept", "with": "x"}),
        json!({"what": "set-size-reading", "path": "/shut/kept"}),
        json!({"what": "set-size-reading", "path": "/open/kept"}),
    ];
    fail(&env, &closed, &[8, NOT_PERMITTED, READ_ONLY, 28]);
    assert_eq!(state(&env.beside("shut")), before);
    assert_eq!(
        works(&env, &json!({"what": "read", "path": "/shut/kept"})),
        "as it was"
    );
    assert_eq!(
        works(&env, &json!({"what": "list", "path": "/shut"})),
        "kept sub"
    );
    assert_eq!(
        works(&env, &json!({"what": "stat", "path": "/shut/kept"})),
        "file 9"
    );
}

#[test]
fn ghsa_2r75_cxrj_cmph_a_file_granted_for_reading_is_not_cut_by_opening_it() {
    let env = both();
    let steps = [
        json!({"what": "truncate-reading", "path": "/shut/kept"}),
        json!({"what": "truncate-reading", "path": "/shut/sub/deep"}),
    ];
    fail(&env, &steps, &[READ_ONLY]);
    assert_eq!(fs::read(env.beside("shut/kept")).unwrap(), b"as it was");
    // Where writing is granted it cuts, and the descriptor is one for reading all the same.
    works(
        &env,
        &json!({"what": "truncate-reading", "path": "/open/kept"}),
    );
    assert_eq!(fs::read(env.beside("open/kept")).unwrap(), b"");
}

#[test]
fn ghsa_4ch3_9j33_3pmj_no_file_gets_a_name_in_another_grant() {
    let env = both();
    let before = state(&env.beside("shut"));
    let steps = [
        json!({"what": "hard-link", "path": "/shut/kept", "with": "/open/linked"}),
        json!({"what": "overwrite", "path": "/open/linked", "with": "x"}),
        json!({"what": "rename", "path": "/shut/kept", "with": "/open/moved"}),
        json!({"what": "overwrite", "path": "/open/moved", "with": "x"}),
    ];
    fail(&env, &steps, &[READ_ONLY, NO_ENTRY]);
    assert_eq!(state(&env.beside("shut")), before);
    // Nor where both may be written: what one grant says is not said of the other.
    let env = TestEnv::with_grants(
        &["reach"],
        "plugins: [{name: reach, grants: {workspace: read-write, directories: ['$BESIDE/a:/a:rw', '$BESIDE/b:/b:rw']}}]",
    );
    for name in ["a", "b"] {
        fs::create_dir(env.beside(name)).unwrap();
        fs::write(env.beside(name).join("f"), name).unwrap();
    }
    let mut steps = Vec::new();
    for what in ["rename", "hard-link"] {
        for (path, with) in [
            ("/a/f", "/b/new"),
            ("/a/f", "/b/f"),
            ("/a/f", "/workspace/new"),
            ("/workspace/README.md", "/a/new"),
        ] {
            steps.push(json!({"what": what, "path": path, "with": with}));
        }
    }
    fail(&env, &steps, &[CROSS_DEVICE]);
    assert_eq!(fs::read(env.beside("b/f")).unwrap(), b"b");
}

#[test]
fn rustsec_2026_0269_a_slash_at_the_end_follows_no_link_out() {
    let env = both();
    let open = env.beside("open");
    fs::create_dir(env.beside("outside")).unwrap();
    fs::write(env.beside("outside/f"), "theirs").unwrap();
    // As an advisory has it: a link that says `evil/`, to a link that leads out.
    symlink(env.beside("outside"), open.join("evil")).unwrap();
    symlink("evil/", open.join("chain")).unwrap();
    symlink("../outside/", open.join("up")).unwrap();
    let before = state(&env.beside("outside"));
    for link in ["evil", "chain", "up"] {
        let steps = [
            json!({"what": "list", "path": format!("/open/{link}/")}),
            json!({"what": "read", "path": format!("/open/{link}/f")}),
            json!({"what": "write", "path": format!("/open/{link}/new"), "with": "x"}),
            json!({"what": "make-directory", "path": format!("/open/{link}/new")}),
            json!({"what": "remove", "path": format!("/open/{link}/f")}),
            json!({"what": "rename", "path": format!("/open/{link}/f"), "with": "/open/stolen"}),
            json!({"what": "rename", "path": "/open/kept", "with": format!("/open/{link}/f")}),
            json!({"what": "open-directory", "path": format!("/open/{link}/")}),
        ];
        fail(&env, &steps, &[NO_ENTRY]);
    }
    assert_eq!(state(&env.beside("outside")), before);
}

#[test]
fn ghsa_m9f7_9w4p_gv38_renaming_a_link_with_a_slash_does_not_move_what_it_leads_to() {
    let env = both();
    let open = env.beside("open");
    fs::create_dir(env.beside("outside")).unwrap();
    symlink(env.beside("outside"), open.join("out")).unwrap();
    symlink("sub", open.join("in")).unwrap();
    for (path, with) in [
        ("/open/out/", "/open/stolen"),
        ("/open/in/", "/open/stolen"),
        ("/open/sub", "/open/out/"),
        ("/open/sub", "/open/in/"),
    ] {
        let outcome = &attempt(
            &env,
            &json!([{"what": "rename", "path": path, "with": with}]),
        )[0];
        assert_eq!(outcome["ok"], false, "{path}: {outcome}");
    }
    assert!(env.beside("outside").is_dir() && open.join("sub/deep").is_file());
    assert!(!open.join("stolen").exists());
}

#[test]
fn what_is_outside_looks_as_if_nothing_were_there() {
    let env = both();
    let open = env.beside("open");
    fs::create_dir(env.beside("outside")).unwrap();
    fs::write(env.beside("outside/there"), "theirs").unwrap();
    for name in ["there", "absent"] {
        let target = env.beside("outside").join(name);
        symlink(&target, open.join(format!("absolute-{name}"))).unwrap();
        symlink(
            format!("../outside/{name}"),
            open.join(format!("up-{name}")),
        )
        .unwrap();
        symlink(
            format!("sub/../../outside/{name}"),
            open.join(format!("round-{name}")),
        )
        .unwrap();
    }
    let outside = env.beside("outside");
    let mut seen = Vec::new();
    for name in ["there", "absent"] {
        let paths = [
            format!("/open/absolute-{name}"),
            format!("/open/up-{name}"),
            format!("/open/round-{name}"),
            format!("/open/../outside/{name}"),
            format!("/open/sub/../../outside/{name}"),
            format!("{}/{name}", outside.display()),
            format!("/open/{}/{name}", outside.display()),
        ];
        let mut steps = Vec::new();
        for path in &paths {
            for what in [
                "read",
                "stat",
                "list",
                "write",
                "append",
                "create-reading",
                "truncate-reading",
                "set-times",
            ] {
                steps.push(json!({"what": what, "path": path, "with": "x"}));
            }
        }
        for path in &paths[3..] {
            for what in [
                "lstat",
                "make-directory",
                "remove",
                "remove-directory",
                "readlink",
            ] {
                steps.push(json!({"what": what, "path": path}));
            }
            steps.push(json!({"what": "rename", "path": path, "with": "/open/x"}));
            steps.push(json!({"what": "rename", "path": "/open/kept", "with": path}));
            steps.push(json!({"what": "hard-link", "path": path, "with": "/open/x"}));
            steps.push(json!({"what": "symbolic-link", "path": path, "with": "x"}));
        }
        fail(&env, &steps, &[NO_ENTRY]);
        let outcomes = attempt(&env, &json!(steps));
        let words = json!(outcomes).to_string().replace(name, "NAME");
        assert!(!words.contains("theirs"), "{words}");
        seen.push(words);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(fs::read(env.beside("outside/there")).unwrap(), b"theirs");
    assert!(!env.beside("outside/absent").exists());
    // Where an absolute link leads is not told either.
    let steps = [json!({"what": "readlink", "path": "/open/absolute-there"})];
    fail(&env, &steps, &[NOT_PERMITTED]);
}

#[test]
fn links_that_lead_out_are_not_made() {
    let env = both();
    let steps = [
        json!({"what": "symbolic-link", "path": "/open/l", "with": "/etc/passwd"}),
        json!({"what": "symbolic-link", "path": "/open/l", "with": "../secret"}),
        json!({"what": "symbolic-link", "path": "/open/sub/l", "with": "../../secret"}),
        json!({"what": "symbolic-link", "path": "/open/l", "with": ".git/hooks"}),
    ];
    fail(&env, &steps, &[NOT_PERMITTED]);
    works(
        &env,
        &json!({"what": "symbolic-link", "path": "/open/sub/l", "with": "../kept"}),
    );
    assert_eq!(
        works(&env, &json!({"what": "read", "path": "/open/sub/l"})),
        "as it was"
    );
}

#[test]
fn links_inside_work_and_circles_end() {
    let env = both();
    let open = env.beside("open");
    symlink("sub", open.join("in")).unwrap();
    symlink("in/../sub/./deep", open.join("far")).unwrap();
    symlink("round-b", open.join("round-a")).unwrap();
    symlink("round-a/", open.join("round-b")).unwrap();
    symlink("not-yet", open.join("dangling")).unwrap();
    assert_eq!(
        works(&env, &json!({"what": "read", "path": "/open/far"})),
        "deep"
    );
    assert_eq!(
        works(&env, &json!({"what": "read", "path": "/open/in/deep"})),
        "deep"
    );
    assert_eq!(
        works(&env, &json!({"what": "list", "path": "/open/in/"})),
        "deep"
    );
    assert_eq!(
        works(&env, &json!({"what": "lstat", "path": "/open/in"})),
        "link 3"
    );
    works(
        &env,
        &json!({"what": "write", "path": "/open/dangling", "with": "made"}),
    );
    assert_eq!(fs::read(open.join("not-yet")).unwrap(), b"made");
    fail(
        &env,
        &[
            json!({"what": "read", "path": "/open/round-a"}),
            json!({"what": "open-no-follow", "path": "/open/in"}),
        ],
        &[32],
    );
}

#[test]
fn pipes_sockets_and_devices_are_not_opened() {
    let env = both();
    let open = env.beside("open");
    rustix_fifo(&open.join("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(open.join("socket")).unwrap();
    symlink("/dev/zero", open.join("zero")).unwrap();
    let mut steps = Vec::new();
    for name in ["pipe", "socket"] {
        for what in ["read", "write", "append", "truncate-reading", "hard-link"] {
            let path = format!("/open/{name}");
            steps.push(json!({"what": what, "path": path, "with": "/open/x", "n": 1}));
        }
    }
    fail(&env, &steps, &[NOT_PERMITTED]);
    fail(
        &env,
        &[json!({"what": "read", "path": "/open/zero"})],
        &[NO_ENTRY],
    );
    // They are seen, and can be removed.
    assert_eq!(
        works(&env, &json!({"what": "lstat", "path": "/open/pipe"})),
        "other 0"
    );
    works(&env, &json!({"what": "remove", "path": "/open/pipe"}));
    assert!(!open.join("pipe").exists());
}

/// Makes a pipe that has a name.
fn rustix_fifo(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[test]
fn what_steers_git_and_this_host_is_not_reached_in_a_granted_directory() {
    let env = both();
    let open = env.beside("open");
    for folder in [".git/hooks", "project/.git/hooks", "project/.parac/config"] {
        fs::create_dir_all(open.join(folder)).unwrap();
        fs::write(open.join(folder).join("f"), "theirs").unwrap();
    }
    symlink(".git", open.join("alias")).unwrap();
    let before = state(&open);
    let mut steps = Vec::new();
    for path in [
        "/open/.git/hooks/f",
        "/open/.GIT/hooks/f",
        "/open/project/.git/hooks/f",
        "/open/alias/hooks/f",
    ] {
        for what in ["read", "write", "append", "stat", "remove", "set-times"] {
            steps.push(json!({"what": what, "path": path, "with": "x"}));
        }
    }
    fail(&env, &steps, &[NO_ENTRY]);
    let grants = "/open/project/.parac/config/f";
    let mut steps = vec![
        json!({"what": "make-directory", "path": "/open/sub/.git"}),
        json!({"what": "make-directory", "path": "/open/sub/.parac"}),
        json!({"what": "rename", "path": "/open/sub", "with": "/open/.PARAC"}),
        json!({"what": "rename", "path": "/open/project/.parac", "with": "/open/x"}),
        json!({"what": "create-new", "path": "/open/project/.parac/new"}),
        json!({"what": "rename", "path": "/open/kept", "with": grants}),
        json!({"what": "hard-link", "path": grants, "with": "/open/x"}),
    ];
    for what in [
        "write",
        "append",
        "overwrite",
        "remove",
        "truncate-reading",
        "set-times-at",
    ] {
        steps.push(json!({"what": what, "path": grants, "with": "x"}));
    }
    fail(&env, &steps, &[NOT_PERMITTED]);
    assert_eq!(
        works(&env, &json!({"what": "read", "path": grants})),
        "theirs"
    );
    let names = works(&env, &json!({"what": "list", "path": "/open"}));
    assert!(!names.contains(".git"), "{names}");
    assert_eq!(state(&open), before);
}

#[test]
fn writes_count_against_the_limits_of_the_call() {
    let yaml = |limits: &str| {
        format!(
            "plugins: [{{name: reach, limits: {{{limits}}}, grants: {{workspace: read-write, directories: ['$BESIDE/open:/open:rw']}}}}]"
        )
    };
    let env = TestEnv::with_grants(&["reach"], &yaml("write_mib: 1"));
    fs::create_dir(env.beside("open")).unwrap();
    // 512 KiB in the workspace leave as much for the directory.
    let outcomes = attempt(
        &env,
        &json!([
            {"what": "fill", "path": "/workspace/a", "n": 128},
            {"what": "fill", "path": "/open/a", "n": 128},
            {"what": "append", "path": "/open/a", "with": "one more"},
            {"what": "set-size", "path": "/open/a", "n": 10 << 20},
            {"what": "write", "path": "/workspace/b", "with": "one more"},
        ]),
    );
    let ok: Vec<_> = outcomes.iter().map(|outcome| &outcome["ok"]).collect();
    assert_eq!(ok, [true, true, false, false, false], "{outcomes:?}");
    assert_eq!(fs::metadata(env.beside("open/a")).unwrap().len(), 512 << 10);

    let env = TestEnv::with_grants(&["reach"], &yaml("files: 3"));
    fs::create_dir(env.beside("open")).unwrap();
    let outcomes = attempt(
        &env,
        &json!([
            {"what": "write", "path": "/workspace/a"},
            {"what": "make-directory", "path": "/open/a"},
            {"what": "create-new", "path": "/open/a"},
            {"what": "symbolic-link", "path": "/open/b", "with": "a"},
            {"what": "write", "path": "/open/c"},
            {"what": "make-directory", "path": "/open/d"},
            {"what": "write", "path": "/workspace/b"},
        ]),
    );
    let ok: Vec<_> = outcomes.iter().map(|outcome| &outcome["ok"]).collect();
    assert_eq!(
        ok,
        [true, true, false, true, false, false, false],
        "{outcomes:?}"
    );
}

#[test]
fn handles_of_a_call_are_bounded() {
    let env = both();
    let outcomes = attempt(
        &env,
        &json!([
            {"what": "hold", "path": "/open/kept", "n": 200},
            {"what": "read-held", "path": ""},
            {"what": "hold", "path": "/open/kept", "n": 5000},
        ]),
    );
    assert_eq!(outcomes[0]["ok"], true, "{outcomes:?}");
    assert_eq!(outcomes[1]["detail"], "as it was", "{outcomes:?}");
    assert_eq!(outcomes[2]["ok"], false, "{outcomes:?}");
}

#[test]
fn the_receipt_tells_what_was_done_in_a_granted_directory() {
    let env = both();
    let steps = json!([
        {"what": "write", "path": "/open/new", "with": "12345"},
        {"what": "remove", "path": "/open/kept"},
        {"what": "read", "path": "/shut/kept"},
    ]);
    let receipt = call(&env, &steps).exits(0).json();
    assert_eq!(
        receipt["directories"],
        json!([
            {"at": "/open", "access": "read-write", "changes": 2, "written_bytes": 5},
            {"at": "/shut", "access": "read-only", "changes": 0, "written_bytes": 0},
        ]),
        "{receipt}"
    );
    assert!(
        receipt["notes"].to_string().contains("/open: 2 changes"),
        "{receipt}"
    );
    // It is on no branch, and a failure of the tool does not take it back: the receipt says so.
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    let arguments = json!({"fail": true, "steps": [{"what": "write", "path": "/open/late"}]});
    let output = env.run(&["run", "reach__try", "--args", &arguments.to_string()]);
    drop(
        output
            .exits(1)
            .says(&["/open: 1 changes", "no branch holds"]),
    );
    assert!(env.beside("open/late").exists());
    // A call that is stopped has no receipt: the log says it.
    let spin =
        json!({"steps": [{"what": "write", "path": "/open/later"}, {"what": "spin", "path": ""}]});
    let arguments = spin.to_string();
    let output = env.run(&["run", "reach__try", "--args", &arguments, "--time", "2000"]);
    drop(output.exits(5).says(&["stays: /open: 1 changes"]));
}

#[test]
fn directories_alone_need_no_repository() {
    let env = TestEnv::bare_folder();
    let open = env.beside("open");
    fs::create_dir(&open).unwrap();
    let rule = format!("{}:/open:ro", open.display());
    env.install(
        &["reach"],
        &format!("plugins: [{{name: reach, grants: {{directories: ['{rule}']}}}}]"),
    );
    fs::write(open.join("f"), "text").unwrap();
    assert_eq!(
        works(&env, &json!({"what": "read", "path": "/open/f"})),
        "text"
    );
    fail(
        &env,
        &[json!({"what": "list", "path": "/workspace"})],
        &[NO_ENTRY],
    );
}

#[test]
fn a_directory_that_cannot_be_given_is_an_error_that_names_the_grant() {
    let env = both();
    let list = json!([{"what": "list", "path": "/open"}]);
    fs::remove_dir_all(env.beside("open")).unwrap();
    drop(
        call(&env, &list)
            .exits(2)
            .says(&["open:/open:rw", "make it"]),
    );
    fs::write(env.beside("open"), "").unwrap();
    drop(
        call(&env, &list)
            .exits(2)
            .says(&["open:/open:rw", "does not name a directory"]),
    );
    fs::remove_file(env.beside("open")).unwrap();
    // A link in its place is not followed, wherever it leads.
    fs::create_dir(env.beside("elsewhere")).unwrap();
    symlink("elsewhere", env.beside("open")).unwrap();
    let elsewhere = env.beside("elsewhere");
    let leads = elsewhere.to_str().unwrap();
    drop(
        call(&env, &list)
            .exits(2)
            .says(&["open:/open:rw", "symbolic link", leads]),
    );
}

#[test]
fn no_grant_gives_what_steers_this_host() {
    let env = TestEnv::new();
    let home = env.repo().parent().unwrap().join("home");
    let own = home.join(".config/paracle-host");
    fs::create_dir_all(&own).unwrap();
    let repo = env.repo();
    let at = |path: &std::path::Path, access: &str| format!("{}:/x:{access}", path.display());
    let refused = [
        (at(&own, "ro"), "keys and approvals"),
        (at(&own, "rw"), "keys and approvals"),
        (at(&own.join("deep"), "ro"), "keys and approvals"),
        (at(&home, "ro"), "keys and approvals"),
        (at(home.parent().unwrap(), "ro"), "keys and approvals"),
        ("/:/x:ro".to_owned(), "keys and approvals"),
        (at(&repo, "rw"), "what plugins may do"),
        (at(&repo.join(".git"), "rw"), "what plugins may do"),
        (at(&repo.join(".git/hooks"), "rw"), "what plugins may do"),
        (at(&repo.join(".parac"), "rw"), "what plugins may do"),
        (
            at(&repo.join(".parac/plugins"), "rw"),
            "what plugins may do",
        ),
        (
            at(std::path::Path::new("/elsewhere/.git/hooks"), "rw"),
            "what plugins may do",
        ),
        (
            at(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")), "rw"),
            "what plugins may do",
        ),
    ];
    for (rule, words) in refused {
        env.install(
            &["reach"],
            &format!("plugins: [{{name: reach, grants: {{directories: ['{rule}']}}}}]"),
        );
        let list = env.run(&["plugin", "list", "--json"]);
        let told = format!("{}{}", list.stdout, list.stderr);
        assert!(
            told.contains(&rule) && told.contains(words),
            "{rule}: {told}"
        );
        assert_ne!(call(&env, &json!([])).status, 0, "{rule}");
    }
    // What does not steer it may be granted.
    for rule in [
        at(&repo, "ro"),
        at(&repo.join("src"), "rw"),
        at(&repo.join(".git"), "ro"),
    ] {
        env.install(
            &["reach"],
            &format!("plugins: [{{name: reach, grants: {{directories: ['{rule}']}}}}]"),
        );
        attempt(&env, &json!([{"what": "list", "path": "/x"}]));
    }
}

#[test]
fn grants_that_contradict_each_other_are_refused() {
    for (rules, words) in [
        (
            "'$BESIDE/a:/x:ro', '$BESIDE/b:/x:ro'",
            "one name to two directories",
        ),
        ("'$BESIDE/a:/a:rw', '$BESIDE/a/b:/b:ro'", "is of no use"),
        ("'$BESIDE/a:/a:ro', '$BESIDE/a:/b:rw'", "is of no use"),
    ] {
        let env = TestEnv::with_grants(
            &["reach"],
            &format!("plugins: [{{name: reach, grants: {{directories: [{rules}]}}}}]"),
        );
        fs::create_dir_all(env.beside("a/b")).unwrap();
        fs::create_dir_all(env.beside("b")).unwrap();
        drop(call(&env, &json!([])).says(&[words]));
    }
}

#[test]
fn what_the_kernel_makes_up_is_not_granted() {
    let yaml = "plugins: [{name: reach, grants: {directories: ['/proc/sys:/p:ro']}}]";
    let env = TestEnv::with_grants(&["reach"], yaml);
    drop(
        call(&env, &json!([]))
            .exits(3)
            .says(&["/proc/sys:/p:ro", "the kernel makes up"]),
    );
}

#[test]
fn a_plugin_that_was_not_granted_directories_finds_none() {
    let env = TestEnv::with_plugins(&["reach"], "plugins: [{name: reach}]");
    let steps =
        ["read", "write", "stat", "list"].map(|what| json!({"what": what, "path": "/open/kept"}));
    fail(&env, &steps, &[NO_ENTRY]);
}

#[test]
fn times_are_set_where_writing_is_granted_and_strange_ones_harm_nobody() {
    let env = both();
    symlink("kept", env.beside("open/link")).unwrap();
    for (what, path) in [
        ("set-times", "/open/kept"),
        ("set-times", "/open/sub"),
        ("set-times-at", "/open/sub/deep"),
        ("set-times-at", "/open/link"),
    ] {
        works(&env, &json!({"what": what, "path": path, "n": 1_000_000}));
        assert_eq!(
            works(&env, &json!({"what": "modified", "path": path})),
            "1000000",
            "{path}"
        );
        // A host must not fall over what no calendar has.
        let strange = json!([{"what": what, "path": path, "n": i64::MAX}]);
        drop(attempt(&env, &strange));
    }
}
