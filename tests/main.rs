//! Tests that use the program as its users do: the binary, MCP lines, real git, real guests.
//!
//! One binary, so that it links once; `tidy` notices a file that is not listed here.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by failing"
)]

mod common;

mod asks;
mod attacks;
mod audit;
mod bad_input;
mod cleanup;
mod clients;
mod commands;
mod components;
mod conformance;
mod crash;
mod crowd;
mod directories;
mod docs;
mod doctor;
mod executions;
mod filesystem;
mod fuzzing;
mod grants;
mod http;
mod languages;
mod leaks;
mod life;
mod limits;
mod mcp;
mod merging;
mod network;
mod network_bounds;
mod originals;
mod plans;
mod plugins;
mod policy;
mod providers;
mod pull_requests;
mod reload;
mod rules;
mod sandbox;
mod secrets;
mod several;
mod stopping;
mod supply;
mod surface;
mod tasks;
mod tidy;
mod traps;
mod wall;
mod wall_setups;
