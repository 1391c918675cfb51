//! Rules 1 to 6: what an execution touches, and what it says.

use std::fs;

use serde_json::json;

use crate::common::{Output, TestEnv};
use crate::life::{env, execution, json, write};

#[test]
fn r01_working_tree_index_and_head_are_never_touched_and_the_base_is_pinned() {
    let env = env();
    env.write("src/main.rs", "fn main() { /* mine */ }\n");
    env.write("staged.md", "staged\n");
    env.git(&["add", "staged.md"]);
    env.write("untracked.md", "mine\n");
    let head = env.git(&["rev-parse", "HEAD"]);
    let before = env.checkout();
    let receipt = write(&env, "a.md", "x", &["--execution=one"])
        .exits(0)
        .json();
    for path in ["src/main.rs", "staged.md", "untracked.md"] {
        let notes = receipt["notes"].to_string();
        assert!(notes.contains(path), "{path} is not said: {notes}");
    }
    let look = env.outside("look");
    let look = look.to_str().unwrap();
    for arguments in [
        [
            "run",
            "files__write",
            "path=b.md",
            "content=x",
            "--include-dirty",
        ]
        .as_slice(),
        &[
            "run",
            "files__write",
            "path=README.md",
            "content=x",
            "--execution=one",
        ],
        &["execution", "list"],
        &["execution", "show", "one"],
        &["execution", "log", "one"],
        &["execution", "diff", "one"],
        &["execution", "resume", "one"],
        &["execution", "rewind", "one", "--to=1"],
        &["execution", "materialize", "one", look],
        &["git", "branches"],
        &["git", "cleanup"],
    ] {
        env.run(arguments).exits(0);
        assert_eq!(env.checkout(), before, "{arguments:?}");
    }
    env.git(&["worktree", "remove", look]);
    // What main becomes meanwhile changes nothing for an execution that has begun.
    env.git(&["commit", "--quiet", "--all", "--message=mine"]);
    let next = write(&env, "c.md", "x", &["--execution=one"])
        .exits(0)
        .json();
    assert_eq!(next["base"], json!(head.trim()), "{next}");
    env.fsck();
}

#[test]
fn r02_state_is_in_the_repository_and_any_folder_of_it_is_a_place_to_start() {
    let env = env();
    // From a subdirectory, and from a linked worktree whose own HEAD counts.
    env.git(&["branch", "linked"]);
    env.git(&["worktree", "add", "--quiet", "linked", "linked"]);
    env.write("linked/only-here.md", "x");
    for (folder, base) in [("src", "main"), ("linked", "linked")] {
        let path = format!("path={folder}.md");
        let output = env.run_in(
            folder,
            &["run", "files__write", &path, "content=x", "--json"],
        );
        let receipt = output.exits(0).json();
        assert_eq!(receipt["changed"][0]["path"], json!(format!("{folder}.md")));
        let id = receipt["execution"].as_str().unwrap();
        // And the other folder sees the same state.
        for other in ["", "src", "linked"] {
            let shown = env.run_in(other, &["execution", "show", id, "--json"]);
            assert_eq!(shown.exits(0).json()["base_branch"], json!(base));
        }
    }
    // What a linked worktree has not committed is that worktree's.
    let included = env
        .run_in(
            "linked",
            &[
                "run",
                "files__read",
                "path=only-here.md",
                "--include-dirty",
                "--json",
            ],
        )
        .exits(0)
        .json();
    let changed = &included["included"]["changed"];
    assert_eq!(
        changed,
        &json!([{"path": "only-here.md", "kind": "added"}]),
        "{included}"
    );
    env.git(&["worktree", "remove", "--force", "linked"]);
    // All of it is in refs: a copy of the repository has it.
    let copy = env.outside("copy");
    env.git(&["clone", "--quiet", "--mirror", ".", copy.to_str().unwrap()]);
    let listed: Output = env
        .command(env!("CARGO_BIN_EXE_paracle-host"), &copy)
        .args(["execution", "list", "--json"])
        .output()
        .unwrap()
        .into();
    let (listed, own) = (listed.exits(0).json(), json(&env, &["execution", "list"]));
    assert_eq!(listed, own);
}

#[test]
fn r03_a_branch_goes_only_when_it_is_provably_merged_and_nobody_has_it_open() {
    let env = env();
    execution(&env, "kept", 1);
    execution(&env, "merged", 1);
    let mut server = env.mcp();
    server.initialize();
    server.call("files__write", json!({"path": "s.md", "content": "x"}));
    let branches = || env.git(&["branch", "--list", "--format=%(refname:short)", "exec/*"]);
    let all = branches();
    // Nothing is merged yet, whatever anybody calls it.
    json(&env, &["git", "cleanup"]);
    assert_eq!(branches(), all);
    // Merged by the person's own git, so the target provably has it.
    let merged = json(&env, &["execution", "show", "merged"]);
    let merged = merged["branch"].as_str().unwrap();
    env.git(&["merge", "--quiet", "--no-edit", merged]);
    // But not by another target's word.
    env.git(&["branch", "lacks", "main~1"]);
    json(&env, &["git", "cleanup", "--target", "lacks"]);
    assert_eq!(branches(), all);
    let cleaned = json(&env, &["git", "cleanup"]);
    let left = branches();
    assert!(!left.contains(merged), "{cleaned}");
    assert_eq!(left.lines().count(), all.lines().count() - 1, "{cleaned}");
    // The one that is open is merged by hand, and stays: its server may go on.
    let open = left.lines().find(|name| !name.contains("/kept/"));
    let open = open.and_then(|name| name.strip_prefix("exec/kept").or(Some(name)));
    let open = open.unwrap();
    env.git(&["merge", "--quiet", "--no-edit", open]);
    json(&env, &["git", "cleanup"]);
    assert!(branches().contains(open));
    server.call("files__write", json!({"path": "t.md", "content": "x"}));
    server.close();
    // By now its branch has more than main.
    json(&env, &["git", "cleanup"]);
    assert!(branches().contains(open));
    env.fsck();
}

