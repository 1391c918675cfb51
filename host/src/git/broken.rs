//! Refs of our own whose files hold no ref: found, and removed.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fs;
use std::path::Path;

use super::refs::RefName;
use super::{GitError, Repo};

/// How deep a ref of ours may lie below its folder.
const DEPTH: usize = 6;

impl Repo {
    /// Lists the loose refs below a folder that cannot be read, with what is wrong.
    pub fn broken_refs(&self, folder: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        self.look_below(folder, DEPTH, &mut found);
        found.sort();
        found
    }

    fn look_below(&self, folder: &str, depth: usize, found: &mut Vec<(String, String)>) {
        // What is not there, or vanishes meanwhile, is not broken.
        let Ok(entries) = fs::read_dir(self.common_dir().join(folder)) else {
            return;
        };
        for entry in entries.flatten() {
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
                continue;
            };
            let is_lock = Path::new(&name)
                .extension()
                .is_some_and(|end| end == "lock");
            let name = format!("{folder}/{name}");
            if kind.is_dir() && depth > 0 {
                self.look_below(&name, depth - 1, found);
            } else if kind.is_file() && !is_lock {
                found.extend(self.why_broken(&name).map(|why| (name, why)));
            }
        }
    }

    /// Says what is wrong with a loose ref; none if nothing is.
    fn why_broken(&self, name: &str) -> Option<String> {
        let asked = self.with(|git| Ok::<_, GitError>(git.refname_to_id(name)));
        match asked {
            Ok(Ok(_)) | Err(_) => None,
            Ok(Err(error)) => {
                let there = self.common_dir().join(name).is_file();
                there.then(|| error.message().to_owned())
            }
        }
    }

    /// Removes a ref of our own whose file holds no ref; one that can be read stays.
    pub fn remove_broken(&self, name: &RefName) -> Result<(), GitError> {
        if self.why_broken(name.as_str()).is_some() {
            let path = self.common_dir().join(name.as_str());
            fs::remove_file(&path).map_err(|error| GitError::file("remove", &path, error))?;
        }
        Ok(())
    }
}
