//! `run`: one call of a tool, from its arguments to its receipt.

mod arguments;
mod call;
mod ending;
mod person;
mod receipt;
mod signal;

pub(crate) use call::Run;
