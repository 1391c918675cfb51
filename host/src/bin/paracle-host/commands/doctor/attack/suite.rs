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

/// Attacks this host with hostile plugins
#[derive(Debug, clap::Args)]
pub(in super::super) struct Attacks {
    /// Attacks this host with hostile plugins, by these attacks, or all if none is named
    #[arg(long, value_name = "NAME", num_args = 0.., conflicts_with = "list")]
    attack: Option<Vec<String>>,
    /// Lists the attacks, and runs none
    #[arg(long)]
    list: bool,
}

impl Attacks {
    /// Tells whether anything of the attacks is asked for.
    pub(in super::super) const fn are_asked_for(&self) -> bool {
        self.list || self.attack.is_some()
    }

    /// Does what is asked for.
    pub(in super::super) fn run(self, as_json: bool) -> Result<(), Failure> {
        if self.list {
            return list(as_json);
        }
        let attacks = chosen(&self.attack.unwrap_or_default())?;
        // Apart from what the person's own plugins were compiled to.
        let cache = Environment::read()?.cache.join("attacks");
        // A program that reads the document is told at its end, a person as it goes: all of them take minutes.
        let watched = !as_json || std::io::stderr().is_terminal();
        report::tell(&all(&attacks, &cache, watched), as_json)
    }
}

/// Lists the attacks.
fn list(as_json: bool) -> Result<(), Failure> {
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

fn all(attacks: &[Attack], cache: &Path, watched: bool) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(attacks.len());
    for (index, attack) in attacks.iter().enumerate() {
        if watched {
            let (number, of) = (index + 1, attacks.len());
            output::tell(&format!("{number}/{of} {}: {}", attack.name, attack.tries));
        }
        let outcome = fight(attack, cache).unwrap_or_else(|error| Outcome::unfought(attack, error));
        if watched && !outcome.is_held() {
            output::tell(&format!("{} was NOT HELD", attack.name));
        }
        outcomes.push(outcome);
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
