//! Checks of the configuration and of the folders that the host keeps.

use paracle_host::config::Settings;
use paracle_host::private;

use super::check::Check;

pub(super) fn configuration(settings: &Settings) -> Check {
    match &settings.parac {
        Some(parac) => Check::ok("configuration", format!("{} is in order", parac.display())),
        None => Check::warning(
            "configuration",
            format!(
                "there is no .parac in {} or above it",
                settings.directory.display()
            ),
            "run `paracle-host init --samples` to begin",
        ),
    }
}

pub(super) fn cache(settings: &Settings) -> Check {
    let shown = settings.cache.display();
    match private::make_folder(&settings.cache) {
        Ok(()) => Check::ok("cache folder", format!("{shown} is this user's alone")),
        Err(error) => Check::warning(
            "cache folder",
            format!("{shown} cannot be used ({error}), so plugins are compiled at every start"),
            format!(
                "make it this user's: `chmod go-w {shown}`, or name another one with PARACLE_CACHE_DIR"
            ),
        ),
    }
}

/// The folder says what plugins may do, so who can write to it can grant.
pub(super) fn own(settings: &Settings) -> Check {
    let name = "own folder";
    let shown = settings.own.display();
    if !settings.own.exists() {
        return Check::ok(
            name,
            format!("{shown} is not there yet, and made when it is needed"),
        );
    }
    if let Err(error) = private::make_folder(&settings.own) {
        return Check::problem(
            name,
            format!("{shown} is not safe: {error}"),
            format!(
                "it holds what you granted: `chmod go-w {shown}`, and see that it is yours and no link"
            ),
        );
    }
    Check::ok(name, format!("{shown} is this user's alone"))
}
