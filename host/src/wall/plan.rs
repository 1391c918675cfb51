//! What a process keeps behind its wall.

use std::path::PathBuf;

/// What stays possible; everything else goes. A path that does not exist is passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files and folders to read.
    pub read: Vec<PathBuf>,
    /// Folders whose names may be listed, and no more.
    pub list: Vec<PathBuf>,
    /// Files and folders to read and to run programs from.
    pub run: Vec<PathBuf>,
    /// Files and folders to read, to change and to remove.
    pub write: Vec<PathBuf>,
    /// TCP ports that may be connected to.
    pub connect: Ports,
}

/// TCP ports of other machines, and of this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ports {
    /// Every port: a grant names no port, or may come while the process runs.
    All,
    /// These, or none.
    These(Vec<u16>),
}

impl Default for Ports {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

impl Ports {
    /// Tells whether there is nobody to connect to.
    pub fn is_none(&self) -> bool {
        match self {
            Self::All => false,
            Self::These(ports) => ports.is_empty(),
        }
    }
}
