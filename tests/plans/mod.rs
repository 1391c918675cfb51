//! Agents and workflows: folders as the original project's hold them run end to end, and what is wrong in one is told with its place.

mod agents;
mod files;
mod mcp;
mod resume;
mod workflows;
mod world;
