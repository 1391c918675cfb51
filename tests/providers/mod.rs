//! The sample providers' promises: the documented wire format, every error told apart, patience by the host's policy,
//! and a key that is in one header and nowhere else.

mod broken;
mod errors;
mod gateway;
mod keys;
mod recorded;
mod retries;
mod world;

pub(crate) use recorded::recorded_exchanges_with_openai_are_asked_and_read_as_documented;
