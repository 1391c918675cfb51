//! Checks of the engine and of the plugins.

use paracle_host::config::Settings;
use paracle_host::flow::{Host, LoadFailure, LoadFailureKind};
use paracle_host::sandbox;

use super::check::Check;
use super::granted;

/// Opens a host and tells what did not load; the failures are compared with those behind the wall.
pub(super) async fn look(settings: &Settings) -> (Vec<Check>, Vec<LoadFailure>) {
    let host = match Host::open(settings.clone()).await {
        Ok(host) => host,
        Err(error) => {
            let todo = "no plugin runs until that is mended";
            return (
                vec![Check::problem("engine", error.to_string(), todo)],
                Vec::new(),
            );
        }
    };
    let mut checks = vec![engine()];
    let failures = host.failures();
    let loaded = host.registry().plugins().count();
    if failures.is_empty() {
        checks.push(Check::ok("plugins", format!("{loaded} are loaded")));
    }
    checks.extend(failures.iter().map(|failure| {
        Check::problem(
            "plugins",
            format!("{} {}", failure.path.display(), failure.error),
            match (failure.kind, &failure.plugin) {
                (LoadFailureKind::NotApproved, Some(name)) => {
                    format!("look at what changed, then `paracle-host grant trust {name}`, or put the old one back")
                }
                _ => "mend it or remove it; the other plugins work without".to_owned(),
            },
        )
    }));
    checks.extend(granted::look(&host));
    host.close().await;
    (checks, failures)
}

fn engine() -> Check {
    if sandbox::scans_pages() {
        return Check::ok(
            "engine",
            "pooled memory, cleared by the page (PAGEMAP_SCAN)",
        );
    }
    Check::warning(
        "engine",
        "pooled memory, without the kernel's PAGEMAP_SCAN: calls of plugins with much memory take longer to clear",
        "Linux 6.7 or newer has it; nothing else depends on it",
    )
}
