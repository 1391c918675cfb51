//! What no route leads to.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::tries::{NO_ENTRY, NOT_PERMITTED, READ_ONLY, attempt, both, fail, state, works};
use crate::common::TestEnv;

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
fn pipes_sockets_and_devices_are_not_opened() {
    let env = both();
    let open = env.beside("open");
    make_pipe(&open.join("pipe"));
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
fn make_pipe(path: &std::path::Path) {
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
fn a_bare_repository_deep_in_a_granted_directory_is_not_written_and_none_is_made() {
    let env = both();
    let open = env.beside("open");
    fs::create_dir_all(open.join("a/b")).unwrap();
    let store = open.join("a/b/store");
    env.git(&["init", "--quiet", "--bare", store.to_str().unwrap()]);
    fs::write(store.join("hooks/f"), "theirs").unwrap();
    // All but one of what makes a repository; what runs there is in it already.
    for folder in ["made/objects", "made/hooks"] {
        fs::create_dir_all(open.join(folder)).unwrap();
    }
    fs::write(open.join("made/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::create_dir_all(open.join("tree")).unwrap();
    fs::write(open.join("tree/HEAD"), "ref: refs/heads/main\n").unwrap();
    symlink("b/store", open.join("a/alias")).unwrap();
    let before = state(&open);
    let mut steps = Vec::new();
    for path in [
        "/open/a/b/store/config",
        "/open/a/b/store/hooks/f",
        "/open/a/alias/hooks/f",
        "/open/a/b/store/../store/hooks/f",
    ] {
        for what in ["write", "append", "remove", "set-times-at"] {
            steps.push(json!({"what": what, "path": path, "with": "x"}));
        }
    }
    for (what, path, with) in [
        ("create-new", "/open/a/b/store/hooks/post-receive", "x"),
        ("make-directory", "/open/a/b/store/worktrees", ""),
        ("rename", "/open/a/b/store/HEAD", "/open/x"),
        ("rename", "/open/a/b/store", "/open/x"),
        ("rename", "/open/kept", "/open/a/b/store/hooks/f"),
        ("hard-link", "/open/a/b/store/config", "/open/x"),
        ("make-directory", "/open/made/refs", ""),
        ("make-directory", "/open/made/REFS", ""),
        ("rename", "/open/sub", "/open/made/refs"),
        ("create-new", "/open/tree/commondir", "x"),
    ] {
        steps.push(json!({"what": what, "path": path, "with": with}));
    }
    fail(&env, &steps, &[NOT_PERMITTED]);
    assert_eq!(
        works(
            &env,
            &json!({"what": "read", "path": "/open/a/b/store/hooks/f"})
        ),
        "theirs"
    );
    assert_eq!(state(&open), before);
    // Beside it, all is as it was granted.
    works(
        &env,
        &json!({"what": "create-new", "path": "/open/a/b/store/../new", "with": "x"}),
    );
    works(
        &env,
        &json!({"what": "make-directory", "path": "/open/sub/refs"}),
    );
}

#[test]
fn a_plugin_that_was_not_granted_directories_finds_none() {
    let env = TestEnv::with_plugins(&["reach"], "plugins: [{name: reach}]");
    let steps =
        ["read", "write", "stat", "list"].map(|what| json!({"what": what, "path": "/open/kept"}));
    fail(&env, &steps, &[NO_ENTRY]);
}

/// Says that it is over as it goes.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_link_that_takes_a_directorys_place_meanwhile_is_not_followed() {
    let env = both();
    let open = env.beside("open");
    let outside = env.beside("outside");
    for folder in [&outside, &open.join("inside")] {
        fs::create_dir(folder).unwrap();
        fs::write(
            folder.join("f"),
            folder.file_name().unwrap().to_str().unwrap(),
        )
        .unwrap();
    }
    symlink(&outside, open.join("link")).unwrap();
    let before = state(&outside);
    let over = AtomicBool::new(false);
    let outcomes = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for name in ["inside", "link"] {
                    fs::rename(open.join(name), open.join("place")).unwrap();
                    fs::rename(open.join("place"), open.join(name)).unwrap();
                }
            }
        });
        let steps = json!([
            {"what": "read", "path": "/open/place/f"},
            {"what": "list", "path": "/open/place"},
            {"what": "write", "path": "/open/place/new", "with": "x"},
            {"what": "set-times-at", "path": "/open/place/f", "n": 1},
            {"what": "rename", "path": "/open/place/f", "with": "/open/place/g"},
            {"what": "rename", "path": "/open/place/g", "with": "/open/place/f"},
        ]);
        let steps: Vec<_> = (0..200).flat_map(|_| steps.as_array().unwrap()).collect();
        // Whatever comes of it, the other thread ends.
        let _end = End(&over);
        attempt(&env, &json!(steps))
    });
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome["detail"] != "outside")
    );
    assert_eq!(state(&outside), before);
}
