//! `doctor`: what is not as it should be, and what to do.

#[cfg(feature = "bundled-plugins")]
mod attack;
mod behind;
mod check;
mod command;
mod git;
mod granted;
mod ground;
mod journal;
mod plugins;
mod wall;

pub(crate) use command::Doctor;
