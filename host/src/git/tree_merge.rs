//! Three-way merge of trees, which reads only what differs on all three sides.

use std::cmp::Ordering;
use std::sync::Arc;

use super::objects::{BlobId, TreeId};
use super::text_merge::merge_texts;
use super::tree::{Entry, Mode, TREE_DEPTH};
use super::write::Batch;
use super::{GitError, Repo};

/// The largest file that is merged here; above it git decides, which has its own bounds.
const LARGEST: u64 = 16 << 20;

/// What the merge came to.
pub(super) enum TreeMerge {
    /// One tree; its new objects are in the batch.
    Clean(TreeId),
    /// Some path needs more than three trees to decide.
    Unsure,
}

struct Merging<'a> {
    repo: &'a Repo,
    batch: Batch,
    /// A path that both sides removed may be half of two renames, if there are new paths too.
    both_removed: bool,
    added: bool,
    /// Whether attributes beside the tree may say how files are merged, once that was asked.
    steered_outside: Option<bool>,
}

/// Where in the tree a merge is.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    /// Whether attributes of the tree, here or above, may say how files are merged.
    steered: bool,
}

impl Repo {
    /// Merges two trees that come from one; what is new is added to a batch.
    pub(super) fn merge_trees(
        &self,
        batch: &mut Batch,
        base: TreeId,
        ours: TreeId,
        theirs: TreeId,
    ) -> Result<TreeMerge, GitError> {
        if ours == theirs || base == theirs {
            return Ok(TreeMerge::Clean(ours));
        }
        if base == ours {
            return Ok(TreeMerge::Clean(theirs));
        }
        let mut merging = Merging {
            repo: self,
            batch: Batch::default(),
            both_removed: false,
            added: false,
            steered_outside: None,
        };
        let top = Place {
            depth: 0,
            steered: false,
        };
        let decided = merging.directory(Some(base), ours, theirs, top)?;
        let Some(tree) = decided.filter(|_| !(merging.both_removed && merging.added)) else {
            return Ok(TreeMerge::Unsure);
        };
        let tree = match tree {
            Some(tree) => tree,
            None => merging.batch.tree(Vec::new())?,
        };
        batch.join(merging.batch);
        Ok(TreeMerge::Clean(tree))
    }
}

/// `None` if this merge cannot decide.
type Decided<T> = Result<Option<T>, GitError>;

