//! The second wall: the process takes from itself what its configuration does not need, so that a hole in the first wall
//! (the sandbox) leads to little.
//!
//! The only room that names Landlock. Does not know what needs what: a [`Plan`] comes in, and the kernel holds the process,
//! its later threads and the programs that it starts to it. It cannot be taken back or widened.

mod error;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(not(target_os = "linux"))]
mod none;
mod plan;
mod system;
#[cfg(all(test, target_os = "linux"))]
mod tests;

#[cfg(target_os = "linux")]
pub use self::landlock::raise;
pub use error::WallError;
#[cfg(not(target_os = "linux"))]
pub use none::raise;
pub use plan::{Plan, Ports};
