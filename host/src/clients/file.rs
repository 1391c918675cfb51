//! One file of a client: read, edited, and replaced as a whole.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that reads and writes clients' files"
)]

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::splice::{self, Refusal};
use super::{ClientError, Scope};

/// A larger file is no list of servers; it would be read whole.
const LARGEST: u64 = 1 << 20;

/// What the copy of a file that is changed is called, behind the file's name.
const BACKUP: &str = ".paracle-backup";

/// A client's file as it is now; it may not be there yet.
#[derive(Debug)]
pub struct ClientFile {
    path: PathBuf,
    key: &'static str,
    scope: Scope,
    /// Its text and permissions, where it is there.
    now: Option<(String, Permissions)>,
}

/// What an edit makes of a file.
#[derive(Debug)]
pub struct Change {
    file: ClientFile,
    /// The new text; none where everything is so already.
    pub after: Option<String>,
}

impl ClientFile {
    /// Reads a file that lies below a folder, links and all.
    pub(super) fn open(
        base: &Path,
        path: PathBuf,
        key: &'static str,
        scope: Scope,
    ) -> Result<Self, ClientError> {
        let path = inside(base, path)?;
        let now = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() && metadata.len() <= LARGEST => {
                let bytes = fs::read(&path).map_err(|source| failed("read", &path, source))?;
                let text =
                    String::from_utf8(bytes).map_err(|_| ClientError::NoText(path.clone()))?;
                Some((text, metadata.permissions()))
            }
            Ok(_) => return Err(ClientError::NoText(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(failed("read", &path, source)),
        };
        Ok(Self {
            path,
            key,
            scope,
            now,
        })
    }

    /// Returns where it is, with links resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether it is there.
    pub const fn exists(&self) -> bool {
        self.now.is_some()
    }

    /// Returns an entry, if it is there.
    pub fn entry(&self, name: &str) -> Result<Option<Value>, ClientError> {
        match self.text() {
            None => Ok(None),
            Some(text) => {
                splice::member(text, self.key, name).map_err(|refusal| self.refused(refusal))
            }
        }
    }

    /// Puts an entry in. What is in an entry of this name beside what is put there stays.
    pub fn with(self, name: &str, entry: &Map<String, Value>) -> Result<Change, ClientError> {
        let merged = match self.entry(name)? {
            None => entry.clone(),
            Some(Value::Object(old)) => {
                let mut merged = old.clone();
                for (key, value) in entry {
                    // Variables of the person's own stay, too.
                    match (merged.get_mut(key), value) {
                        (Some(Value::Object(old)), Value::Object(new)) => old.extend(new.clone()),
                        _ => drop(merged.insert(key.clone(), value.clone())),
                    }
                }
                if merged == old {
                    return Ok(Change {
                        file: self,
                        after: None,
                    });
                }
                merged
            }
            Some(_) => return Err(self.refused(Refusal::Shape(name.to_owned()))),
        };
        let after = match self.text() {
            Some(text) => splice::with(text, self.key, name, &merged),
            None => splice::with("{}\n", self.key, name, &merged),
        };
        let after = after.map_err(|refusal| self.refused(refusal))?;
        Ok(Change {
            file: self,
            after: Some(after),
        })
    }

    /// Takes an entry out.
    pub fn without(self, name: &str) -> Result<Change, ClientError> {
        let after = match self.text() {
            None => None,
            Some(text) => {
                splice::without(text, self.key, name).map_err(|refusal| self.refused(refusal))?
            }
        };
        Ok(Change { file: self, after })
    }

    /// Returns the text; a file that a client made and never wrote counts as absent.
    fn text(&self) -> Option<&str> {
        let (text, _) = self.now.as_ref()?;
        (!text.trim().is_empty()).then_some(text)
    }

    fn refused(&self, refusal: Refusal) -> ClientError {
        let path = self.path.clone();
        match refusal {
            Refusal::Shape(what) => ClientError::Shape { path, what },
            Refusal::NotJson(_) if self.text().is_some_and(is_commented) => {
                ClientError::Comments(path)
            }
            Refusal::NotJson(reason) => ClientError::NotJson { path, reason },
        }
    }
}

impl Change {
    /// Returns the file that is changed.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Replaces the file, and keeps the old one beside it; returns where. Nothing is written where nothing changes.
    pub fn write(&self) -> Result<Option<PathBuf>, ClientError> {
        let (Some(after), path) = (&self.after, self.path()) else {
            return Ok(None);
        };
        let folder = path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder).map_err(|source| failed("make", folder, source))?;
        let backup = match &self.file.now {
            None => None,
            Some((before, permissions)) => {
                let mut name = path.as_os_str().to_owned();
                name.push(BACKUP);
                let backup = PathBuf::from(name);
                replace(&backup, before, Some(permissions), self.file.scope)?;
                Some(backup)
            }
        };
        let permissions = self.file.now.as_ref().map(|(_, permissions)| permissions);
        replace(path, after, permissions, self.file.scope)?;
        Ok(backup)
    }
}

/// Writes a file beside its place, and moves it there: who reads sees the one or the other.
fn replace(
    path: &Path,
    text: &str,
    permissions: Option<&Permissions>,
    scope: Scope,
) -> Result<(), ClientError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    // What belongs to one person may hold their keys; what belongs to a project is for whoever works on it.
    let mode = match scope {
        Scope::User => 0o600,
        Scope::Project => 0o666,
    };
    let written = || {
        let mut new = tempfile::Builder::new()
            .prefix(".paracle-")
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder)?;
        new.write_all(text.as_bytes())?;
        if let Some(permissions) = permissions {
            new.as_file().set_permissions(permissions.clone())?;
        }
        new.as_file().sync_all()?;
        new.persist(path).map_err(|error| error.error)
    };
    written()
        .map(drop)
        .map_err(|source| failed("write", path, source))
}

/// Resolves the links on the way to a file, which may not be there yet; none of them may lead out of the folder.
fn inside(base: &Path, path: PathBuf) -> Result<PathBuf, ClientError> {
    let mut there = path.as_path();
    // A link to nothing is there as well, and cannot be resolved.
    while fs::symlink_metadata(there).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        match there.parent() {
            Some(parent) => there = parent,
            None => break,
        }
    }
    let real = fs::canonicalize(there).map_err(|source| failed("find", there, source))?;
    let rest = path.strip_prefix(there).unwrap_or(Path::new(""));
    let to = if rest.as_os_str().is_empty() {
        real
    } else {
        real.join(rest)
    };
    // A folder that is not there yet has no links in it.
    let real_base = fs::canonicalize(base).unwrap_or_else(|_| base.to_owned());
    if !to.starts_with(&real_base) && base.starts_with(there) {
        return Ok(to);
    }
    if to.starts_with(&real_base) {
        return Ok(to);
    }
    Err(ClientError::LinkOut {
        path,
        to,
        base: real_base,
    })
}

/// Tells whether a text has what JSON has not and some clients read: it would be gone after an edit.
fn is_commented(text: &str) -> bool {
    let mut outside = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match (quoted, escaped, c) {
            (true, true, _) => escaped = false,
            (true, false, '\\') => escaped = true,
            (_, false, '"') => quoted = !quoted,
            (true, ..) => {}
            (false, _, c) if c.is_whitespace() => {}
            (false, _, c) => outside.push(c),
        }
    }
    ["//", "/*", ",}", ",]"]
        .iter()
        .any(|mark| outside.contains(mark))
}

fn failed(what: &'static str, path: &Path, source: io::Error) -> ClientError {
    ClientError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}
