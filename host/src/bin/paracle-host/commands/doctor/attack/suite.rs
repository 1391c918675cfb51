//! The whole table, or what was named of it.

use std::io::IsTerminal as _;
use std::path::Path;

use paracle_host::config::Environment;
use serde_json::json;

use super::act::Attack;
use super::fight::fight;
use super::report::{self, Outcome};
use super::{judge, table};
use crate::exit::Failure;
use crate::output;

/// Lists the attacks.
pub(in super::super) fn list(as_json: bool) -> Result<(), Failure> {
    let attacks = || table::all().copied();
    if as_json {
        let attacks: Vec<_> = attacks()
            .map(|attack| {
                json!({
                    "attack": attack.name,
                    "tries": attack.tries,
                    "must_end": judge::words(attack.ends),
                })
            })
            .collect();
        return output::json(&attacks);
    }
    let rows = attacks().map(|attack| {
        [
            attack.name.to_owned(),
            attack.tries.to_owned(),
            judge::words(attack.ends),
        ]
    });
    output::text(&output::table(["ATTACK", "TRIES", "MUST END"], rows))
}

/// Runs the attacks of these names, or all.
pub(in super::super) async fn run(names: Vec<String>, as_json: bool) -> Result<(), Failure> {
    let attacks = chosen(&names)?;
    // Apart from what the person's own plugins were compiled to.
    let cache = Environment::read()?.cache.join("attacks");
    // Processes and pipes: nothing here is asynchronous.
    let outcomes = tokio::task::spawn_blocking(move || all(&attacks, &cache))
        .await
        .map_err(|error| Failure::failed(error.to_string()))?;
    report::tell(&outcomes, as_json)
}

fn all(attacks: &[Attack], cache: &Path) -> Vec<Outcome> {
    let watched = std::io::stderr().is_terminal();
    let mut outcomes = Vec::with_capacity(attacks.len());
    for (index, attack) in attacks.iter().enumerate() {
        if watched {
            output::tell(&format!("{}/{} {}", index + 1, attacks.len(), attack.name));
        }
        outcomes
            .push(fight(attack, cache).unwrap_or_else(|error| Outcome::unfought(attack, error)));
    }
    outcomes
}

fn chosen(names: &[String]) -> Result<Vec<Attack>, Failure> {
    if names.is_empty() {
        return Ok(table::all().copied().collect());
    }
    names
        .iter()
        .map(|name| {
            let found = table::all().find(|attack| attack.name == name).copied();
            found.ok_or_else(|| {
                Failure::usage(format!(
                    "there is no attack {name:?}; `paracle-host doctor --list` lists them"
                ))
            })
        })
        .collect()
}
