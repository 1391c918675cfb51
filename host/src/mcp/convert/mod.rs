//! From the model to the protocol: what is listed, and what is answered. Plain data in, plain data out.

mod content;
mod context;
mod result;
mod tool;

pub(super) use context::{prompt, prompt_info, read, resource, suggestions, template};
pub(super) use result::{RECEIPT, meta, result};
pub(super) use tool::tool;
