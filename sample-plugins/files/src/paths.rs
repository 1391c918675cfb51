//! Paths: given relative to the workspace, or absolute beside it, and said back that way.

use crate::Files;
use paracle_plugin_sdk::prelude::*;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// A path in the workspace, or in a directory that was granted beside it.
pub(crate) struct Place {
    /// As `std::fs` wants it.
    pub(crate) real: PathBuf,
    /// As callers read it, with `/`; `.` for the workspace itself, and absolute beside it.
    pub(crate) name: String,
    /// Whether it is what was granted, and not something in it.
    pub(crate) is_root: bool,
}

/// Finds a path in the workspace, or an absolute one in a directory that was granted beside it. `at` is the argument's JSON
/// Pointer, for the error.
///
/// The host keeps the plugin inside whatever is asked; this only makes the error teach.
pub(crate) fn place(cx: &Context<'_, Files>, at: &str, path: &str) -> Result<Place, ToolError> {
    let given = Path::new(path);
    let beside = beside(cx, given);
    let root = match &beside {
        Some(root) => root,
        None => cx.workspace()?,
    };
    let relative = given.strip_prefix(root).unwrap_or(given);
    let mut clean = PathBuf::new();
    for part in relative.components() {
        let inside = match part {
            Component::Normal(part) => {
                clean.push(part);
                true
            }
            Component::CurDir => true,
            Component::ParentDir => clean.pop(),
            Component::RootDir | Component::Prefix(_) => false,
        };
        if !inside {
            let message = format!(
                "`{path}` leaves what was granted; give a path relative to the workspace, such as `src/main.rs`{}",
                or_beside(cx)
            );
            return Err(ToolError::invalid_value(at, message));
        }
    }
    let is_root = clean.as_os_str().is_empty();
    let real = if is_root {
        root.to_owned()
    } else {
        root.join(&clean)
    };
    let name = if beside.is_some() {
        real.to_string_lossy().into_owned()
    } else if is_root {
        ".".to_owned()
    } else {
        clean.to_string_lossy().into_owned()
    };
    Ok(Place {
        real,
        name,
        is_root,
    })
}

/// Says which directories were granted beside the workspace.
fn or_beside(cx: &Context<'_, Files>) -> String {
    let granted: Vec<String> = cx
        .directories()
        .iter()
        .map(|directory| format!("`{}`", directory.path.display()))
        .collect();
    if granted.is_empty() {
        "; no directory was granted beside it".to_owned()
    } else {
        format!(
            ", or an absolute one in what was granted beside it: {}",
            granted.join(", ")
        )
    }
}

/// Returns the directory beside the workspace that an absolute path begins with, if one was granted there.
fn beside(cx: &Context<'_, Files>, given: &Path) -> Option<PathBuf> {
    let mut parts = given.components();
    let (Some(Component::RootDir), Some(Component::Normal(name))) = (parts.next(), parts.next())
    else {
        return None;
    };
    let root = Path::new("/").join(name);
    let is_workspace = cx.workspace().is_ok_and(|workspace| workspace == root);
    (!is_workspace && root.is_dir()).then_some(root)
}

impl Place {
    /// Reads the whole file as text.
    pub(crate) fn read(&self) -> Result<String, ToolError> {
        let bytes = fs::read(&self.real).map_err(|e| self.explain("read", &e))?;
        let size = bytes.len();
        String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            let name = &self.name;
            ToolError::runtime(format!(
                "`{name}` is not UTF-8 text ({size} bytes, the first other byte at {at})"
            ))
        })
    }

    /// Writes the whole file, and makes the folders above it.
    pub(crate) fn write(&self, text: &str) -> Result<(), ToolError> {
        self.make_parents()?;
        fs::write(&self.real, text).map_err(|e| self.explain("write", &e))
    }

    /// Makes the folders above.
    pub(crate) fn make_parents(&self) -> Result<(), ToolError> {
        match self.real.parent() {
            Some(parent) => {
                fs::create_dir_all(parent).map_err(|e| self.explain("make the folders of", &e))
            }
            None => Ok(()),
        }
    }

    /// Says what could not be done, and how to mend it.
    pub(crate) fn explain(&self, doing: &str, error: &std::io::Error) -> ToolError {
        let hint = match error.kind() {
            ErrorKind::NotFound => "there is no such file: `list` and `search` show what there is",
            ErrorKind::IsADirectory => "it is a folder: `list` shows what is in it",
            // The second is what making folders over a file says.
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                "it, or a folder in its path, is a file"
            }
            // Beside the workspace are granted directories, in it are repositories.
            ErrorKind::CrossesDevices if !self.name.starts_with('/') => {
                "its new place is in another repository: write it there, then delete it here"
            }
            ErrorKind::CrossesDevices => {
                "its new place is in another grant: write it there, then delete it here"
            }
            ErrorKind::ReadOnlyFilesystem => {
                return self.refused(doing, "it is granted for reading only");
            }
            ErrorKind::PermissionDenied if self.name.starts_with('/') => {
                "the host does not let the plugin"
            }
            ErrorKind::PermissionDenied => {
                return self.refused(doing, "no plugin may, there");
            }
            _ => return ToolError::runtime(format!("cannot {doing} `{}`: {error}", self.name)),
        };
        ToolError::runtime(format!("cannot {doing} `{}`: {hint}", self.name))
    }

    /// Passes the host's refusal on; whose word was missing, and which line to add, is for the host to say.
    fn refused(&self, doing: &str, why: &str) -> ToolError {
        let denied = Denied {
            capability: Capability::FileAccess,
            message: format!("cannot {doing} `{}`: {why}", self.name),
            fix: "the host says what to grant, where a grant helps".to_owned(),
        };
        denied.into()
    }
}

/// One thing in the tree.
pub(crate) struct Entry {
    pub(crate) real: PathBuf,
    /// Relative to the workspace, with `/`.
    pub(crate) name: String,
    pub(crate) kind: fs::FileType,
}

/// Visits everything below a folder, sorted, down to `depth` levels, without following links or entering `.git`.
/// Ends early where `visit` answers false.
pub(crate) fn walk(
    from: &Place,
    depth: usize,
    visit: &mut dyn FnMut(&Entry) -> Result<bool, ToolError>,
) -> Result<bool, ToolError> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(&from.real).map_err(|e| from.explain("list", &e))? {
        let entry = entry?;
        let own = entry.file_name().to_string_lossy().into_owned();
        if own == ".git" {
            continue;
        }
        let name = if from.name == "." {
            own
        } else {
            format!("{}/{own}", from.name)
        };
        entries.push(Entry {
            real: entry.path(),
            name,
            kind: entry.file_type()?,
        });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    for entry in entries {
        if !visit(&entry)? {
            return Ok(false);
        }
        if entry.kind.is_dir() && depth > 1 {
            let below = Place {
                real: entry.real,
                name: entry.name,
                is_root: false,
            };
            if !walk(&below, depth - 1, visit)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
