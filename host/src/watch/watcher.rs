//! A watcher of folders.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// How long nothing may happen before a change is told: who writes a file writes it in pieces.
const QUIET: Duration = Duration::from_millis(150);

/// How long a change waits for quiet at the most.
const LONGEST: Duration = Duration::from_secs(2);

/// Why folders cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("the system does not tell of changes: {0}")]
pub struct WatchError(#[from] notify::Error);

/// Which names in a folder count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Each.
    All,
    /// These alone.
    Only(BTreeSet<OsString>),
}

impl Names {
    /// Counts a name as well.
    pub fn add(&mut self, name: OsString) {
        match self {
            Self::All => {}
            Self::Only(names) => {
                names.insert(name);
            }
        }
    }
}

type Folders = Arc<Mutex<BTreeMap<PathBuf, Names>>>;

/// Looks at folders, not at those inside of them.
pub struct Watcher {
    system: RecommendedWatcher,
    folders: Folders,
    heard: mpsc::Receiver<()>,
}

impl Watcher {
    /// Starts one that looks at nothing yet.
    pub fn new() -> Result<Self, WatchError> {
        let folders = Folders::default();
        let counting = folders.clone();
        // One that waits to be heard stands for all that come meanwhile.
        let (tell, heard) = mpsc::channel(1);
        let system = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let counts = event.is_ok_and(|event| counts(&event, &lock(&counting)));
            if counts {
                tell.try_send(()).unwrap_or_default();
            }
        })?;
        Ok(Self {
            system,
            folders,
            heard,
        })
    }

    /// Looks at these folders from now on; one that is not there is left out, until this is called again.
    pub fn look_at(&mut self, wanted: &BTreeMap<PathBuf, Names>) {
        let before = lock(&self.folders).clone();
        for gone in before.keys().filter(|folder| !wanted.contains_key(*folder)) {
            // It may be gone itself.
            self.system.unwatch(gone).unwrap_or_default();
        }
        let mut now = BTreeMap::new();
        for (folder, names) in wanted {
            // A folder that was removed and made again is another one: it is asked for anew each time.
            match self.system.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    now.insert(folder.clone(), names.clone());
                }
                Err(error) => {
                    tracing::debug!(folder = %folder.display(), %error, "changes are not heard of");
                }
            }
        }
        *lock(&self.folders) = now;
    }

    /// Waits until something changed, and then nothing for a while. False where nothing will be heard any more.
    pub async fn changed(&mut self) -> bool {
        if self.heard.recv().await.is_none() {
            return false;
        }
        let quiet = async {
            while let Ok(Some(())) = tokio::time::timeout(QUIET, self.heard.recv()).await {}
        };
        drop(tokio::time::timeout(LONGEST, quiet).await);
        true
    }
}

/// Tells whether an event may mean that something reads differently; reading itself does not.
fn counts(event: &Event, folders: &BTreeMap<PathBuf, Names>) -> bool {
    let changes = match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Any
        | EventKind::Other => true,
    };
    let named = |path: &PathBuf| {
        let names = path.parent().and_then(|folder| folders.get(folder));
        match names {
            Some(Names::All) => true,
            Some(Names::Only(names)) => path.file_name().is_some_and(|name| names.contains(name)),
            // The folder itself: it was moved or removed.
            None => folders.contains_key(Path::new(path)),
        }
    };
    // Without a path, the system lost count.
    changes && (event.paths.is_empty() || event.paths.iter().any(named))
}

fn lock(folders: &Mutex<BTreeMap<PathBuf, Names>>) -> MutexGuard<'_, BTreeMap<PathBuf, Names>> {
    folders.lock().unwrap_or_else(PoisonError::into_inner)
}
