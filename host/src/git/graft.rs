//! One path of a tree: what is there, and the tree with something else there.

use super::objects::TreeId;
use super::tree::{Entry, Mode, TREE_DEPTH};
use super::write::Batch;
use super::{GitError, Repo, Side, TreePath};

impl Repo {
    /// Returns what a tree has at a path; reads the directories on the way alone.
    pub fn entry_at(&self, tree: TreeId, path: &TreePath) -> Result<Option<Entry>, GitError> {
        let mut found: Option<Entry> = None;
        for name in path.names() {
            let dir = match &found {
                None => tree,
                Some(entry) if entry.mode.is_tree() => TreeId::new(entry.id),
                Some(_) => return Ok(None),
            };
            match self
                .tree(dir)?
                .into_iter()
                .find(|entry| *entry.name == *name)
            {
                None => return Ok(None),
                entry => found = entry,
            }
        }
        Ok(found)
    }

    /// Returns the tree with these paths as given, `None` being "nothing there", and stores it.
    pub fn grafted(
        &self,
        tree: TreeId,
        changes: &[(TreePath, Option<Side>)],
    ) -> Result<TreeId, GitError> {
        let mut batch = Batch::default();
        let mut tree = tree;
        for (path, side) in changes {
            let names: Vec<&[u8]> = path.names().collect();
            if names.len() > TREE_DEPTH {
                return Err(GitError::TooDeep { limit: TREE_DEPTH });
            }
            tree = match self.graft(&mut batch, Some(tree), &names, *side)? {
                Some(tree) => tree,
                None => batch.tree(Vec::new())?,
            };
        }
        self.store(&batch)?;
        Ok(tree)
    }

    /// Returns the changed directory; `None` if nothing is left in it.
    fn graft(
        &self,
        batch: &mut Batch,
        tree: Option<TreeId>,
        names: &[&[u8]],
        side: Option<Side>,
    ) -> Result<Option<TreeId>, GitError> {
        let mut entries = match tree {
            None => Vec::new(),
            Some(tree) => batch.read_tree(self, tree)?,
        };
        if let Some((name, rest)) = names.split_first() {
            let at = entries.iter().position(|entry| *entry.name == **name);
            let old = at.map(|at| entries.remove(at));
            let new = if rest.is_empty() {
                side.map(|side| (side.mode, side.id))
            } else {
                let below = old
                    .as_ref()
                    .filter(|entry| entry.mode.is_tree())
                    .map(|entry| TreeId::new(entry.id));
                if below.is_none() && side.is_none() {
                    // There is nothing below a file, and so nothing to remove.
                    old.map(|entry| (entry.mode, entry.id))
                } else {
                    self.graft(batch, below, rest, side)?
                        .map(|tree| (Mode::TREE, tree.object()))
                }
            };
            entries.extend(new.map(|(mode, id)| Entry {
                name: (*name).into(),
                mode,
                id,
            }));
        }
        if entries.is_empty() {
            return Ok(None);
        }
        batch.tree(entries).map(Some)
    }
}