#[test]
fn r05_a_merge_moves_the_target_by_compare_and_swap_and_never_under_a_checkout() {
    let env = env();
    // A target that nobody has checked out.
    env.git(&["branch", "free"]);
    write(&env, "a.md", "x", &["--execution=a"]).exits(0);
    let before = env.checkout();
    json(&env, &["git", "merge", "a", "--target", "free"]);
    assert_eq!(env.checkout(), before);
    assert_eq!(env.git(&["show", "free:a.md"]), "x");
    // A target that is checked out in a clean linked worktree moves there, with its files.
    let linked = env.outside("linked");
    let path = linked.to_str().unwrap();
    env.git(&["worktree", "add", "--quiet", "-b", "there", path]);
    write(&env, "b.md", "x", &["--execution=b"]).exits(0);
    json(&env, &["git", "merge", "b", "--target", "there"]);
    assert_eq!(fs::read_to_string(linked.join("b.md")).unwrap(), "x");
    assert_eq!(env.checkout(), before);
    // With changes of the person's there it stays where it is, ready to merge, and then it goes on.
    fs::write(linked.join("README.md"), "mine\n").unwrap();
    write(&env, "c.md", "x", &["--execution=c"]).exits(0);
    let at = env.git(&["rev-parse", "there"]);
    let said = env.run(&["git", "merge", "c", "--target", "there", "--json"]);
    let said = said.exits(4).json();
    assert_eq!(said["outcome"], "ready-to-merge", "{said}");
    assert_eq!(env.git(&["rev-parse", "there"]), at);
    assert_eq!(
        fs::read_to_string(linked.join("README.md")).unwrap(),
        "mine\n"
    );
    let status = env.git(&["-C", path, "status", "--porcelain"]);
    assert_eq!(status, " M README.md\n");
    env.git(&["-C", path, "commit", "--quiet", "--all", "--message=mine"]);
    json(&env, &["git", "merge", "c", "--target", "there"]);
    assert_eq!(env.git(&["-C", path, "status", "--porcelain"]), "");
    assert_eq!(
        env.git(&["show", "there:README.md"]),
        "mine\n",
        "theirs is kept"
    );
    // An untracked file in the way is not overwritten either.
    fs::write(linked.join("d.md"), "mine\n").unwrap();
    write(&env, "d.md", "x", &["--execution=d"]).exits(0);
    let at = env.git(&["rev-parse", "there"]);
    env.run(&["git", "merge", "d", "--target", "there"])
        .exits(4)
        .says(&["d.md"]);
    assert_eq!(env.git(&["rev-parse", "there"]), at);
    assert_eq!(fs::read_to_string(linked.join("d.md")).unwrap(), "mine\n");
    env.fsck();
}

#[test]
fn r06_what_was_not_committed_is_reported_and_never_skipped_silently() {
    let env = TestEnv::with_plugins(
        &["files", "masks"],
        "plugins: [{name: files, grants: {workspace: read-write}}]",
    );
    // What the call did not see.
    env.write("unseen.md", "mine\n");
    let receipt = write(&env, "a.md", "x", &["--execution=one"])
        .exits(0)
        .json();
    assert!(
        receipt["notes"].to_string().contains("unseen.md"),
        "{receipt}"
    );
    // What a failed call had done.
    let failed = env.run(&[
        "run",
        "files__edit",
        "path=README.md",
        "old=absent",
        "new=x",
        "--execution=one",
        "--json",
    ]);
    let failed = failed.exits(1).json();
    assert_eq!(failed["commits"], json!([]), "{failed}");
    // A call that changed nothing says so.
    let same = env.run(&[
        "run",
        "files__write",
        "path=a.md",
        "content=x",
        "--execution=one",
    ]);
    same.exits(0).says(&["changed nothing"]);
    // A call that does not fit says where its changes are kept: see the conflict of a checkout with changes.
    let look = env.outside("look");
    let path = look.to_str().unwrap();
    json(&env, &["execution", "materialize", "one", path]);
    fs::write(look.join("README.md"), "mine\n").unwrap();
    let stuck = write(&env, "b.md", "x", &["--execution=one"]).exits(4);
    let said = stuck.json()["error"]["message"].to_string();
    let kept = said
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| c == '"' || c == '\\'))
        .find(|word| word.starts_with("refs/paracle/"))
        .unwrap_or_else(|| panic!("it does not say where: {said}"));
    assert_eq!(env.git(&["show", &format!("{kept}:b.md")]), "x");
}
