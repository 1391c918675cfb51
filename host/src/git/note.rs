//! A text that keeps a commit: a tag object, so that one ref holds both, and one write makes both safe.

use std::sync::Arc;
use std::time::SystemTime;

use git2::ObjectType;

use super::commit::COMMITTER;
use super::objects::ObjectId;
use super::write::{Batch, ObjectKind};
use super::{GitError, Repo};
use crate::model::CommitId;

impl Batch {
    /// Adds a text, as a tag object of a commit; whoever keeps the text keeps the commit from `git gc`.
    pub fn note(
        &mut self,
        on: &CommitId,
        name: &str,
        text: &str,
        at: SystemTime,
    ) -> Result<ObjectId, GitError> {
        let seconds = at
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let (who, address) = COMMITTER;
        let object = format!(
            "object {on}\ntype commit\ntag {name}\ntagger {who} <{address}> {seconds} +0000\n\n{text}\n"
        );
        self.add(ObjectKind::Tag, Arc::new(object.into_bytes()))
    }
}

impl Repo {
    /// Reads the text that a tag object or a blob holds.
    pub fn note(&self, id: ObjectId) -> Result<Vec<u8>, GitError> {
        self.with(|git| {
            let bad = |reason: String| GitError::Object {
                id: id.to_string(),
                kind: "tag",
                reason,
            };
            let odb = git.odb().map_err(|error| bad(error.message().to_owned()))?;
            let object = odb
                .read(id.0)
                .map_err(|error| bad(error.message().to_owned()))?;
            let data = object.data();
            match object.kind() {
                ObjectType::Blob => Ok(data.to_vec()),
                ObjectType::Tag => {
                    // The header ends with the first empty line.
                    let text = data.windows(2).position(|pair| pair == b"\n\n");
                    let text = text.and_then(|at| data.get(at + 2..));
                    text.map(<[u8]>::to_vec)
                        .ok_or_else(|| bad("it holds no text".to_owned()))
                }
                other => Err(bad(format!("it is a {other}"))),
            }
        })
    }
}
