//! From bytes to something that can be instantiated: check, compile or load, link.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::ClockId;
use tokio::sync::{OnceCell, Semaphore};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, types::ComponentItem};

use super::bindings::exports;
use super::cache::Cache;
use super::engine::{CONTRACT, Sandbox};
use super::error::{PrepareError, one_line};
use super::gate::processors;
use super::guard::processor_time;
use super::inspect;
use super::state::State;
use crate::model::{Digest, Kind};
use crate::registry::LoadError;

/// How long a component's compilation is waited for, in processor time: an interpreter of 19 MB takes some 15 s of it, and a
/// busy machine makes no component large. The thread that compiles cannot be stopped; it is left behind, and what it makes is
/// kept for the next time.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long it is waited for on a machine that gives this process nearly nothing.
const LONGEST: Duration = Duration::from_mins(10);

/// How often it is looked at whether it was waited for long enough.
const LOOK: Duration = Duration::from_secs(5);

/// How wasmtime says that a component is larger than what a slot of the pool is for.
const OVER_THE_POOL: &str = "exceeds the";

const PACKAGE: &str = "paracle:plugin/";

/// A component, ready to be instantiated in microseconds.
pub(super) struct Prepared {
    pub(super) pre: InstancePre<State>,
    pub(super) plugin: exports::plugin::GuestIndices,
    pub(super) interface: Interface,
}

/// Where the functions of a plugin's kind are.
pub(super) enum Interface {
    Tool(exports::tool::GuestIndices, Option<ContextIndices>),
    Provider(exports::provider::GuestIndices),
    Observer(exports::observer::GuestIndices),
    /// Answered through its life cycle alone so far; its functions were checked to be there.
    Adapter,
    /// The same.
    Memory,
}

/// Where the functions of a plugin are that offers resources and prompts.
pub(super) struct ContextIndices {
    pub(super) resources: exports::resources::GuestIndices,
    pub(super) prompts: exports::prompts::GuestIndices,
}

impl Interface {
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Tool(..) => Kind::Tool,
            Self::Provider(_) => Kind::Provider,
            Self::Adapter => Kind::Adapter,
            Self::Observer(_) => Kind::Observer,
            Self::Memory => Kind::Memory,
        }
    }
}

type Slot = Arc<OnceCell<Arc<Prepared>>>;

/// Prepared components by digest; each is prepared once, however many calls wait for it.
pub(super) struct PreparedComponents {
    cache: Cache,
    /// Turns to compile, a processor each.
    compiling: Semaphore,
    /// What is compiled still, and not waited for any longer.
    given_up: Mutex<HashSet<Digest>>,
    slots: Mutex<HashMap<Digest, Slot>>,
}

impl PreparedComponents {
    pub(super) fn new(cache: Cache) -> Self {
        Self {
            cache,
            compiling: Semaphore::new(processors()),
            given_up: Mutex::default(),
            slots: Mutex::default(),
        }
    }

    pub(super) const fn cache(&self) -> &Cache {
        &self.cache
    }

    fn slot(&self, digest: Digest) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(digest).or_default().clone()
    }

    /// Lets go of a component.
    pub(super) fn forget(&self, digest: Digest) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.remove(&digest);
    }

    fn given_up(&self) -> MutexGuard<'_, HashSet<Digest>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandbox {
    /// Returns a component ready to run, compiling it if no compiled code is kept.
    pub(super) async fn prepare(
        self: &Arc<Self>,
        digest: Digest,
        load: impl FnOnce() -> Result<Arc<[u8]>, LoadError> + Send + 'static,
    ) -> Result<Arc<Prepared>, PrepareError> {
        self.prepared
            .slot(digest)
            .get_or_try_init(|| async {
                let slow = PrepareError::Slow {
                    seconds: PATIENCE.as_secs(),
                };
                let _turn = self.prepared.compiling.acquire().await;
                if self.prepared.given_up().contains(&digest) {
                    return Err(slow);
                }
                let sandbox = self.clone();
                // Compiling takes seconds for a large component: never on a thread that answers calls.
                let work = tokio::task::spawn_blocking(move || {
                    let prepared = sandbox.prepare_blocking(&digest, load);
                    sandbox.prepared.given_up().remove(&digest);
                    prepared
                });
                tokio::select! {
                    done = work => match done {
                        Ok(prepared) => prepared.map(Arc::new),
                        Err(error) => Err(PrepareError::Engine {
                            reason: error.to_string(),
                        }),
                    },
                    () = patience() => {
                        self.prepared.given_up().insert(digest);
                        Err(slow)
                    }
                }
            })
            .await
            .cloned()
    }

    fn prepare_blocking(
        &self,
        digest: &Digest,
        load: impl FnOnce() -> Result<Arc<[u8]>, LoadError>,
    ) -> Result<Prepared, PrepareError> {
        let component = if let Some(kept) = self.prepared.cache.component(&self.engine, digest) {
            kept
        } else {
            let bytes = load()?;
            check_header(&bytes)?;
            inspect::check_instances(&bytes)?;
            let component = Component::from_binary(&self.engine, &bytes).map_err(|error| {
                let reason = one_line(&error);
                if reason.contains(OVER_THE_POOL) {
                    PrepareError::TooMuch { reason }
                } else {
                    PrepareError::Invalid { reason }
                }
            })?;
            self.prepared.cache.keep_component(digest, &component);
            component
        };
        let (kind, has_context) = kind_of(&self.engine, &component)?;
        let pre =
            self.linker
                .instantiate_pre(&component)
                .map_err(|error| PrepareError::Imports {
                    reason: one_line(&error),
                })?;
        let invalid = |error: wasmtime::Error| PrepareError::Invalid {
            reason: one_line(&error),
        };
        Ok(Prepared {
            plugin: exports::plugin::GuestIndices::new(&pre).map_err(invalid)?,
            interface: match kind {
                Kind::Tool => exports::tool::GuestIndices::new(&pre).and_then(|tool| {
                    let context = has_context.then(|| {
                        Ok::<_, wasmtime::Error>(ContextIndices {
                            resources: exports::resources::GuestIndices::new(&pre)?,
                            prompts: exports::prompts::GuestIndices::new(&pre)?,
                        })
                    });
                    Ok(Interface::Tool(tool, context.transpose()?))
                }),
                Kind::Provider => {
                    exports::provider::GuestIndices::new(&pre).map(Interface::Provider)
                }
                Kind::Adapter => {
                    exports::adapter::GuestIndices::new(&pre).map(|_| Interface::Adapter)
                }
                Kind::Observer => {
                    exports::observer::GuestIndices::new(&pre).map(Interface::Observer)
                }
                Kind::Memory => exports::memory::GuestIndices::new(&pre).map(|_| Interface::Memory),
            }
            .map_err(invalid)?,
            pre,
        })
    }
}

