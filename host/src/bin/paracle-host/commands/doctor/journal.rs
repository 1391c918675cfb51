//! Check of the audit journal.

use paracle_host::config::Settings;
use paracle_host::flow::{Audit, AuditError};
use paracle_host::git::Repo;
use paracle_host::observe::{Fault, JournalError, Wrong};

use super::check::Check;

const NAME: &str = "audit journal";

/// None where there is no repository, and so no journal.
pub(super) fn look(settings: &Settings) -> Option<Check> {
    let repo = Repo::discover(&settings.directory).ok()?;
    let folder = repo.common_dir().join("paracle").display().to_string();
    Some(match Audit::of(repo).verify(&settings.own) {
        Ok(verdict) => match verdict.wrong {
            None => Check::ok(
                NAME,
                format!("{} records, as they were written", verdict.records),
            ),
            Some(wrong) => judge(&wrong, &folder),
        },
        Err(AuditError::Journal(JournalError::None { .. })) => {
            Check::ok(NAME, "there is none yet; the first call makes it")
        }
        Err(error) => Check::problem(
            NAME,
            error.to_string(),
            format!("calls go on, and nothing is on record until {folder} can be used"),
        ),
    })
}

fn judge(wrong: &Wrong, folder: &str) -> Check {
    let found = format!("{}, {}: {}", wrong.place, wrong.fault.name(), wrong.message);
    match wrong.fault {
        // What a crash leaves.
        Fault::Torn => Check::warning(NAME, found, "nothing: the next call puts it on record"),
        Fault::Edited
        | Fault::Cut
        | Fault::Reordered
        | Fault::TailMissing
        | Fault::Anchor
        | Fault::Unverified
        | Fault::Commit => Check::problem(
            NAME,
            found,
            format!(
                "keep {folder}/audit.* as they are, and find out who wrote there; once they are moved away, the next call begins a new journal"
            ),
        ),
    }
}
