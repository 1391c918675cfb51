//! Which paths were written, whatever they hold now.

use super::GitTree;
use super::node::{Body, Child};
use super::tree::ROOT;
use crate::git::TreePath;

impl GitTree {
    /// Tells whether something was written at a path or below it, with the same bytes as before perhaps.
    pub fn wrote(&self, path: &TreePath) -> bool {
        let mut node = self.node(ROOT);
        for name in path.names() {
            let Body::Directory(directory) = &node.body else {
                return node.touched;
            };
            // A directory that was never read was not written to.
            match directory.entries.as_ref().map(|entries| entries.get(name)) {
                Some(Some(Child::Node(id))) => node = self.node(*id),
                Some(Some(Child::Base(..)) | None) | None => return false,
            }
        }
        node.touched
    }
}