impl Merging<'_> {
    /// Merges a directory; the inner `None` if nothing is left in it.
    fn directory(
        &mut self,
        base: Option<TreeId>,
        ours: TreeId,
        theirs: TreeId,
        place: Place,
    ) -> Decided<Option<TreeId>> {
        if place.depth > TREE_DEPTH {
            return Err(GitError::TooDeep { limit: TREE_DEPTH });
        }
        let base = base.map_or(Ok(Vec::new()), |base| self.sorted(base))?;
        let (ours, theirs) = (self.sorted(ours)?, self.sorted(theirs)?);
        let place = Place {
            steered: place.steered || self.repo.steers_merges(&ours)?,
            ..place
        };
        let mut merged = Vec::with_capacity(ours.len());
        let (mut b, mut o, mut t) = (&base[..], &ours[..], &theirs[..]);
        while let Some(name) = [b.first(), o.first(), t.first()]
            .into_iter()
            .flatten()
            .map(|entry| &entry.name)
            .min()
            .cloned()
        {
            let entries = (
                take(&mut b, &name),
                take(&mut o, &name),
                take(&mut t, &name),
            );
            match self.entry(entries.0, entries.1, entries.2, place)? {
                Some(entry) => merged.extend(entry),
                None => return Ok(None),
            }
        }
        if merged.is_empty() {
            return Ok(Some(None));
        }
        self.batch.tree(merged).map(|tree| Some(Some(tree)))
    }

    fn entry(
        &mut self,
        base: Option<&Entry>,
        ours: Option<&Entry>,
        theirs: Option<&Entry>,
        place: Place,
    ) -> Decided<Option<Entry>> {
        self.watch_for_renames(base, ours, theirs);
        if same(ours, theirs) || same(base, theirs) {
            return Ok(Some(ours.cloned()));
        }
        if same(base, ours) {
            return Ok(Some(theirs.cloned()));
        }
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            // Changed here and removed there: perhaps a rename, which git can tell.
            return Ok(None);
        };
        if ours.mode.is_tree() && theirs.mode.is_tree() {
            let base = match base {
                None => None,
                Some(base) if base.mode.is_tree() => Some(TreeId::new(base.id)),
                Some(_) => return Ok(None),
            };
            let tree = self.directory(
                base,
                TreeId::new(ours.id),
                TreeId::new(theirs.id),
                Place {
                    depth: place.depth + 1,
                    ..place
                },
            )?;
            return Ok(tree.map(|tree| {
                tree.map(|tree| Entry {
                    name: ours.name.clone(),
                    mode: Mode::TREE,
                    id: tree.object(),
                })
            }));
        }
        let Some(base) =
            base.filter(|base| base.mode.is_file() && ours.mode.is_file() && theirs.mode.is_file())
        else {
            return Ok(None);
        };
        let mode = if base.mode == ours.mode {
            theirs.mode
        } else {
            ours.mode
        };
        let id = if ours.id == theirs.id || base.id == theirs.id {
            ours.id
        } else if base.id == ours.id {
            theirs.id
        } else if place.steered {
            return Ok(None);
        } else {
            match self.file(base, ours, theirs)? {
                Some(blob) => blob.object(),
                None => return Ok(None),
            }
        };
        Ok(Some(Some(Entry {
            name: ours.name.clone(),
            mode,
            id,
        })))
    }

    /// Notes what may be half of a rename; a changed directory that is not read may hold either half.
    fn watch_for_renames(
        &mut self,
        base: Option<&Entry>,
        ours: Option<&Entry>,
        theirs: Option<&Entry>,
    ) {
        let tree = |entry: Option<&Entry>| entry.is_some_and(|entry| entry.mode.is_tree());
        self.both_removed |= base.is_some() && ours.is_none() && theirs.is_none();
        self.both_removed |= tree(base) && same(ours, theirs) && !same(base, ours);
        self.added |= base.is_none();
        self.added |= tree(ours) && !same(base, ours) || tree(theirs) && !same(base, theirs);
    }

    /// Merges a text file; `None` if git has to decide.
    fn file(
        &mut self,
        base: &Entry,
        ours: &Entry,
        theirs: &Entry,
    ) -> Result<Option<BlobId>, GitError> {
        let mut contents = Vec::with_capacity(3);
        for entry in [base, ours, theirs] {
            let id = BlobId::new(entry.id);
            if self.repo.blob_size(id)? > LARGEST {
                return Ok(None);
            }
            contents.push(self.repo.blob(id)?);
        }
        let steered = match self.steered_outside {
            Some(steered) => steered,
            None => *self.steered_outside.insert(self.repo.merges_are_steered()?),
        };
        if steered {
            return Ok(None);
        }
        match merge_texts(&contents[0], &contents[1], &contents[2]) {
            Some(merged) => self.batch.blob(Arc::new(merged)).map(Some),
            None => Ok(None),
        }
    }

    /// Reads a tree in the order of plain names, so that a file and a directory of one name meet.
    fn sorted(&self, id: TreeId) -> Result<Vec<Entry>, GitError> {
        let mut entries = self.repo.tree(id)?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }
}

fn same(a: Option<&Entry>, b: Option<&Entry>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.id == b.id && a.mode == b.mode,
        _ => false,
    }
}

/// Takes the first entry if it has the name.
fn take<'a>(entries: &mut &'a [Entry], name: &[u8]) -> Option<&'a Entry> {
    let (first, rest) = entries.split_first()?;
    if (*first.name).cmp(name) == Ordering::Equal {
        *entries = rest;
        Some(first)
    } else {
        None
    }
}
