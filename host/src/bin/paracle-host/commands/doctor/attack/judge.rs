//! Whether an attack ended as it must.

use serde_json::Value;

use super::act::Ends;
use super::ended::Ended;

/// Says what is wrong with an end; none if it is as it must be.
pub(super) fn judge(must: Ends, ended: &Ended) -> Option<String> {
    let is = |how: &str| ended.how == how;
    let held = match must {
        Ends::Limit(keys) => {
            let reached = ended.limit.as_deref().unwrap_or_default();
            is("limit") && keys.iter().any(|key| reached.starts_with(key))
        }
        Ends::Error(kind) => is(kind),
        Ends::Told(words) => is("tool") && ended.message.contains(words),
        Ends::Failed(words) => {
            let failed = ended.structured["error"].as_str();
            is("answered") && failed.is_some_and(|said| said.contains(words))
        }
        Ends::Refused => is("answered") && came_through(&ended.structured).is_none(),
        Ends::Blind | Ends::Answered => is("answered"),
        Ends::Unloaded(reason) => is("unloaded") && ended.reason.as_deref() == Some(reason),
        Ends::Clean => is("loaded"),
        Ends::Unnoticed => true,
    };
    if held {
        return None;
    }
    let came = came_through(&ended.structured).unwrap_or_default();
    Some(format!(
        "it ended otherwise than it must ({}): {}: {} {came}",
        words(must),
        ended.short(),
        ended.message.chars().take(300).collect::<String>(),
    ))
}

/// Lists what a guest could do that it must not; none if it tried much and could not.
fn came_through(report: &Value) -> Option<String> {
    let tried = report["tried"].as_u64().unwrap_or(0);
    match report["broken"].as_array() {
        Some(broken) if broken.is_empty() && tried > 0 => None,
        _ => Some(report.to_string()),
    }
}

/// Says in a few words what came of an attack that was held. That a guest was answered is what the protocol says of it, and
/// not that it got what it wanted.
pub(super) fn came_of(must: Ends, ended: &Ended) -> String {
    match must {
        Ends::Failed(_) => format!("refused: {}", ended.failed.as_deref().unwrap_or_default()),
        Ends::Refused => "nothing came through".to_owned(),
        Ends::Blind => "saw nothing of others".to_owned(),
        Ends::Answered => "harmed nothing".to_owned(),
        Ends::Unnoticed => "compiled again, unnoticed".to_owned(),
        Ends::Limit(_) | Ends::Error(_) | Ends::Told(_) | Ends::Unloaded(_) | Ends::Clean => {
            ended.short()
        }
    }
}

/// Says how an attack must end.
pub(super) fn words(must: Ends) -> String {
    match must {
        Ends::Limit(keys) => format!("by the limit {}", keys.join(" or ")),
        Ends::Error(kind) => format!("by an error of kind {kind}"),
        Ends::Told(words) => format!("by being told {words:?}"),
        Ends::Failed(words) => format!("by a request that fails with {words}"),
        Ends::Refused => "refused at every try".to_owned(),
        Ends::Blind => "seeing nothing of others".to_owned(),
        Ends::Answered => "answered like any call, with no harm".to_owned(),
        Ends::Unloaded(reason) => format!("not loaded, for its {reason}"),
        Ends::Clean => "loaded, and listed without what is hidden".to_owned(),
        Ends::Unnoticed => "unnoticed by the neighbour".to_owned(),
    }
}
