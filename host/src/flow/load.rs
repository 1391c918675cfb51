//! All plugins: found, installed beside those that answer now, and put in their place.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::given::demand;
use super::{Host, HostError, InstallError, LoadFailure};
use crate::config::Settings;
use crate::model::PluginName;
use crate::policy;
use crate::registry::{self, Found, Plugin, Registry};

/// Plugins that are read and checked at once. More are no faster, and each brings a thread with its own share of memory.
const AT_ONCE: usize = 4;

/// What there is once all was installed.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) registry: Registry,
    pub(super) failures: Vec<LoadFailure>,
    waiting: Vec<Arc<Plugin>>,
}

type Installed = Result<Plugin, (Option<PluginName>, InstallError)>;

impl Host {
    /// Finds and loads all plugins, in parallel, and puts them in the place of those that were loaded before.
    pub(super) async fn load(self: &Arc<Self>) -> Result<(), HostError> {
        let loaded = self.assemble(&Registry::default()).await?;
        self.serve(loaded);
        Ok(())
    }

    /// Installs what there is now. Where something cannot be used, what answered before stays.
    pub(super) async fn assemble(self: &Arc<Self>, old: &Registry) -> Result<Loaded, HostError> {
        let settings = self.settings();
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        for (index, found) in find(&settings)?.into_iter().enumerate() {
            let (host, places) = (self.clone(), places.clone());
            tasks.spawn(async move {
                let _place = places.acquire().await;
                let installed = host.install(&found).await;
                (index, found, installed)
            });
        }
        let mut installed = tasks.join_all().await;
        installed.sort_by_key(|(index, found, result)| (self.rank(old, found, result), *index));
        let mut loaded = Loaded::default();
        for (_, found, result) in installed {
            self.take(&mut loaded, old, &settings, found.path, result);
        }
        check_dependencies(&mut loaded);
        check_entries(&mut loaded, &settings);
        Ok(loaded)
    }

    /// Says who goes first where two files have a plugin of one name: what answers now, then what the person approved.
    fn rank(&self, old: &Registry, found: &Found, result: &Installed) -> u8 {
        let Ok(plugin) = result else {
            return 2;
        };
        let name = &plugin.info.name;
        let answers = |old: &Arc<Plugin>| old.component.path == found.path;
        let approved = || {
            let approval = self.grants.approval(name).ok().flatten();
            approval.is_some_and(|approval| approval.digest == plugin.component.digest)
        };
        if old.get(name).is_some_and(answers) {
            0
        } else if approved() {
            1
        } else {
            2
        }
    }

    /// Has what was installed answer.
    pub(super) fn serve(&self, loaded: Loaded) {
        self.known(|known| {
            for plugin in loaded.registry.plugins() {
                let file = || demand(plugin);
                // What a plugin says later of itself is not what its file was approved for.
                let is_new = known
                    .get(&plugin.info.name)
                    .is_none_or(|(digest, _)| *digest != plugin.component.digest);
                if is_new {
                    let name = plugin.info.name.clone();
                    known.insert(name, (plugin.component.digest, file()));
                }
            }
        });
        self.replace(loaded.registry, loaded.failures, loaded.waiting);
    }

    fn take(
        &self,
        loaded: &mut Loaded,
        old: &Registry,
        settings: &Settings,
        path: PathBuf,
        result: Installed,
    ) {
        let disabled = |name: &PluginName| settings.entry(name).is_some_and(|entry| !entry.enabled);
        let (name, error) = match result {
            Ok(plugin) if disabled(&plugin.info.name) => return,
            Ok(plugin) => {
                let there = old.get(&plugin.info.name);
                let same = there.filter(|old| is_same(old, &plugin)).cloned();
                match self.check_served(&plugin) {
                    Ok(()) => {
                        let plugin = same.unwrap_or_else(|| Arc::new(plugin));
                        match loaded.registry.insert(plugin) {
                            Ok(()) => return,
                            Err((plugin, first)) => (
                                Some(plugin.info.name.clone()),
                                InstallError::Duplicate {
                                    plugin: plugin.info.name.clone(),
                                    first: first.component.path.display().to_string(),
                                },
                            ),
                        }
                    }
                    Err(error) => {
                        let name = plugin.info.name.clone();
                        loaded.waiting.push(Arc::new(plugin));
                        (Some(name), error)
                    }
                }
            }
            Err(failed) => failed,
        };
        // What answers now was installed from here, whatever the file is called.
        let mut stays = old.plugins().filter(|old| {
            old.component.path == path
                && !disabled(&old.info.name)
                && name.as_ref().is_none_or(|name| *name == old.info.name)
        });
        if let Some(old) = stays.next() {
            // Two plugins of that name: the other one has it.
            drop(loaded.registry.insert(kept(old, settings)));
        }
        loaded.failures.push(error.failure(name, path));
    }

