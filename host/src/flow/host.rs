//! The host: what is open for the life of a process.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::broadcast;

use super::audit::journal;
use super::changed::Refreshing;
use super::install::InstallError;
use super::members::{Benches, benches};
use super::observers;
use super::reach::granted_beyond;
use super::stages::blocking;
use super::vault::Vault;
use super::{CallError, LoadFailureKind};
use crate::config::{self, Settings};
use crate::execution::{Completed, Executions, Origin, Started, Workbench};
use crate::git::GitError;
use crate::grants::{Demand, Grants};
use crate::model::{
    Changed, Digest, DirectoryRule, EventType, ExecutionId, Health, Kind, Members, PluginName,
    UserKey, Wall,
};
use crate::network::{Machine, Roots, RootsError, Secrets};
use crate::observe::{Keeper, Sink};
use crate::registry::{Plugin, Registry};
use crate::sandbox::{PrepareError, RunError, Sandbox};

/// How long a process that ends waits for observers to hear what happened.
const LAST_EVENTS: Duration = Duration::from_secs(2);

/// How long a process that ends waits for its last audit records: another process may have the journal's turn.
const LAST_RECORDS: Duration = Duration::from_secs(5);

/// Why there is no host.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The sandbox cannot be set up.
    #[error("the sandbox cannot be set up: {0}")]
    Sandbox(#[from] PrepareError),
    /// The person's own certificates cannot be used.
    #[error("{}, which `tls_roots` of your config.yaml names, cannot be used: {source}", path.display())]
    Roots {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: RootsError,
    },
    /// The folder of plugins cannot be listed.
    #[error("cannot list the plugins of {}: {source}", folder.display())]
    Discover {
        /// Which folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A plugin that is not loaded, and why. The others are.
#[derive(Debug, Clone, serde::Serialize)]
pub struct LoadFailure {
    /// Its name, if that is known.
    pub plugin: Option<PluginName>,
    /// Its file, or the file that lists it.
    pub path: PathBuf,
    /// What kind of failure it is.
    pub kind: LoadFailureKind,
    /// One sentence.
    pub error: String,
}

/// Loads plugins and answers calls.
pub struct Host {
    settings: RwLock<Arc<Settings>>,
    /// The `.parac` folder that it began with. It may go and come back, as where another branch is checked out; none other
    /// takes its place.
    pub(super) parac: Option<PathBuf>,
    pub(super) wall: Wall,
    /// The granted directories that the wall lets through; none where there is no wall.
    pub(super) reach: Option<Vec<DirectoryRule>>,
    sandbox: Arc<Sandbox>,
    pub(super) sink: Sink,
    pub(super) key: Option<UserKey>,
    pub(super) grants: Grants,
    registry: RwLock<Arc<Registry>>,
    failures: Mutex<Vec<LoadFailure>>,
    /// Plugins that are not what the person approved.
    waiting: Mutex<Vec<Arc<Plugin>>>,
    benches: OnceLock<Arc<Benches>>,
    /// Executions of which a call began.
    pub(super) seen: Mutex<HashSet<ExecutionId>>,
    /// Executions whose checkout was looked at.
    pub(super) looked: Mutex<HashSet<ExecutionId>>,
    /// Told to whoever listens: what reads differently.
    changes: broadcast::Sender<Changed>,
    /// Plugins that said that they read differently, until they are asked.
    pub(super) refreshing: Refreshing,
    /// Held by whoever puts plugins in the place of others.
    pub(super) reloading: tokio::sync::Mutex<()>,
    /// What this process served last under a name, and of which bytes.
    known: Mutex<Known>,
}

type Known = BTreeMap<PluginName, (Digest, Demand)>;

/// Changes that a listener may be behind; one that is behind further is told that it missed some.
const CHANGES: usize = 256;

impl Host {
    /// Opens a host: finds the plugins that the settings name and loads them. One that cannot be loaded does not stop the
    /// others; [`failures`](Self::failures) says why it is missing.
    pub async fn open(settings: Settings) -> Result<Arc<Self>, HostError> {
        Self::open_behind(settings, Wall::Off).await
    }

    /// Opens a host in a process that has confined itself; each receipt says how.
    pub async fn open_behind(settings: Settings, wall: Wall) -> Result<Arc<Self>, HostError> {
        let key = config::open_key(&settings.own)
            .inspect_err(|error| {
                tracing::warn!(
                    %error,
                    "compiled plugins are not kept, and nobody vouches for the audit journal: both need the person's key"
                );
            })
            .ok();
        let segment = settings.person.audit.segment();
        let keeper = Keeper::new(journal(&settings), key.clone(), segment);
        let (sink, listener) = Sink::new(keeper);
        let vault = Vault::new(settings.person.secrets.clone(), &settings.own);
        let machine = machine(&settings, Arc::new(vault))?;
        let sandbox =
            Sandbox::new(&settings.cache, key.as_ref(), sink.clone())?.with_machine(machine);
        let sandbox = Arc::new(sandbox);
        let host = Arc::new(Self {
            grants: Grants::new(&settings.own, settings.project()),
            reach: match wall {
                Wall::Enforced { .. } => {
                    Some(granted_beyond(&settings).unwrap_or_default().directories)
                }
                Wall::Missing { .. } | Wall::Off => None,
            },
            parac: settings.parac.clone(),
            settings: RwLock::new(Arc::new(settings)),
            wall,
            sandbox,
            sink,
            key,
            registry: RwLock::default(),
            failures: Mutex::default(),
            waiting: Mutex::default(),
            benches: OnceLock::new(),
            seen: Mutex::default(),
            looked: Mutex::default(),
            changes: broadcast::channel(CHANGES).0,
            refreshing: Refreshing::default(),
            reloading: tokio::sync::Mutex::default(),
            known: Mutex::default(),
        });
        host.load().await?;
        observers::start(&host, listener);
        Ok(host)
    }

    /// Returns the plugins as they are now; a reload does not change what was returned.
    pub fn registry(&self) -> Arc<Registry> {
        self.registry
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the plugins that are not loaded, and why.
    pub fn failures(&self) -> Vec<LoadFailure> {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns why a plugin is not loaded; one that did not tell its name is known by its file's.
    pub fn failure_of(&self, name: &PluginName) -> Option<LoadFailure> {
        self.failures()
            .into_iter()
            .find(|failure| failure.plugin.as_ref() == Some(name))
    }

    /// Returns the plugins that are not loaded because they are not what the person approved.
    pub fn waiting(&self) -> Vec<Arc<Plugin>> {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the settings as they are now; a reload does not change what was returned.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set_settings(&self, settings: Settings) {
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Looks at what this process served.
    pub(super) fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn sandbox(&self) -> &Arc<Sandbox> {
        &self.sandbox
    }

    /// Puts a registry in the place of the one that answers.
    pub(super) fn replace(
        &self,
        registry: Registry,
        failures: Vec<LoadFailure>,
        waiting: Vec<Arc<Plugin>>,
    ) {
        let observed = registry
            .plugins()
            .any(|plugin| plugin.info.kind == Kind::Observer);
        self.sink.set_observed(observed);
        *self
            .registry
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
        *self.failures.lock().unwrap_or_else(PoisonError::into_inner) = failures;
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
    }

    /// Returns a listener to what reads differently from now on.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    /// Tells everybody that something reads differently. Neither fails nor waits; nobody may be listening.
    pub fn announce(&self, what: Changed) {
        drop(self.changes.send(what));
    }

    /// Keeps a plugin that is not what the person approved, for them to look at.
    pub(super) fn wait_for_approval(&self, plugin: Plugin) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|other| other.info.name != plugin.info.name);
        waiting.push(Arc::new(plugin));
    }

    /// Puts a plugin in the place of itself, unless another took that meanwhile.
    pub(super) fn swap(&self, old: &Arc<Plugin>, new: Plugin) -> bool {
        let mut registry = self
            .registry
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let there = registry.get(&old.info.name);
        if there.is_none_or(|there| !Arc::ptr_eq(there, old)) {
            return false;
        }
        *registry = Arc::new(registry.with(new));
        true
    }

    /// Asks a plugin how it feels.
    pub async fn health(&self, plugin: &Plugin) -> Result<Health, RunError> {
        self.sandbox.health(plugin).await
    }

    /// Returns the executions of the repository that the host works in; of several, the main one's.
    pub fn executions(&self) -> Result<Executions, GitError> {
        Ok(self.workbench()?.executions().clone())
    }

    /// Returns the bench of the main repository.
    pub(super) fn workbench(&self) -> Result<Arc<Workbench>, GitError> {
        let benches = self.benches()?;
        let main = benches.iter().next().map(|(_, bench)| bench.clone());
        main.ok_or_else(|| GitError::NoRepository {
            path: self.settings().directory.clone(),
        })
    }

    /// Finds the repositories, once; a directory that is none is asked again, because it may become one.
    pub(super) fn benches(&self) -> Result<Arc<Benches>, GitError> {
        if let Some(benches) = self.benches.get() {
            return Ok(benches.clone());
        }
        let benches = Arc::new(benches(&self.settings())?);
        Ok(self.benches.get_or_init(|| benches).clone())
    }

    pub(super) fn benches_if_open(&self) -> Option<Arc<Benches>> {
        self.benches.get().cloned()
    }

    /// Has an execution begin elsewhere than the settings say; to be asked before its first call.
    pub async fn start_from(
        self: &Arc<Self>,
        id: &ExecutionId,
        origin: Origin,
    ) -> Result<Started, CallError> {
        let workbench = self.workbench()?;
        let id = id.clone();
        blocking(move || Ok(workbench.start_from(&id, &origin)?)).await
    }

    /// Forgets what this process keeps in mind of an execution, which ends without being told.
    pub(super) fn forget_execution(&self, id: &ExecutionId) {
        for known in [&self.looked, &self.seen] {
            known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(id);
        }
    }

    /// Ends an execution: merges it if that is asked for, or else keeps its branch for review. None if it wrote nothing.
    pub async fn complete(
        self: &Arc<Self>,
        id: &ExecutionId,
        success: bool,
        merge: bool,
    ) -> Result<Option<Members<Completed>>, CallError> {
        self.looked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
        let completed = match self.benches_if_open() {
            None => None,
            Some(benches) => self.end_execution(benches, id, success, merge).await?,
        };
        let began = self
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
        if began {
            self.tell(
                id,
                None,
                if success {
                    EventType::ExecutionCompleted
                } else {
                    EventType::ExecutionFailed {
                        error: "a call of it failed".to_owned(),
                    }
                },
                None,
            );
        }
        Ok(completed)
    }

    /// Lets observers hear the last events, and shuts down what lives on between calls.
    pub async fn close(self: &Arc<Self>) {
        match tokio::time::timeout(LAST_EVENTS, self.sink.flush()).await {
            Ok(0) => {}
            Ok(dropped) => tracing::warn!(dropped, "observers were too slow to hear every event"),
            Err(_) => tracing::warn!("an observer was too slow to hear the last events"),
        }
        self.sandbox.shutdown().await;
        let sink = self.sink.clone();
        let kept = tokio::task::spawn_blocking(move || sink.settle_audit(LAST_RECORDS)).await;
        if !kept.unwrap_or(false) {
            tracing::warn!("the last records of the audit journal may be missing");
        }
    }
}

/// Returns what requests leave this machine with: the certificates of the person's own `config.yaml`, and secrets.
pub(super) fn machine(
    settings: &Settings,
    secrets: Arc<dyn Secrets>,
) -> Result<Machine, HostError> {
    let own = &settings.person;
    let roots = match &own.tls_roots {
        None => Roots::default(),
        Some(path) => Roots::from_pem(&own.tls_roots_pem).map_err(|source| HostError::Roots {
            path: path.clone(),
            source,
        })?,
    };
    Ok(Machine::new(roots, secrets))
}

impl InstallError {
    pub(super) fn failure(self, plugin: Option<PluginName>, path: PathBuf) -> LoadFailure {
        LoadFailure {
            plugin,
            path,
            kind: self.kind(),
            error: self.to_string(),
        }
    }
}
