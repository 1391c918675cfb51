//! The program, killed at random instants: what holds whenever that is.

mod kill;
mod look;
mod promises;
mod table;
mod world;
