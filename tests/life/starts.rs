//! Where an execution begins.

use serde_json::json;

use super::work::{env, execution, json, refused, write};

#[test]
fn an_execution_starts_from_a_branch_a_tag_or_a_commit() {
    let env = env();
    let first = env.git(&["rev-parse", "HEAD"]).trim().to_owned();
    env.git(&["tag", "--annotate", "--message=v1", "v1"]);
    env.git(&["branch", "old"]);
    env.write("README.md", "newer\n");
    env.git(&["commit", "--quiet", "--all", "--message=second"]);
    for (from, merges_to) in [
        ("old", Some("old")),
        ("v1", None),
        (first.as_str(), None),
        (&first[..9], None),
    ] {
        let read = json(
            &env,
            &["run", "files__read", "path=README.md", "--from", from],
        );
        assert_eq!(
            read["reply"]["ok"]["structured"]["content"], "# A repository\n",
            "{from}: {read}"
        );
        let receipt = write(&env, "a.md", "x", &["--from", from]).exits(0).json();
        assert_eq!(receipt["base"], json!(first), "{receipt}");
        let id = receipt["execution"].as_str().unwrap();
        let shown = json(&env, &["execution", "show", id]);
        assert_eq!(shown["base_branch"], json!(merges_to), "{shown}");
    }
    // What started from a branch merges to that one; what started from none asks where to.
    write(&env, "b.md", "x", &["--from", "old", "--merge"]).exits(0);
    assert_eq!(env.git(&["show", "old:b.md"]), "x");
    assert!(!env.repo().join("b.md").exists());
    write(&env, "b.md", "x", &["--from", "v1", "--merge"])
        .exits(2)
        .says(&["--target"]);
}

#[test]
fn a_tag_with_a_branchs_name_is_a_tag_and_head_is_its_branch() {
    let env = env();
    let first = env.git(&["rev-parse", "HEAD"]).trim().to_owned();
    env.git(&["tag", "twice"]);
    env.git(&["commit", "--quiet", "--allow-empty", "--message=second"]);
    env.git(&["branch", "twice"]);
    let tagged = write(&env, "a.md", "x", &["--from=twice"]).exits(0).json();
    assert_eq!(tagged["base"], json!(first), "{tagged}");
    let head = write(&env, "a.md", "x", &["--from=HEAD"]).exits(0).json();
    let full = write(&env, "a.md", "x", &["--from=refs/heads/twice"]);
    for (receipt, merges_to) in [
        (tagged, json!(null)),
        (head, json!("main")),
        (full.exits(0).json(), json!("twice")),
    ] {
        let id = receipt["execution"].as_str().unwrap();
        let shown = json(&env, &["execution", "show", id]);
        assert_eq!(shown["base_branch"], merges_to, "{shown}");
    }
}

#[test]
fn a_start_goes_before_the_configured_base_branch() {
    let env = env();
    env.git(&["branch", "configured"]);
    env.git(&["branch", "named"]);
    env.write(".parac/config/git.yaml", "base_branch: configured\n");
    write(&env, "a.md", "x", &["--from", "named", "--merge"]).exits(0);
    assert_eq!(env.git(&["show", "named:a.md"]), "x");
    write(&env, "b.md", "x", &["--merge"]).exits(0);
    assert_eq!(env.git(&["show", "configured:b.md"]), "x");
}

#[test]
fn a_start_that_cannot_be_is_refused_and_says_what_to_do() {
    let env = env();
    for from in ["absent", "main~1", "HEAD^", "--upload-pack=x", "", "@{u}"] {
        let from = format!("--from={from}");
        let arguments = ["run", "files__write", "path=a", "content=b", &from];
        refused(&env, &arguments, 2, &["no branch, tag or commit"]);
    }
    execution(&env, "begun", 1);
    for start in ["--from=main", "--include-dirty"] {
        refused(
            &env,
            &[
                "run",
                "files__read",
                "path=README.md",
                "--execution=begun",
                start,
            ],
            2,
            &["has begun already"],
        );
    }
    env.run(&[
        "run",
        "files__read",
        "path=README.md",
        "--from=main",
        "--include-dirty",
    ])
    .exits(2);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]).lines().count(), 1);
}
