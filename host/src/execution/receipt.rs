//! From an outcome to its receipt.

use crate::model::{Landed, Receipt, Wall};
use crate::sandbox::Outcome;

/// Writes the receipt of an outcome, which landed where it says, or nowhere.
pub fn receipt(outcome: Outcome, landed: Option<Landed>, mut notes: Vec<String>) -> Receipt {
    let Outcome {
        permit,
        reply,
        refused,
        usage,
        directories,
        tree: _,
    } = outcome;
    for directory in directories.iter().filter(|directory| directory.changed()) {
        notes.push(format!("changed at once in {}", directory.told()));
    }
    let plugin = permit.plugin();
    Receipt {
        call: permit.call().id,
        plugin: plugin.info.name.clone(),
        version: plugin.info.version.clone(),
        digest: plugin.component.digest,
        step: permit.call().verb.name(),
        grant: permit.grant().clone(),
        execution: permit.call().execution.clone(),
        landed,
        given_up: Vec::new(),
        directories,
        reply,
        refused,
        usage,
        wall: Wall::default(),
        notes,
    }
}
