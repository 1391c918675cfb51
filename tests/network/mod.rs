//! The network's promises: nothing without a grant, decided at the address, told, and gone with its call.

mod asks;
mod forms;
mod rules;
mod sockets;
mod told;

pub(crate) use asks::{at, came, error, net, request, with};
pub(crate) use rules::without_a_grant_nothing_is_connected_to_and_the_refusal_teaches;
