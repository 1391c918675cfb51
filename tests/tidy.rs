//! The map is a test: which room may import which, how large a file may be, and that lists agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each room of `host/src` may import, as `docs/architecture.md` says.
const ROOMS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("private", &[]),
    ("config", &["model", "private"]),
    ("clients", &["config"]),
    ("observe", &["model"]),
    ("git", &["model"]),
    ("forge", &["model"]),
    ("wall", &["model", "config"]),
    ("watch", &[]),
    ("grants", &["model", "private"]),
    ("network", &["model", "observe"]),
    ("registry", &["model"]),
    ("policy", &["model", "registry"]),
    ("workspace", &["model", "policy", "git"]),
    (
        "sandbox",
        &[
            "model",
            "private",
            "policy",
            "registry",
            "workspace",
            "observe",
            "network",
        ],
    ),
    (
        "execution",
        &["model", "policy", "workspace", "sandbox", "git"],
    ),
    (
        "flow",
        &[
            "model",
            "config",
            "observe",
            "git",
            "forge",
            "grants",
            "network",
            "registry",
            "policy",
            "workspace",
            "sandbox",
            "execution",
            "wall",
            "watch",
        ],
    ),
    ("orchestrate", &["model", "config", "flow", "execution"]),
    (
        "mcp",
        &[
            "model",
            "private",
            "config",
            "flow",
            "orchestrate",
            "grants",
            "observe",
        ],
    ),
];

/// Crates that one room alone may name.
const DOORS: &[(&str, &[&str])] = &[
    ("wasmtime", &["sandbox"]),
    ("wasmparser", &["sandbox"]),
    ("wasmtime_wasi", &["sandbox"]),
    ("wasmtime_wasi_http", &["sandbox"]),
    ("hyper", &["network", "mcp"]),
    ("rustls", &["network", "mcp"]),
    ("tokio::net", &["network", "mcp"]),
    ("git2", &["git"]),
    ("cap_std", &["workspace"]),
    ("cap_fs_ext", &["workspace"]),
    ("landlock", &["wall"]),
    ("notify", &["watch"]),
    ("rmcp", &["mcp"]),
    ("clap", &["bin"]),
];

const LONGEST_FILE: usize = 600;
const LONG_FILE: usize = 400;
const MEDIAN_FILE: usize = 150;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Every Rust file below a folder, with its text, but for what is built.
fn rust_files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn all_files() -> Vec<(PathBuf, String)> {
    [
        "host",
        "plugin-sdk",
        "sample-plugins",
        "tests",
        "benches",
        "xtask",
    ]
    .iter()
    .flat_map(|folder| rust_files(&root().join(folder)))
    .collect()
}

/// Returns the code of a file without comments and without its unit tests.
fn code(text: &str) -> String {
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn imports_point_upstream() {
    let source = root().join("host/src");
    let mut wrong = Vec::new();
    for (path, text) in rust_files(&source) {
        let inside = path.strip_prefix(&source).unwrap();
        let room = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        if room == "lib.rs" || room == "bin" || path.to_str().unwrap().contains("test") {
            continue;
        }
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            panic!(
                "{} is in a room that tests/tidy.rs and docs/architecture.md do not know",
                inside.display()
            );
        };
        for (other, _) in ROOMS {
            let named = code(&text).contains(&format!("crate::{other}::"))
                || code(&text).contains(&format!("use crate::{other};"))
                || code(&text).contains(&format!("use crate::{{{other}"));
            if named && *other != room && !allowed.contains(other) {
                wrong.push(format!(
                    "{}: {room} may not import {other}",
                    inside.display()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "move what both need upstream, or the caller downstream:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn each_outside_power_has_one_door() {
    let source = root().join("host/src");
    let mut wrong = Vec::new();
    for (path, text) in rust_files(&source) {
        let inside = path.strip_prefix(&source).unwrap();
        let room = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        for (door, rooms) in DOORS {
            let text = code(&text);
            let names =
                text.contains(&format!("{door}::")) || text.contains(&format!("use {door}"));
            if names && !rooms.contains(&room) {
                wrong.push(format!(
                    "{}: only {} may name {door}",
                    inside.display(),
                    rooms.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let wrong: Vec<_> = all_files()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(
        wrong.is_empty(),
        "begin these with a `//!` line:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn files_stay_small() {
    let mut sizes: Vec<(usize, PathBuf)> = all_files()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .collect();
    sizes.sort();
    let longest = sizes.last().unwrap();
    assert!(
        longest.0 <= LONGEST_FILE,
        "divide {} ({} lines)",
        longest.1.display(),
        longest.0
    );
    let p90 = &sizes[sizes.len() * 9 / 10];
    assert!(
        p90.0 <= LONG_FILE,
        "one file in ten is over {LONG_FILE} lines; divide {}",
        p90.1.display()
    );
    let median = &sizes[sizes.len() / 2];
    assert!(
        median.0 <= MEDIAN_FILE,
        "the median file has {} lines",
        median.0
    );
}

#[test]
fn mod_files_hold_docs_and_re_exports_only() {
    let wrong: Vec<_> = rust_files(&root().join("host/src"))
        .into_iter()
        .filter(|(path, _)| path.ends_with("mod.rs"))
        .filter(|(path, text)| {
            // The sandbox's list of what it links is the documentation of that folder.
            !path.ends_with("sandbox/imports/mod.rs")
                && code(text).lines().any(|line| {
                    let line = line.trim_start();
                    [
                        "fn ",
                        "pub fn ",
                        "struct ",
                        "pub struct ",
                        "enum ",
                        "pub enum ",
                        "impl ",
                    ]
                    .iter()
                    .any(|start| line.starts_with(start))
                })
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(
        wrong.is_empty(),
        "move the code of these into files of its own:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_test_file_is_forgotten() {
    let tests = root().join("tests");
    let main = fs::read_to_string(tests.join("main.rs")).unwrap();
    for entry in fs::read_dir(&tests).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(module) = name.strip_suffix(".rs")
            && module != "main"
        {
            assert!(
                main.contains(&format!("mod {module};")),
                "list `mod {module};` in tests/main.rs"
            );
        }
    }
}

#[test]
fn the_lists_of_capabilities_agree() {
    let root = root();
    let ours: BTreeSet<String> = paracle_host::model::Capability::ALL
        .iter()
        .map(|capability| capability.name().to_owned())
        .collect();
    let wit = fs::read_to_string(root.join("wit/types.wit")).unwrap();
    let list = wit
        .split("enum capability {")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    let in_wit: BTreeSet<String> = list
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("///"))
        .map(|line| line.trim_end_matches(',').to_owned())
        .collect();
    assert_eq!(ours, in_wit, "model::Capability and wit/types.wit");
    let docs = fs::read_to_string(root.join("docs/plugins.md")).unwrap();
    for name in ours {
        assert!(
            docs.contains(&format!("`{name}`")),
            "docs/plugins.md does not mention `{name}`"
        );
    }
}

#[test]
fn there_is_one_place_for_unsafe_code() {
    let places: Vec<_> = rust_files(&root().join("host/src"))
        .into_iter()
        .filter(|(_, text)| code(text).contains("unsafe {"))
        .map(|(path, _)| path.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    assert_eq!(places, ["host/src/sandbox/cache.rs"]);
}
