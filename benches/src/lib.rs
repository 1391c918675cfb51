//! What the benches share: the host in this process, and the floors that it is measured against.
//!
//! Nothing here asserts a time. Each bench measures what the host does and the floor of it in one run, under the names
//! [`OURS`] and [`FLOOR`]; `cargo xtask bench` prints both and their ratio.

mod bare;
mod git;
mod host;
mod mcp;
mod measure;
mod steps;
mod tail;
mod workflow;

pub use bare::{Bare, BareInstance};
pub use git::GeneratedRepository;
pub use host::BenchHost;
pub use mcp::{Client, Era, HttpClient, Measured, Memory, Server, Wires};
pub use measure::{measure, runtime};
pub use steps::{Laps, Step, TARGET, floor, ours};
pub use tail::{BusyThreads, Tail, is_smoke, is_wanted, resident};
pub use workflow::{Work, define};

/// Names the measurement of the host in each group.
pub const OURS: &str = "ours";

/// Names the measurement that it is compared with.
pub const FLOOR: &str = "floor";

/// Why something could not be measured.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
