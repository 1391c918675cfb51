//! What it costs to look for secrets in what is told: with one and with ten of them known, and with none and ten in it.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use paracle_benches::{Failure, is_smoke, is_wanted};
use paracle_host::model::{SecretName, SecretValue};
use paracle_host::observe::{hide, redact_bytes};

/// As long as a large answer.
const LENGTH: usize = 4 << 20;

/// As many as are known in the end.
const VALUES: [&str; 10] = [
    "ghp_notATokenBut0fTheSameLengthAs1Of",
    "sk-proj-notAKeyEither123DEF456ghi789",
    "AKIANOTAKEYEXAMPLE01",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "hunter2-correct-horse",
    "p&ss\"w0rd/+ <9>\\x",
    "xoxb-123456789012-abcdefghij",
    "tok_live_51H8xyzzyABC",
    "deadbeefcafebabe0123456789",
    "S3cr3t!Pa$$w0rd",
];

const WORDS: [&str; 12] = [
    "request",
    "the",
    "quick",
    "configuration",
    "of",
    "network",
    "plugin",
    "error",
    "src/main.rs",
    "https://example.com/api/v1/items",
    "42",
    "2026-01-31T19:00:00Z",
];

fn main() -> Result<(), Failure> {
    if !is_wanted("redact") {
        return Ok(());
    }
    let mut criterion = Criterion::default().configure_from_args();
    if !is_smoke() {
        criterion = criterion
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2))
            .sample_size(20);
    }
    let texts = [
        ("json", json(str::to_owned)?),
        (
            "escaped json",
            json(|word| format!("{word}\\n\\\"{word}\\\""))?,
        ),
        ("text", text()),
    ];
    let mut known = 0;
    for upto in [1, VALUES.len()] {
        for (index, value) in VALUES.iter().enumerate().take(upto).skip(known) {
            let name: SecretName = format!("SECRET_{index}").parse()?;
            hide(&name, &SecretValue::new(value)?);
        }
        known = upto;
        let mut group = criterion.benchmark_group(format!("redact, {known} known"));
        for (kind, text) in &texts {
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(format!("{kind} without any"), |bencher| {
                bencher.iter(|| black_box(redact_bytes(black_box(text.as_bytes()))).len());
            });
            let with = with_secrets(text);
            group.throughput(Throughput::Bytes(with.len() as u64));
            group.bench_function(format!("{kind} with ten"), |bencher| {
                bencher.iter(|| black_box(redact_bytes(black_box(with.as_bytes()))).len());
            });
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

/// Words one after the other, in no order that repeats soon.
fn words() -> impl Iterator<Item = (u64, &'static str)> {
    let mut state: u64 = 1;
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let which = usize::try_from(state >> 33).unwrap_or_default() % WORDS.len();
        (state, WORDS[which])
    })
}

fn json(said: impl Fn(&str) -> String) -> Result<String, Failure> {
    let mut json = String::from("[");
    for (number, word) in words() {
        let word = said(word);
        writeln!(
            json,
            "{{\"id\": {number}, \"name\": \"{word}\", \"ok\": true}},"
        )?;
        if json.len() >= LENGTH {
            break;
        }
    }
    Ok(json)
}

fn text() -> String {
    let mut text = String::new();
    for (number, word) in words() {
        text += word;
        text += if number % 13 == 0 { ".\n" } else { " " };
        if text.len() >= LENGTH {
            break;
        }
    }
    text
}

/// Puts ten values into a text, far from each other.
fn with_secrets(text: &str) -> String {
    let part = text.len() / VALUES.len();
    let parts = text.as_bytes().chunks(part).zip(VALUES);
    let parts = parts.map(|(part, value)| format!("{} {value} ", String::from_utf8_lossy(part)));
    parts.collect::<Vec<_>>().concat()
}
