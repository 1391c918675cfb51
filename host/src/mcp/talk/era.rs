//! Which way the client of a request is spoken with, and what it can do.

use rmcp::RoleServer;
use rmcp::model::{
    ClientCapabilities, ElicitationCapability, FormElicitationCapability, ProtocolVersion,
    RootsCapabilities, SamplingCapability, UrlElicitationCapability,
};
use rmcp::service::RequestContext;

use crate::model::Ability;

/// How questions reach the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mcp) enum Era {
    /// Up to 2025-11-25: a request to the client, while it waits.
    Legacy,
    /// From 2026-07-28 on: the answer is the question.
    Modern,
}

impl Era {
    /// Tells the era of a request.
    pub(in crate::mcp) fn of(context: &RequestContext<RoleServer>) -> Self {
        match context.protocol_version() {
            Some(version) if version.as_str() >= ProtocolVersion::V_2026_07_28.as_str() => {
                Self::Modern
            }
            Some(_) | None => Self::Legacy,
        }
    }
}

/// Says what the client of a request can be asked for.
pub(in crate::mcp) fn abilities(context: &RequestContext<RoleServer>) -> Vec<Ability> {
    let capabilities = context.client_capabilities().unwrap_or_default();
    let has = |ability: &Ability| match (ability, &capabilities.elicitation) {
        // A client that names no way of asking means forms; one that names the other way only shows none.
        (Ability::Form, Some(asks)) => asks.form.is_some() || asks.url.is_none(),
        (Ability::Url, Some(asks)) => asks.url.is_some(),
        (Ability::Form | Ability::Url, None) => false,
        (Ability::Sampling, _) => capabilities.sampling.is_some(),
        (Ability::Roots, _) => capabilities.roots.is_some(),
    };
    Ability::ALL.into_iter().filter(has).collect()
}

/// Tells whether the client of a request can be answered with a task.
pub(in crate::mcp) fn knows_tasks(context: &RequestContext<RoleServer>) -> bool {
    context
        .client_capabilities()
        .is_some_and(|capabilities| capabilities.supports_tasks())
}

/// Returns what a client would have to declare to be asked for something.
pub(in crate::mcp) fn required(needs: &[Ability], tasks: bool) -> ClientCapabilities {
    let mut capabilities = if tasks {
        ClientCapabilities::builder().enable_tasks().build()
    } else {
        ClientCapabilities::default()
    };
    for ability in needs {
        let elicitation = || ElicitationCapability::new();
        match ability {
            Ability::Form => {
                capabilities
                    .elicitation
                    .get_or_insert_with(elicitation)
                    .form = Some(FormElicitationCapability::default());
            }
            Ability::Url => {
                capabilities.elicitation.get_or_insert_with(elicitation).url =
                    Some(UrlElicitationCapability::default());
            }
            Ability::Sampling => capabilities.sampling = Some(SamplingCapability::default()),
            Ability::Roots => capabilities.roots = Some(RootsCapabilities::default()),
        }
    }
    capabilities
}
