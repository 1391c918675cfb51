//! Model calls through the operator's providers. Needs the `completions` capability.

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::completions as host;
use crate::chat::{ChatError, ModelInfo, Request, Response};
use crate::plugin::{Capability, Denied};

/// Asks a model; with no provider, through the operator's default.
pub fn complete(provider: Option<&str>, request: &Request) -> Result<Response, ChatError> {
    if HOSTED {
        host::complete(provider, request)
    } else {
        Err(no_host())
    }
}

/// Lists a provider's models.
pub fn list_models(provider: Option<&str>) -> Result<Vec<ModelInfo>, ChatError> {
    if HOSTED {
        host::list_models(provider)
    } else {
        Err(no_host())
    }
}

fn no_host() -> ChatError {
    ChatError::Permission(Denied::no_host(Capability::Completions))
}
