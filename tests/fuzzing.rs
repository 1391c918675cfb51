//! The fuzz targets on stable: every stored input, and mutations of them, through the same checks as under libFuzzer.
//!
//! `cargo xtask fuzz [TARGET] [--seconds N]` runs the same for longer, by the variables below.
#![expect(
    clippy::print_stderr,
    reason = "what was fed, and how to feed it again, is what a failed test has to say"
)]

#[expect(
    unreachable_pub,
    reason = "they are a library for the targets of libFuzzer"
)]
#[path = "fuzz/src/lib.rs"]
mod checks;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// For how long each target goes on, in seconds; without it, for a fixed number of mutations.
const SECONDS: &str = "PARACLE_FUZZ_SECONDS";
/// Which mutations are made; without it, always the same.
const SEED: &str = "PARACLE_FUZZ_SEED";

/// Mutations that a test tries.
const FEW: u64 = 300;
/// No mutation grows beyond this.
const LARGEST: usize = 64 << 10;

type Check = fn(&[u8]);

/// Feeds a target its corpus, then mutations of it.
fn run(target: &str, check: Check) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("tests/fuzz/corpus")
        .join(target);
    let mut corpus: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    corpus.sort();
    assert!(corpus.len() >= 10, "{} has few inputs", folder.display());
    let inputs: Vec<Vec<u8>> = corpus.iter().map(|path| fs::read(path).unwrap()).collect();
    for (path, input) in corpus.iter().zip(&inputs) {
        eprintln!("{}", path.display());
        check(input);
    }
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let until = variable(SECONDS).map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let seed = variable(SEED).unwrap_or(1);
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut tried: u64 = 0;
    while until.map_or(tried < FEW, |until| Instant::now() < until) {
        let input = mutated(&inputs, &mut random);
        tried += 1;
        if let Err(panic) = std::panic::catch_unwind(|| check(&input)) {
            eprintln!(
                "{target}: {SEED}={seed}, mutation {tried}; to keep it, write these bytes into {}:\n{}",
                folder.display(),
                input.escape_ascii()
            );
            std::panic::resume_unwind(panic);
        }
    }
    eprintln!("{target}: {SEED}={seed}, {tried} mutations");
}

/// Changes an input a few times.
fn mutated(inputs: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = inputs[random.below(inputs.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(16)).min(input.len());
        match random.below(7) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 => input.insert(at, u8::try_from(random.below(256)).unwrap()),
            2 => drop(input.drain(at..end)),
            3 => {
                let part = input[at..end].to_vec();
                drop(input.splice(at..at, part.repeat(1 + random.below(8))));
            }
            4 => {
                // A piece of another input: the words of the format.
                let other = &inputs[random.below(inputs.len())];
                let from = random.below(other.len() + 1);
                let to = (from + random.below(64)).min(other.len());
                drop(input.splice(at..end, other[from..to].iter().copied()));
            }
            5 => {
                let other = &inputs[random.below(inputs.len())];
                input.truncate(at);
                input.extend_from_slice(&other[random.below(other.len() + 1)..]);
            }
            _ => {
                let odd = [
                    "\u{202e}", "\u{200b}", "\0", "..", "/", "\\", "\n", "-1", "1e999", "[[", "&a",
                    "*a",
                ];
                drop(input.splice(at..at, odd[random.below(odd.len())].bytes()));
            }
        }
    }
    input.truncate(LARGEST);
    input
}

/// A small random generator, so that a failure can be run again by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

#[test]
fn configuration() {
    run("configuration", checks::configuration::check);
}

#[test]
fn grants() {
    run("grants", checks::grants::check);
}

#[test]
fn metadata() {
    run("metadata", checks::metadata::check);
}

#[test]
fn tree_names() {
    run("tree_names", checks::tree_names::check);
}

#[test]
fn mcp_lines() {
    run("mcp_lines", checks::mcp_lines::check);
}

#[test]
fn every_fuzz_target_is_run_here() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz");
    let own = include_str!("fuzzing.rs");
    for entry in fs::read_dir(fuzz.join("fuzz_targets")).unwrap() {
        let path = entry.unwrap().path();
        let target = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            own.contains(&format!("checks::{target}::check")),
            "{target}"
        );
        let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains(&format!("name = \"{target}\"")),
            "{target}"
        );
    }
}
