//! Who watches over what a call does in the network.

use crate::model::{Breach, Grant, LimitName};
use crate::observe::{HttpEnd, HttpTold, SocketTold};

/// Counts what a call takes, and is told what it asks for.
pub trait Oversight: Send + Sync {
    /// Counts bytes or requests; an error says that the call is over.
    fn count(&self, name: LimitName, more: u64) -> Result<(), Breach>;

    /// Hears of a refusal, with the least grant that would have allowed it.
    fn refused(&self, need: Grant);

    /// Hears of a request, and how it ended.
    fn told(&self, request: &HttpTold, end: &HttpEnd);

    /// Hears of a connection of a raw socket, and why it was refused, if it was.
    fn told_socket(&self, socket: &SocketTold, refused: Option<&str>);
}
