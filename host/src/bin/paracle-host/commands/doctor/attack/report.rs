//! What is told of the attacks: a table for people, one document for programs.

use serde_json::{Value, json};

use super::act::Attack;
use super::ended::Ended;
use super::judge;
use super::neighbour::Neighbour;
use crate::exit::Failure;
use crate::output;

/// How one attack went.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) attack: Attack,
    /// How it ended, if it came that far.
    pub(super) ended: Option<Ended>,
    pub(super) neighbour: Neighbour,
    pub(super) peak_mib: Option<u64>,
    /// Everything that is not as it must be; empty if the attack was held.
    pub(super) wrong: Vec<String>,
}

impl Outcome {
    /// Makes the outcome of an attack for which the ground could not be laid: whether it would be held is not known.
    pub(super) fn unfought(attack: &Attack, error: String) -> Self {
        Self {
            attack: *attack,
            ended: None,
            neighbour: Neighbour::default(),
            peak_mib: None,
            wrong: vec![error],
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.wrong.is_empty()
    }

    fn json(&self) -> Value {
        json!({
            "attack": self.attack.name,
            "tries": self.attack.tries,
            "must_end": judge::words(self.attack.ends),
            "ended": self.ended,
            "neighbour": self.neighbour,
            "peak_mib": self.peak_mib,
            "held": self.is_held(),
            "wrong": self.wrong,
        })
    }

    fn row(&self) -> [String; 5] {
        let ended = match &self.ended {
            None => "-".to_owned(),
            Some(ended) if self.is_held() => judge::came_of(self.attack.ends, ended),
            Some(ended) => ended.short(),
        };
        [
            self.attack.name.to_owned(),
            self.attack.tries.to_owned(),
            ended,
            match &self.neighbour.wrong {
                None => format!("{} calls, all right", self.neighbour.calls),
                Some(_) => format!("wrong after {}", self.neighbour.calls),
            },
            if self.is_held() { "held" } else { "NOT HELD" }.to_owned(),
        ]
    }
}

/// Tells how all attacks went; a failure if one was not held.
pub(super) fn tell(outcomes: &[Outcome], as_json: bool) -> Result<(), Failure> {
    let broken: Vec<&Outcome> = outcomes
        .iter()
        .filter(|outcome| !outcome.is_held())
        .collect();
    if as_json {
        let attacks: Vec<Value> = outcomes.iter().map(Outcome::json).collect();
        output::json(&json!({ "held": broken.is_empty(), "attacks": attacks }))?;
    } else {
        let header = ["ATTACK", "TRIES", "ENDED", "NEIGHBOUR", "VERDICT"];
        output::text(&output::table(header, outcomes.iter().map(Outcome::row)))?;
        for outcome in &broken {
            output::text(&format!(
                "\n{}:\n  {}",
                outcome.attack.name,
                outcome.wrong.join("\n  ")
            ))?;
        }
        let held = outcomes.len() - broken.len();
        output::text(&format!("\n{held} of {} attacks were held", outcomes.len()))?;
    }
    match broken.len() {
        0 => Ok(()),
        1 => Err(Failure::failed("one attack was not held").told()),
        more => Err(Failure::failed(format!("{more} attacks were not held")).told()),
    }
}