    /// Checks that a plugin is what the person approved, or, where they approved none, what this process served.
    fn check_served(&self, plugin: &Plugin) -> Result<(), InstallError> {
        let name = &plugin.info.name;
        if self.grants.approval(name)?.is_some() {
            return self.check_approval(plugin);
        }
        let now = demand(plugin);
        let changes = self.known(|known| known.get(name).and_then(|(_, was)| was.changes(&now)));
        match changes {
            None => Ok(()),
            Some(changes) => Err(InstallError::Unlike {
                plugin: name.clone(),
                changes,
            }),
        }
    }
}

/// Lists the files that may be plugins.
fn find(settings: &Settings) -> Result<Vec<Found>, HostError> {
    let folder = settings.parac.as_ref().map(|parac| parac.join("plugins"));
    let listed = settings.plugins.iter().filter(|entry| entry.enabled);
    registry::discover(
        folder.as_deref(),
        listed.filter_map(|entry| entry.path.as_ref()),
    )
    .map_err(|source| HostError::Discover {
        folder: folder.clone().unwrap_or_default(),
        source,
    })
}

/// Tells whether a plugin is as it was when it was installed.
fn is_same(old: &Plugin, new: &Plugin) -> bool {
    old.component.digest == new.component.digest
        && old.component.path == new.component.path
        && old.source == new.source
        && old.configured == new.configured
        && old.grants == new.grants
        && old.outside == new.outside
        && old.limits == new.limits
}

/// Returns a plugin that answers in the place of what took its file, which may have no more than it has under the settings of now.
fn kept(old: &Arc<Plugin>, settings: &Settings) -> Arc<Plugin> {
    let entry = settings.entry(&old.info.name);
    let given = entry.map(|entry| entry.grants.clone()).unwrap_or_default();
    let (grants, outside) = given.split();
    let kept = Plugin {
        grants: policy::cut(&old.grants, &grants),
        outside: policy::cut(&old.outside, &outside),
        limits: settings.limits_of(&old.info.name),
        ..old.as_ref().clone()
    };
    if is_same(old, &kept) {
        old.clone()
    } else {
        Arc::new(kept)
    }
}

/// Takes out plugins whose dependencies are missing, until none is left that lacks one.
fn check_dependencies(loaded: &mut Loaded) {
    loop {
        let registry = &loaded.registry;
        let lacking = registry.plugins().find_map(|plugin| {
            let missing = plugin.info.dependencies.iter().find(|dependency| {
                !registry
                    .get(&dependency.name)
                    .is_some_and(|found| dependency.version.matches(&found.info.version))
            })?;
            Some((plugin.clone(), missing.clone()))
        });
        let Some((plugin, missing)) = lacking else {
            return;
        };
        loaded.registry.remove(&plugin.info.name);
        let error = InstallError::Dependency {
            needs: missing.name,
            version: missing.version,
        };
        loaded.failures.push(error.failure(
            Some(plugin.info.name.clone()),
            plugin.component.path.clone(),
        ));
    }
}

/// Reports what the operator lists and nobody found.
fn check_entries(loaded: &mut Loaded, settings: &Settings) {
    let Some(parac) = &settings.parac else {
        return;
    };
    for entry in settings.plugins.iter().filter(|entry| entry.enabled) {
        let mut failures = loaded.failures.iter();
        let known = loaded.registry.get(&entry.name).is_some()
            || failures.any(|failure| {
                failure.plugin.as_ref() == Some(&entry.name)
                    || entry.path.as_ref() == Some(&failure.path)
            });
        if !known {
            let error = InstallError::Absent {
                plugin: entry.name.clone(),
                line: entry.line,
            };
            loaded.failures.push(error.failure(
                Some(entry.name.clone()),
                parac.join("config").join("plugins.yaml"),
            ));
        }
    }
}
