//! Wasmtime as the host sets it up, with nothing of the host around it.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Store,
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::bindings::paracle::plugin::tool_types::{Context, Output, ToolError};
use super::bindings::{ToolPlugin, ToolPluginPre};
use crate::Failure;

/// Memory that a slot keeps between instances; the same as in `host/src/sandbox/engine.rs`, like the rest here.
const KEEP_MEMORY: usize = 1 << 20;
const KEEP_TABLE: usize = 64 << 10;

/// Room for the few instances that a bench has.
const SLOTS: u32 = 64;

/// A tool plugin in bare wasmtime.
pub struct Bare {
    engine: Engine,
    plugin: ToolPluginPre<State>,
}

/// An initialised instance of it.
pub struct BareInstance {
    store: Store<State>,
    plugin: ToolPlugin,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl Bare {
    /// Compiles and links a component: WASI works, the host's own interfaces trap, because what is measured calls none.
    pub fn new(component: &[u8]) -> Result<Self, Failure> {
        let engine = Engine::new(&config())?;
        let component = Component::from_binary(&engine, component)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        trap_own_interfaces(&engine, &component, &mut linker)?;
        let plugin = ToolPluginPre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, plugin })
    }

    /// Instantiates and initialises it, in a store of its own.
    pub async fn start(&self) -> Result<BareInstance, Failure> {
        let state = State {
            wasi: WasiCtx::builder().build(),
            table: ResourceTable::new(),
        };
        let mut store = Store::new(&self.engine, state);
        // Nobody moves the epoch on here; the checks for it are in the code all the same.
        store.set_epoch_deadline(u64::MAX >> 1);
        let plugin = self.plugin.instantiate_async(&mut store).await?;
        let life_cycle = plugin.paracle_plugin_plugin();
        life_cycle
            .call_initialize(&mut store, &"{}".to_owned())
            .await?
            .map_err(|error| format!("the plugin did not start: {error:?}"))?;
        Ok(BareInstance { store, plugin })
    }
}

impl BareInstance {
    /// Calls a tool.
    pub async fn execute(&mut self, tool: &str, arguments: &str) -> Result<Output, Failure> {
        let context = Context {
            call_id: String::new(),
            agent_id: None,
            execution_id: None,
            workspace: None,
            config: "{}".to_owned(),
        };
        let guest = self.plugin.paracle_plugin_tool();
        let reply = guest
            .call_execute(&mut self.store, tool, &context, &arguments.to_owned())
            .await?;
        reply.map_err(|error: ToolError| format!("the tool failed: {error:?}").into())
    }
}

/// Defines the host's own interfaces, which have no resources: wasmtime's way to do this for all that is unknown defines resources
/// again that an interface of WASI only names.
fn trap_own_interfaces(
    engine: &Engine,
    component: &Component,
    linker: &mut Linker<State>,
) -> Result<(), Failure> {
    for (name, import) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(interface) = import.ty else {
            continue;
        };
        if !name.starts_with("paracle:") {
            continue;
        }
        let mut instance = linker.instance(name)?;
        for (function, export) in interface.exports(engine) {
            if matches!(export.ty, ComponentItem::ComponentFunc(_)) {
                instance.func_new(function, |_, _, _, _| {
                    Err(wasmtime::Error::msg("the floor has no host"))
                })?;
            }
        }
    }
    Ok(())
}

fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS)
        .total_core_instances(SLOTS * 8)
        .total_memories(SLOTS * 2)
        .total_tables(SLOTS * 8)
        .total_stacks(SLOTS)
        .max_core_instances_per_component(64)
        .max_memories_per_component(8)
        .max_tables_per_component(64)
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
