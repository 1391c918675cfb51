//! Telling callers that what they may have read is another now.

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::changes as host;

/// Has the host list the plugin's tools again. What a person has to approve waits for it.
pub fn tools() {
    if HOSTED {
        host::tools();
    }
}

/// Has the host list the plugin's templates and resources again.
pub fn resources() {
    if HOSTED {
        host::resources();
    }
}

/// Has the host list the plugin's prompts again.
pub fn prompts() {
    if HOSTED {
        host::prompts();
    }
}

/// Tells that a resource of the plugin reads differently from now on.
pub fn resource(uri: &str) {
    if HOSTED {
        host::resource(uri);
    }
}
