//! Agents and workflows of a `.parac` folder, in the formats that such folders have. Keys that are not known are warnings with
//! their place; all else that is wrong is an error with its place, and what to do.

mod agents;
mod catalog;
mod definition;
mod fields;
mod files;
mod node;
mod step;

pub use agents::{Agents, read_agents};
pub use catalog::{Catalog, CatalogEntry, read_catalog};
pub use definition::read_workflow;
pub use fields::Warning;
