//! Whether attributes may say how a file is merged: then git merges it, which knows drivers.
#![expect(clippy::disallowed_methods, reason = "`git` reads git's own files")]

use std::path::PathBuf;

use git2::Config;

use super::tree::Entry;
use super::{BlobId, GitError, Repo};

/// The largest file of attributes that is looked into; a larger one is taken to say something.
const LARGEST: u64 = 1 << 20;

/// The name of a tree's own attributes.
const NAME: &[u8] = b".gitattributes";

impl Repo {
    /// Tells whether a directory's own attributes may say how files in it or below are merged.
    pub(super) fn steers_merges(&self, directory: &[Entry]) -> Result<bool, GitError> {
        let Some(entry) = directory.iter().find(|entry| *entry.name == *NAME) else {
            return Ok(false);
        };
        if !entry.mode.is_file() {
            return Ok(false);
        }
        let id = BlobId::new(entry.id);
        Ok(self.blob_size(id)? > LARGEST || speaks_of_merging(&self.blob(id)?))
    }

    /// Tells whether attributes beside the tree may say how files are merged: the repository's own, the person's, the machine's.
    pub(super) fn merges_are_steered(&self) -> Result<bool, GitError> {
        let mut files = vec![self.common_dir().join("info").join("attributes")];
        files.extend(self.with(|git| {
            let settings = git.config().and_then(|mut settings| settings.snapshot());
            // Settings that cannot be read are git's to complain about.
            let named = settings.and_then(|settings| settings.get_path("core.attributesFile"));
            Ok(named.ok().or_else(|| beside(Config::find_xdg().ok())))
        })?);
        files.extend(
            beside(Config::find_system().ok()).or(Some(PathBuf::from("/etc/gitattributes"))),
        );
        Ok(files.iter().any(|path| match std::fs::metadata(path) {
            Ok(metadata) if metadata.len() > LARGEST => true,
            Ok(_) => std::fs::read(path).is_ok_and(|text| speaks_of_merging(&text)),
            Err(_) => false,
        }))
    }
}

/// Returns the attributes that lie beside a file of settings.
fn beside(settings: Option<PathBuf>) -> Option<PathBuf> {
    let settings = settings?;
    let name = match settings.file_name()?.to_str()? {
        "gitconfig" => "gitattributes",
        _ => "attributes",
    };
    Some(settings.with_file_name(name))
}

/// `merge` names a driver, `binary` is git's own short word for "no driver", and `[attr]` makes words of a person's own.
fn speaks_of_merging(text: &[u8]) -> bool {
    [
        b"merge".as_slice(),
        b"binary",
        b"[attr]",
        b"conflict-marker",
    ]
    .iter()
    .any(|word| text.windows(word.len()).any(|part| part == *word))
}
