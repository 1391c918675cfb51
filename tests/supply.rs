//! Compiled code and descriptions are used only as this host wrote them; anything else is made again, and never run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::common::{Output, TestEnv};

/// A repository with two plugins, and a cache of its own.
fn env() -> TestEnv {
    TestEnv::with_plugins(&["hello", "files"], "")
}

fn run(env: &TestEnv) -> Output {
    env.program_in("")
        .env("PARACLE_CACHE_DIR", env.outside("cache"))
        .args(["run", "hello__greet", "name=Ada"])
        .output()
        .unwrap()
        .into()
}

/// Lists the entries of the cache by how they end: the digest is not known here.
fn entries(env: &TestEnv, ending: &str) -> Vec<PathBuf> {
    let folder = fs::read_dir(env.outside("cache")).unwrap().next().unwrap();
    let mut entries: Vec<_> = fs::read_dir(folder.unwrap().path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    entries.sort();
    entries
}

/// Changes what was kept, and expects the right answer and entries as they were before.
fn check_made_again(change: impl Fn(&TestEnv)) {
    let env = env();
    drop(run(&env).exits(0));
    let before: Vec<_> = entries(&env, "")
        .into_iter()
        .map(|path| (fs::read(&path).unwrap(), path))
        .collect();
    assert!(before.len() >= 5, "{before:?}");
    let quiet = run(&env).exits(0);
    assert_eq!(quiet.stderr.matches("is not used").count(), 0, "{quiet:?}");
    change(&env);
    let output = run(&env).exits(0);
    assert_eq!(output.stdout, "Hello, Ada!\n");
    assert!(output.stderr.contains("is not used"), "{output:?}");
    // What this run did not need is made again by one that does.
    drop(
        env.program_in("")
            .env("PARACLE_CACHE_DIR", env.outside("cache"))
            .args(["run", "files__list"])
            .output()
            .unwrap(),
    );
    for (bytes, path) in before {
        let now = fs::read(&path).unwrap();
        assert!(now == bytes, "{} was not made again", path.display());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    let quiet = run(&env).exits(0);
    assert!(!quiet.stderr.contains("is not used"), "{quiet:?}");
}

fn each(env: &TestEnv, ending: &str, change: impl Fn(&Path, Vec<u8>)) {
    let entries = entries(env, ending);
    assert!(!entries.is_empty());
    for path in entries {
        let bytes = fs::read(&path).unwrap();
        change(&path, bytes);
    }
}

#[test]
fn poisoned_compiled_code_is_compiled_again_and_never_run() {
    check_made_again(|env| {
        each(env, ".cwasm", |path, mut bytes| {
            // In the middle of the machine code: wasmtime itself would not notice.
            let middle = bytes.len() / 2;
            bytes[middle..middle + 4096].fill(0xcc);
            fs::write(path, bytes).unwrap();
        });
    });
}

#[test]
fn truncated_compiled_code_is_compiled_again() {
    check_made_again(|env| {
        each(env, "", |path, bytes| {
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        });
    });
    check_made_again(|env| each(env, "", |path, _| fs::write(path, "").unwrap()));
}

#[test]
fn another_plugins_valid_code_in_a_plugins_place_is_never_run() {
    check_made_again(|env| {
        let entries = entries(env, ".cwasm");
        let [one, other] = entries.as_slice() else {
            panic!("{entries:?}");
        };
        let (of_one, of_other) = (fs::read(one).unwrap(), fs::read(other).unwrap());
        fs::write(one, of_other).unwrap();
        fs::write(other, of_one).unwrap();
    });
}

#[test]
fn an_entry_under_another_name_is_not_used() {
    // What a plugin said of itself is no answer to whether it accepts its configuration, nor another plugin's description.
    check_made_again(|env| {
        let mut texts = entries(env, "");
        texts.retain(|path| path.extension().is_none_or(|ending| ending != "cwasm"));
        let bytes: Vec<_> = texts.iter().map(|path| fs::read(path).unwrap()).collect();
        for (path, bytes) in texts.iter().zip(bytes.iter().cycle().skip(1)) {
            fs::write(path, bytes).unwrap();
        }
    });
}

#[test]
fn an_entry_that_others_could_write_to_is_made_again() {
    check_made_again(|env| {
        each(env, "", |path, _| {
            fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
        });
    });
}

#[test]
fn what_was_kept_with_another_key_is_made_again() {
    let env = env();
    drop(run(&env).exits(0));
    let before = fs::read(&entries(&env, ".cwasm")[0]).unwrap();
    fs::write(env.own().join("key"), [9; 32]).unwrap();
    let output = run(&env).exits(0);
    assert_eq!(output.stdout, "Hello, Ada!\n");
    assert!(output.stderr.contains("is not used"), "{output:?}");
    let after = fs::read(&entries(&env, ".cwasm")[0]).unwrap();
    assert!(before != after);
    assert_eq!(before[..before.len() - 32], after[..before.len() - 32]);
}

#[test]
fn without_a_private_key_nothing_is_kept() {
    let env = env();
    fs::set_permissions(env.own().join("key"), fs::Permissions::from_mode(0o644)).unwrap();
    let output = run(&env).exits(0);
    assert_eq!(output.stdout, "Hello, Ada!\n");
    for word in ["not kept", "key", "chmod 600"] {
        assert!(output.stderr.contains(word), "{output:?}");
    }
    // The wall made the folder, so that there is something to open; nothing is in it.
    assert_eq!(fs::read_dir(env.outside("cache")).unwrap().count(), 0);
}

#[test]
fn a_key_is_made_for_a_person_who_has_none() {
    let env = env();
    fs::remove_dir_all(env.own()).unwrap();
    drop(run(&env).exits(0));
    let key = fs::metadata(env.own().join("key")).unwrap();
    assert_eq!((key.len(), key.permissions().mode() & 0o777), (32, 0o600));
    let again = run(&env).exits(0);
    assert_eq!(again.stderr.matches("is not used").count(), 0, "{again:?}");
}
