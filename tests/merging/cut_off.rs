//! A git that is killed in the midst of a checkout, with the host.

use std::os::unix::process::CommandExt as _;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::work::{env, merge, write};

#[test]
fn a_merge_whose_processes_were_all_killed_says_what_is_left_and_the_way_out_loses_nothing() {
    let env = env();
    for path in ["README.md", "a.new", "b.slow"] {
        write(&env, "mine", path, "of the call\n");
    }
    // Git comes to its last file, and stays there.
    let attributes = env.repo().join(".git/info/attributes");
    std::fs::create_dir_all(attributes.parent().unwrap()).unwrap();
    std::fs::write(&attributes, "*.slow filter=slow\n").unwrap();
    let (begun, lock) = (env.outside("begun"), env.repo().join(".git/index.lock"));
    let slow = format!("touch '{}'; sleep 100; cat", begun.display());
    env.git(&["config", "filter.slow.smudge", &slow]);
    let mut merging = env.program_in("");
    merging.args(["git", "merge", "mine"]).process_group(0);
    let mut merging = merging.spawn().unwrap();
    let since = Instant::now();
    while !begun.exists() {
        assert!(since.elapsed() < Duration::from_mins(2), "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill_process_group(Pid::from_child(&merging), Signal::KILL).unwrap();
    merging.wait().unwrap();
    assert!(lock.exists(), "git was killed with its lock");

    let told = env.run(&["git", "merge", "mine"]).exits(4);
    let told = told.says(&[
        "one was killed there while it wrote files",
        "index.lock",
        "git stash --include-untracked",
    ]);
    assert!(
        !told.stderr.contains("commit or stash them"),
        "{}",
        told.stderr
    );
    let main = env.git(&["rev-parse", "main"]);
    assert!(lock.exists(), "a lock is the person's to remove");
    // As it says.
    std::fs::remove_file(&lock).unwrap();
    std::fs::remove_file(&attributes).unwrap();
    env.git(&["stash", "push", "--quiet", "--include-untracked"]);
    assert_eq!(env.git(&["rev-parse", "main"]), main);
    assert_eq!(merge(&env, "mine", 0, &[])["outcome"], "merged");
    for path in ["README.md", "a.new", "b.slow"] {
        assert_eq!(env.read(path), "of the call\n", "{path}");
    }
    env.fsck();
}
