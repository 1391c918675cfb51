//! `audit verify`.

use paracle_host::config::Environment;
use paracle_host::observe::Verdict;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Verifies that no record of the audit journal was edited, cut, moved or taken from its end
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 0: the journal is as it was written. 1: it is not; the first record that is wrong is named.

Example:
  paracle-host audit verify --json")]
pub(crate) struct Verify {}

impl Verify {
    pub(super) fn run(context: &Context) -> Result<(), Failure> {
        // Not the settings: a configuration that is broken hides nothing here.
        let verdict = context.audit()?.verify(&Environment::read()?.own)?;
        if context.json {
            output::json(&verdict)?;
        } else {
            for note in &verdict.notes {
                output::tell(&match &note.place {
                    Some(place) => format!("{place}: {}", note.message),
                    None => note.message.clone(),
                });
            }
        }
        let Verdict { records, wrong, .. } = verdict;
        match wrong {
            None if context.json => Ok(()),
            None => output::text(&format!("{records} records, as they were written")),
            Some(wrong) => {
                let failure = Failure::failed(format!(
                    "the audit journal is not as it was written: {}, {}: {}",
                    wrong.place,
                    wrong.fault.name(),
                    wrong.message
                ));
                Err(if context.json {
                    failure.told()
                } else {
                    failure
                })
            }
        }
    }
}
