//! What a rename does to symbolic links: one that stays inside where it was made may lead out where it is moved to.

use super::name::check_link;
use super::node::{Body, Child, NodeId};
use super::{FsError, GitTree};
use crate::git::Mode;

impl GitTree {
    /// Checks every link that a rename moves: the node itself, or what is below it. A link that led out before, because a
    /// person made it so, may be moved like anything else.
    pub(super) fn check_moved(
        &mut self,
        node: NodeId,
        old: (&str, NodeId),
        new: (&str, NodeId),
    ) -> Result<(), FsError> {
        let (from, to) = (self.depth(old.1), self.depth(new.1));
        if !self.is_directory(node) {
            return self.check_moved_link(node, (old.0, from), (new.0, to));
        }
        // Deeper down, or as deep as before, a link leads no further out.
        if to >= from {
            return Ok(());
        }
        let mut folders = vec![(node, 1)];
        while let Some((folder, below)) = folders.pop() {
            for name in self.linking_names(folder)? {
                let Some(child) = self.child(folder, &name)? else {
                    continue;
                };
                if self.is_directory(child) {
                    folders.push((child, below + 1));
                } else {
                    self.check_moved_link(child, (&name, from + below), (&name, to + below))?;
                }
            }
        }
        Ok(())
    }

    fn check_moved_link(
        &mut self,
        node: NodeId,
        (old, from): (&str, usize),
        (new, to): (&str, usize),
    ) -> Result<(), FsError> {
        if !matches!(self.node(node).body, Body::Symlink(..)) {
            return Ok(());
        }
        match self.link_target(node) {
            Ok(target) if check_link(old, &target, from).is_ok() => check_link(new, &target, to),
            // It led out, or nowhere, before.
            Ok(_)
            | Err(FsError::NotPermitted | FsError::NoEntry | FsError::IllegalByteSequence) => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Lists the names in a directory that are links, or directories that may hold some.
    fn linking_names(&mut self, dir: NodeId) -> Result<Vec<String>, FsError> {
        if matches!(self.node(dir).body, Body::Gitlink(..)) {
            return Ok(Vec::new());
        }
        let entries: Vec<_> = self
            .entries(dir)?
            .iter()
            .map(|(name, child)| (name.clone(), *child))
            .collect();
        let names = entries.into_iter().filter(|(_, child)| match child {
            Child::Base(mode, _) => matches!(*mode, Mode::TREE | Mode::SYMLINK),
            Child::Node(node) => {
                self.is_directory(*node) || matches!(self.node(*node).body, Body::Symlink(..))
            }
        });
        // What is not UTF-8 cannot be named by a plugin, and was not made by one.
        Ok(names
            .filter_map(|(name, _)| String::from_utf8(name.into_vec()).ok())
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::FsError;
    use super::super::tests::open;
    use crate::git::scratch::Scratch;

    #[test]
    fn a_link_that_stays_inside_is_not_moved_to_where_it_leads_out() {
        let scratch = Scratch::with(&[("f", "1")]);
        let (mut tree, root) = open(&scratch);
        for folder in ["a", "a/b", "c", "c/d"] {
            tree.create_dir_at(root, folder).unwrap();
        }
        tree.symlink_at("../../f", root, "a/b/l").unwrap();
        let refused = |moved| assert!(matches!(moved, Err(FsError::NotPermitted)), "{moved:?}");
        refused(tree.rename_at(root, "a/b/l", root, "l"));
        refused(tree.rename_at(root, "a/b", root, "b"));
        // As deep as before, and deeper, it leads nowhere else.
        tree.rename_at(root, "a/b/l", root, "c/d/m").unwrap();
        tree.rename_at(root, "c", root, "a/b/c").unwrap();
        // What was landed by one call is the base of the next.
        let written = tree.write_tree().unwrap();
        scratch.git(&["read-tree", &written.tree.to_string()]);
        scratch.git(&["commit", "-qm", "links"]);
        let (mut tree, root) = open(&scratch);
        refused(tree.rename_at(root, "a/b/c/d", root, "d"));
        tree.rename_at(root, "a/b/c", root, "c").unwrap();
    }

    #[test]
    fn a_link_does_not_become_gits_settings_by_another_name() {
        let scratch = Scratch::with(&[("f", "1")]);
        let (mut tree, root) = open(&scratch);
        tree.symlink_at("f", root, "l").unwrap();
        for name in [".gitmodules", ".GITATTRIBUTES", ".gitignore.", "gitmod~1"] {
            let moved = tree.rename_at(root, "l", root, name);
            assert!(matches!(moved, Err(FsError::NotPermitted)), "{name}");
        }
        // A file may have the name: git reads its settings from files.
        tree.rename_at(root, "f", root, ".gitignore").unwrap();
    }

    #[test]
    fn a_link_that_a_person_made_may_be_moved() {
        let scratch = Scratch::with(&[("d/f", "1")]);
        std::os::unix::fs::symlink("/srv/data", scratch.root().join("d/out")).unwrap();
        scratch.commit("a link");
        let (mut tree, root) = open(&scratch);
        tree.rename_at(root, "d/out", root, "data").unwrap();
    }
}
