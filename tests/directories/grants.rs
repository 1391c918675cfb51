//! Which directories a grant can give.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::tries::{NO_ENTRY, attempt, both, call, fail, works};
use crate::common::TestEnv;

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
    env.trust(&["reach"]);
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
            .says(&["open:/open:rw", "make it", "mkdir -p"]),
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
            "what git obeys and runs there",
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
        env.trust(&["reach"]);
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
        let env = TestEnv::new();
        let rules = rules.replace("$BESIDE", env.beside("").to_str().unwrap());
        env.install(
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
