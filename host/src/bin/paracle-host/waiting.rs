//! What waits for the person's word, in words.

use paracle_host::flow::Waiting;

use crate::output::line;

/// Says of each plugin what waits and why, and what to do; at length, with what it is configured with and each grant.
pub(crate) fn described(waits: &[Waiting], at_length: bool) -> String {
    let mut lines = Vec::new();
    for wait in waits {
        lines.push(line(&format!("{}{}", wait.plugin, what(wait))));
        if !at_length {
            continue;
        }
        if !wait.grant.is_empty() && wait.config != "{}" {
            lines.push(line(&format!("  with config: {}", wait.config)));
        }
        lines.extend(wait.earlier.iter().map(|given| {
            line(&format!(
                "  grant {} of yours for {}: {} ({})",
                given.id, given.digest, given.grant, given.scope
            ))
        }));
    }
    lines.push("`paracle-host grant trust NAME` approves one".to_owned());
    if waits.iter().any(|wait| !wait.earlier.is_empty()) {
        lines.push("`paracle-host grant trust NAME --move-grants` also lets your earlier grants count for it as it is now".to_owned());
    }
    lines.join("\n")
}

fn what(wait: &Waiting) -> String {
    match (wait.served, wait.grant.is_empty()) {
        (false, _) => format!(" {}", wait.why),
        (true, true) => format!(": {}", wait.why),
        (true, false) => format!(": {} ({})", wait.grant, wait.why),
    }
}
