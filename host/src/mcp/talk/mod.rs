//! Talking with a client while its request runs: questions to it, how far the call is, the plugin's log.
//!
//! A request runs where it is waited for ([`Running`]), and on a task of its own once nobody does. What it has to say before its answer comes out of it one by one: up to
//! 2025-11-25 a question is a request to the client, which waits; from 2026-07-28 on it is the answer, and what runs is
//! [`Parked`] until the client comes back with what it was asked. Nothing runs twice.

mod client;
mod convert;
mod era;
mod notices;
mod parked;
mod running;

pub(super) use client::{McpClient, PATIENCE, Waiting};
pub(super) use convert::{input_request, reply_of};
pub(super) use era::{Era, abilities, knows_tasks, required};
pub(super) use notices::{Loudness, Notices};
pub(super) use parked::{Back, Bound, Parked};
pub(super) use running::{Asked, Running, Step};
