//! A plugin may pass a refusal on; what a person reads of it is in the host's words.

use super::Permit;
use crate::model::{
    Access, Capability, ChatError, ContextError, Denied, MemberName, Party, Reply, ToolError,
};

/// Puts the host's own words in the place of a refusal that a guest passed on, so that no guest can tell a person which
/// line to add. `roof` names the repositories, where they are several. `met` returns the refusal that the guest met in this call, if it met one: it says most.
pub fn own_words(
    permit: &Permit,
    mut reply: Reply,
    roof: &[MemberName],
    met: impl Fn(Capability) -> Option<Denied>,
) -> Reply {
    // A secret that may not go somewhere is met as a request that was refused.
    let met = |capability| {
        let secret = || {
            (capability == Capability::NetworkAccess)
                .then(|| met(Capability::Secrets))
                .flatten()
        };
        met(capability).or_else(secret)
    };
    let words = |capability| met(capability).unwrap_or_else(|| permit.standing().deny(capability));
    match &mut reply {
        Reply::Tool(Err(error)) => {
            if let ToolError::Permission { denied } = error {
                *denied = match met(denied.capability) {
                    Some(met) => met,
                    None if has(permit, denied.capability) => closed(permit, denied, roof),
                    None => permit.standing().deny(denied.capability),
                };
            }
        }
        Reply::Chat(Err(ChatError::Permission { denied }))
        | Reply::Models(Err(ChatError::Permission { denied }))
        | Reply::Resources(Err(ContextError::Permission { denied }))
        | Reply::Read(Err(ContextError::Permission { denied }))
        | Reply::Prompt(Err(ContextError::Permission { denied }))
        | Reply::Complete(Err(ContextError::Permission { denied })) => {
            *denied = words(denied.capability);
        }
        Reply::Tool(Ok(_))
        | Reply::Chat(_)
        | Reply::Models(_)
        | Reply::Resources(_)
        | Reply::Read(_)
        | Reply::Prompt(_)
        | Reply::Complete(_) => {}
    }
    reply
}

/// Says that what a plugin was refused is closed to all of them; what it was is the plugin's own word, and told as that.
fn closed(permit: &Permit, said: &Denied, roof: &[MemberName]) -> Denied {
    let name = &permit.plugin().info.name;
    Denied {
        capability: said.capability,
        missing: Party::Execution,
        message: format!("{name} says that it was refused: {}", said.message),
        fix: if roof.is_empty() {
            "it has the whole workspace, and no grant opens `.git`, `.parac` or what a link leads out to".to_owned()
        } else {
            let names = roof.iter().map(|name| format!("{name}/"));
            format!(
                "it works in several repositories: each path begins with {}, and no grant opens what is beside them, `.git`, `.parac` or what \
                 a link leads out to",
                names.collect::<Vec<_>>().join(" or ")
            )
        },
        needs: None,
    }
}

/// Tells whether a call had all that there is of what its plugin says that it lacked.
fn has(permit: &Permit, capability: Capability) -> bool {
    capability == Capability::FileAccess && permit.grant().workspace == Access::ReadWrite
}
