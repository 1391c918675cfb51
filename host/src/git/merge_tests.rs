//! Our merge against git's own.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]

use super::scratch::{Random, Scratch};
use super::*;

/// Makes a random history of two sides in a repository of its own, by ways that meet all cases.
fn random_sides(seed: u64) -> (Scratch, [String; 2]) {
    let mut random = Random::new(seed);
    let text = |random: &mut Random| {
        let lines: Vec<_> = (0..12)
            .map(|n| format!("line {n} {}", random.below(3)))
            .collect();
        lines.join(
            "
",
        ) + "
"
    };
    let names = ["a", "b", "c", "d/a", "d/b", "d/e/f", "g/h"];
    let scratch = Scratch::empty();
    for name in names {
        scratch.write(name, text(&mut random));
    }
    scratch.commit("base");
    for side in ["ours", "theirs"] {
        scratch.git(&["checkout", "-q", "-B", side, "main"]);
        for _ in 0..=random.below(4) {
            let name = *random.pick(&names);
            let path = scratch.root().join(name);
            let there = path.is_file();
            match random.below(8) {
                0 if there => std::fs::remove_file(path).unwrap(),
                1 if there => drop(std::fs::rename(
                    path,
                    scratch.root().join(random.pick(&["r", "s", "d/r"])),
                )),
                2 => scratch.write(&format!("new{}", random.below(3)), text(&mut random)),
                3 if there => scratch.write(name, [0, 1, u8::try_from(random.below(200)).unwrap()]),
                4 if there => drop(scratch.git(&["update-index", "--chmod=+x", name])),
                5 if name == "g/h" && there => {
                    std::fs::remove_dir_all(scratch.root().join("g")).unwrap();
                    scratch.write("g", "now a file");
                }
                _ if there => {
                    let old = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                    let mut lines: Vec<_> = old.lines().map(str::to_owned).collect();
                    let at = random.below(lines.len());
                    lines[at] = format!("changed {}", random.below(2));
                    scratch.write(name, lines.join("\n") + "\n");
                }
                _ => {}
            }
        }
        scratch.commit(side);
    }
    (scratch, ["ours".to_owned(), "theirs".to_owned()])
}

#[test]
fn random_merges_end_as_gits_own() {
    let mut ended = [0; 2];
    let mut in_process = 0;
    for seed in Random::seeds(60) {
        let (scratch, [ours, theirs]) = random_sides(seed);
        let repo = scratch.repo();
        let (ours, theirs) = (scratch.id(&ours), scratch.id(&theirs));
        let expected = match repo.ask_merge_tree(&ours, &theirs).unwrap() {
            merge_tree::Asked::Clean(tree) => Merge::Clean(tree),
            merge_tree::Asked::Conflict(paths) => Merge::Conflict(paths),
        };
        let merged = repo.merge(&ours, &theirs).unwrap();
        let changes = ["ours", "theirs"]
            .map(|side| scratch.git(&["diff", "--name-status", "-M", "main", side]));
        assert_eq!(
            merged, expected,
            "seed {seed}, ours:
{}
theirs:
{}",
            changes[0], changes[1]
        );
        ended[usize::from(matches!(merged, Merge::Conflict(_)))] += 1;
        let trees = [&scratch.id("main"), &ours, &theirs].map(|id| repo.commit(id).unwrap().tree);
        let alone = repo.merge_trees(trees[0], trees[1], trees[2]).unwrap();
        in_process += usize::from(matches!(alone, tree_merge::TreeMerge::Clean(_)));
        scratch.fsck();
    }
    println!(
        "clean {}, conflicts {}; {in_process} without asking git",
        ended[0], ended[1]
    );
    assert!(
        ended[0] > 0 && ended[1] > 0 && in_process > 0,
        "{ended:?} {in_process}"
    );
}

#[test]
fn unrelated_and_criss_cross_histories_are_told_apart() {
    let scratch = Scratch::with(&[("a", "1\n2\n3\n4\n5\n")]);
    scratch.git(&["checkout", "-q", "--orphan", "other"]);
    let other = scratch.commit("other root");
    let repo = scratch.repo();
    assert!(matches!(
        repo.merge(&scratch.id("main"), &other),
        Err(GitError::Unrelated { .. })
    ));
    for (side, line) in [("x", "one\n2\n3\n4\n5\n"), ("y", "1\n2\n3\n4\nfive\n")] {
        scratch.git(&["checkout", "-q", "-b", side, "main"]);
        scratch.write("a", line);
        scratch.commit(side);
    }
    let (x, y) = (scratch.id("x"), scratch.id("y"));
    scratch.git(&["merge", "-q", "--no-edit", x.as_str()]);
    scratch.git(&["checkout", "-q", "x"]);
    scratch.git(&["merge", "-q", "--no-edit", y.as_str()]);
    let (x, y) = (scratch.id("x"), scratch.id("y"));
    assert_eq!(repo.merge_bases(&x, &y).unwrap().len(), 2);
    assert!(matches!(repo.merge(&x, &y).unwrap(), Merge::Clean(_)));
}