/// Waits as long as a compilation is waited for. What the whole process used is no less than what one of its threads did.
async fn patience() {
    let begun = Instant::now();
    let used = processor_time(ClockId::ProcessCPUTime);
    while begun.elapsed() < PATIENCE
        || (processor_time(ClockId::ProcessCPUTime).saturating_sub(used) < PATIENCE
            && begun.elapsed() < LONGEST)
    {
        tokio::time::sleep(LOOK).await;
    }
}

/// Names the host's version and the engine's configuration: what was kept under another key does not fit.
pub(super) fn engine_key(engine: &Engine) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}-{:016x}", env!("CARGO_PKG_VERSION"), hasher.finish())
}

/// Tells a module from a component, and both from anything else, by the first eight bytes.
fn check_header(bytes: &[u8]) -> Result<(), PrepareError> {
    match bytes {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Err(PrepareError::CoreModule),
        [0, b'a', b's', b'm', ..] => Ok(()),
        _ => Err(PrepareError::NotWasm),
    }
}

/// Finds the one kind that a component exports, in the contract's version, and whether it offers resources and prompts.
fn kind_of(engine: &Engine, component: &Component) -> Result<(Kind, bool), PrepareError> {
    let ty = component.component_type();
    let instances: Vec<&str> = ty
        .exports(engine)
        .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentInstance(_)))
        .map(|(name, _)| name)
        .collect();
    let ours = instances
        .iter()
        .filter_map(|name| name.strip_prefix(PACKAGE)?.split_once('@'));
    for (_, version) in ours.clone() {
        if version != CONTRACT {
            return Err(PrepareError::OtherVersion {
                found: version.to_owned(),
                ours: CONTRACT,
            });
        }
    }
    let interfaces: Vec<&str> = ours.map(|(interface, _)| interface).collect();
    if !interfaces.contains(&"plugin") {
        return Err(PrepareError::OtherWorld {
            found: if instances.is_empty() {
                "no interface".to_owned()
            } else {
                instances
                    .iter()
                    .take(5)
                    .copied()
                    .collect::<Vec<_>>()
                    .join(", ")
            },
            contract: format!("{PACKAGE}plugin@{CONTRACT}"),
        });
    }
    let kinds: Vec<Kind> = Kind::ALL
        .iter()
        .copied()
        .filter(|kind| interfaces.contains(&kind.name()))
        .collect();
    let context = ["resources", "prompts"].map(|name| interfaces.contains(&name));
    match kinds.as_slice() {
        [Kind::Tool] => match context {
            [true, true] => Ok((Kind::Tool, true)),
            [false, false] => Ok((Kind::Tool, false)),
            [true, false] | [false, true] => Err(PrepareError::HalfContext),
        },
        [kind] if context == [false, false] => Ok((*kind, false)),
        [kind] => Err(PrepareError::Kinds {
            found: format!("{kind} with resources or prompts"),
        }),
        [] => Err(PrepareError::Kinds {
            found: "no kind".to_owned(),
        }),
        several => Err(PrepareError::Kinds {
            found: several
                .iter()
                .map(|kind| kind.name())
                .collect::<Vec<_>>()
                .join(" and "),
        }),
    }
}
