//! The engine: one a process, shared by all plugins.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use wasmtime::component::Linker;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
};

use super::cache::Cache;
use super::error::{PrepareError, one_line};
use super::gate::Gate;
use super::live::LiveInstances;
use super::prepare::PreparedComponents;
use super::state::State;
use super::turns::Turns;
use super::{imports, prepare};
use crate::model::{LimitName, UserKey};
use crate::network::Machine;
use crate::observe::Sink;

/// The version of `paracle:plugin` that this host speaks.
pub const CONTRACT: &str = "0.1.0";

/// How often running guests look whether they should yield. Shorter stops a spinning guest sooner and costs all of
/// them a little more.
const TICK: Duration = Duration::from_millis(1);

/// Calls that run at once; more wait their turn. Calls inside calls are not counted, so that they cannot starve.
pub(super) const CALLS: u32 = most(LimitName::Calls);

/// Calls that wait for an answer without a turn. Each keeps its instances: more would need more pooled slots.
pub(super) const WAITING: u32 = 48;

/// Instances that live on between calls, and those that are asked beside the calls: for their metadata, their health.
pub(super) const LIVE: u32 = 128;
pub(super) const ASKED: u32 = 16;

/// Pool slots: each call may hold one instance a level of nesting. Whoever takes a slot has a permit for it, and each slot has
/// room for the largest component that is let in, so that the pool is never what a call fails of.
const SLOTS: u32 = (CALLS + WAITING) * (most(LimitName::Depth) + 1) + LIVE + ASKED;

/// What one component may have: core instances, and tables and memories of all of them.
const INSTANCES: u32 = most(LimitName::Instances);
pub(super) const TABLES: u32 = 32;
pub(super) const MEMORIES: u32 = 4;

const fn most(name: LimitName) -> u32 {
    let most = name.spec().most;
    assert!(most <= u32::MAX as u64, "the pool counts in 32 bits");
    #[expect(clippy::cast_possible_truncation, reason = "asserted above")]
    let most = most as u32;
    most
}

/// Memory that a slot keeps between calls instead of giving it back to the kernel page by page.
const KEEP_MEMORY: usize = 1 << 20;
const KEEP_TABLE: usize = 64 << 10;

/// Runs plugins.
pub struct Sandbox {
    pub(super) engine: Engine,
    pub(super) linker: Linker<State>,
    pub(super) prepared: PreparedComponents,
    pub(super) live: LiveInstances,
    pub(super) sink: Sink,
    pub(super) turns: Turns,
    pub(super) asked: Semaphore,
    pub(super) gate: Gate,
    pub(super) machine: Arc<Machine>,
    pub(super) ticker: Ticker,
}

impl Sandbox {
    /// Sets the engine up; compiled code is kept below `cache`, and trusted by the person's key. Without a key, none is kept.
    pub fn new(cache: &Path, key: Option<&UserKey>, sink: Sink) -> Result<Self, PrepareError> {
        let failed = |error: wasmtime::Error| PrepareError::Engine {
            reason: one_line(&error),
        };
        let engine = Engine::new(&config()).map_err(failed)?;
        let mut linker = Linker::new(&engine);
        imports::add_to_linker(&mut linker).map_err(failed)?;
        let prepared =
            PreparedComponents::new(Cache::open(cache, &prepare::engine_key(&engine), key));
        Ok(Self {
            ticker: Ticker::start(&engine),
            engine,
            linker,
            prepared,
            live: LiveInstances::default(),
            sink,
            turns: Turns::new(),
            asked: Semaphore::new(ASKED as usize),
            gate: Gate::new(),
            machine: Arc::default(),
        })
    }

    /// Reaches the network with what the machine has: its secrets, and the certificates that it trusts.
    #[must_use]
    pub fn with_machine(self, machine: Machine) -> Self {
        Self {
            machine: Arc::new(machine),
            ..self
        }
    }
}

/// Tells whether the kernel can say which pages of a memory a call has touched, so that only those are cleared after it.
pub fn scans_pages() -> bool {
    PoolingAllocationConfig::is_pagemap_scan_available()
}

fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS)
        .total_core_instances(SLOTS * INSTANCES)
        .total_memories(SLOTS * MEMORIES)
        .total_tables(SLOTS * TABLES)
        .total_stacks(SLOTS)
        .max_core_instances_per_component(INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .table_elements(most(LimitName::Tables) as usize)
        .max_memory_size((most(LimitName::Memory) as usize) << 20)
        .linear_memory_keep_resident(KEEP_MEMORY)
        .table_keep_resident(KEEP_TABLE)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_backtrace_max_frames(None);
    config
}

/// Moves the engine's epoch on while calls run, and sleeps otherwise: an idle host uses no processor time.
#[derive(Clone)]
pub(super) struct Ticker {
    running: Arc<AtomicUsize>,
    thread: Arc<std::thread::Thread>,
}

impl Ticker {
    fn start(engine: &Engine) -> Self {
        let running = Arc::new(AtomicUsize::new(0));
        let engine = engine.weak();
        let handle = std::thread::spawn({
            let running = running.clone();
            move || {
                while let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    if running.load(Ordering::Acquire) == 0 {
                        // Long enough to cost nothing, short enough to see that the engine is gone.
                        std::thread::park_timeout(Duration::from_secs(1));
                    } else {
                        std::thread::sleep(TICK);
                    }
                }
            }
        });
        Self {
            running,
            thread: Arc::new(handle.thread().clone()),
        }
    }

    /// Keeps the epoch moving as long as the guard lives.
    pub(super) fn run(&self) -> Running {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
        Running(self.running.clone())
    }
}

/// A call that runs.
pub(super) struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
