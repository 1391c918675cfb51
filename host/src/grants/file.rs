//! The file of one repository's grants: read whole, written whole, changed under a lock.

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};

use super::{Approval, ApprovedCommand, Given, GrantsError};
use crate::model::Digest;
use crate::private::{self, Others, PrivateError};

/// The version of the form that this host writes and reads.
const SCHEMA: u32 = 1;

/// No person granted more than this, in bytes.
const LARGEST: u64 = 1 << 20;

/// What was granted in one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    schema: u32,
    /// For the person who reads the file.
    repository: PathBuf,
    pub(super) approved: Vec<Approval>,
    pub(super) given: Vec<Given>,
    /// Commands that may check merges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) commands: Vec<ApprovedCommand>,
}

/// What tells one state of a file from another without reading it.
pub(super) type Stamp = Option<(u64, i64, i64, u64)>;

/// Where the grants of one repository are kept.
#[derive(Debug)]
pub(super) struct GrantsFile {
    folder: PathBuf,
    path: PathBuf,
    repository: PathBuf,
}

impl GrantsFile {
    pub(super) fn of(own: &Path, repository: &Path) -> Self {
        let folder = own.join("grants");
        let key = Digest::of(repository.as_os_str().as_encoded_bytes()).hex();
        Self {
            path: folder.join(format!("{}.json", &key[..32])),
            folder,
            repository: repository.to_owned(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells which state of the file is there; none where there is no file.
    pub(super) fn stamp(&self) -> Stamp {
        let metadata = fs::symlink_metadata(&self.path).ok()?;
        Some((
            metadata.ino(),
            metadata.mtime(),
            metadata.mtime_nsec(),
            metadata.len(),
        ))
    }

    /// Reads what is kept; where there is no file, nothing was granted.
    pub(super) fn read(&self) -> Result<Content, GrantsError> {
        let Some((mut file, _)) = private::open(&self.path, Others::MayRead)? else {
            return Ok(Content {
                schema: SCHEMA,
                repository: self.repository.clone(),
                approved: Vec::new(),
                given: Vec::new(),
                commands: Vec::new(),
            });
        };
        private::make_folder(&self.folder)?;
        let mut text = String::new();
        (&mut file)
            .take(LARGEST + 1)
            .read_to_string(&mut text)
            .map_err(|source| self.failed(source))?;
        let bad = |reason| GrantsError::Content {
            path: self.path.clone(),
            reason,
        };
        if text.len() as u64 > LARGEST {
            return Err(bad(format!("it has more than {LARGEST} bytes")));
        }
        let content: Content =
            serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if content.schema != SCHEMA {
            return Err(bad(format!(
                "its form has version {}, and this host reads version {SCHEMA}",
                content.schema
            )));
        }
        Ok(content)
    }

    /// Changes what is kept; others who change it meanwhile wait.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Content) -> Result<T, GrantsError>,
    ) -> Result<T, GrantsError> {
        let failed = |source| self.failed(source);
        private::make_folder(&self.folder)?;
        let lock = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.path.with_extension("lock"))
            .map_err(failed)?;
        rustix::fs::flock(&lock, FlockOperation::LockExclusive)
            .map_err(|error| failed(error.into()))?;
        let mut content = self.read()?;
        let changed = change(&mut content)?;
        let json = serde_json::to_vec_pretty(&content).map_err(|error| failed(error.into()))?;
        // What could not be read back would end every call from here on.
        serde_json::from_slice::<Content>(&json).map_err(|error| GrantsError::Content {
            path: self.path.clone(),
            reason: format!("the change cannot be kept: {error}"),
        })?;
        private::replace(&self.path, &[&json]).map_err(failed)?;
        Ok(changed)
    }

    fn failed(&self, source: io::Error) -> GrantsError {
        GrantsError::Private(PrivateError::File {
            path: self.path.clone(),
            source,
        })
    }
}
