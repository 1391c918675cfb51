//! The life of an execution: where it begins, its checkpoints, back and forth in it, and what a killed process leaves.

mod apart;
mod checkpoints;
mod crowd;
mod damaged;
mod interrupted;
mod materialize;
mod starts;
mod strategies;
mod uncommitted;
mod work;

pub(crate) use work::{env, execution, json, refused, write};
