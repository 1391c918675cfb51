//! `doctor`: looks at this host as whoever does not trust it would.

#[cfg(feature = "bundled-plugins")]
mod attack;
mod command;

pub(crate) use command::Doctor;
