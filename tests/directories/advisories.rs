//! What broke other hosts, replayed.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::tries::{CROSS_DEVICE, NO_ENTRY, READ_ONLY, attempt, both, fail, state, works};
use crate::common::TestEnv;

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
