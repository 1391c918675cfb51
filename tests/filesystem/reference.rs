//! The file system that wasmtime brings, on a real directory: what the git tree is compared with.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Instance, Linker, ResourceTable, ResourceType, Val};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::common::guest;

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// Compiles the guest once.
fn prepared() -> &'static (Component, Linker<State>) {
    static PREPARED: OnceLock<(Component, Linker<State>)> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let engine = Engine::default();
        let component = Component::new(&engine, guest("wasi-fs")).unwrap();
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker).unwrap();
        add_rest(&mut linker, &component);
        (component, linker)
    })
}

/// Adds what the contract has beyond WASI: it is imported, and not called.
fn add_rest(linker: &mut Linker<State>, component: &Component) {
    let engine = linker.engine().clone();
    for (name, import) in component.component_type().imports(&engine) {
        let ComponentItem::ComponentInstance(interface) = import.ty else {
            continue;
        };
        if !name.starts_with("paracle:plugin/") {
            continue;
        }
        let mut instance = linker.instance(name).unwrap();
        for (function, export) in interface.exports(&engine) {
            match export.ty {
                ComponentItem::ComponentFunc(_) => instance
                    .func_new(function, |_, _, _, _| {
                        Err(wasmtime::Error::msg("it was not to be called"))
                    })
                    .unwrap(),
                ComponentItem::Resource(_) => instance
                    .resource(function, ResourceType::host::<()>(), |_, _| Ok(()))
                    .unwrap(),
                _ => {}
            }
        }
    }
}

/// Lets the guest work through sequences in a directory, and returns how each step ended.
pub(super) fn steps(directory: &Path, sequences: &str) -> Vec<Vec<String>> {
    let (component, linker) = prepared();
    let mut wasi = WasiCtxBuilder::new();
    wasi.allow_blocking_current_thread(true)
        .preopened_dir(directory, "/workspace", FsPerms::ReadWrite)
        .unwrap();
    let state = State {
        table: ResourceTable::new(),
        wasi: wasi.build(),
    };
    let mut store = Store::new(linker.engine(), state);
    let instance = linker.instantiate(&mut store, component).unwrap();
    let text = |text: &str| Val::String(text.to_owned());
    let begun = call(
        &mut store,
        &instance,
        "plugin",
        "initialize",
        &[text("null")],
    );
    assert!(matches!(begun, Val::Result(Ok(_))), "{begun:?}");
    let context = Val::Record(vec![
        ("call-id".to_owned(), text("01J00000000000000000000000")),
        ("agent-id".to_owned(), Val::Option(None)),
        ("execution-id".to_owned(), Val::Option(None)),
        ("workspace".to_owned(), Val::Option(None)),
        ("config".to_owned(), text("null")),
    ]);
    let arguments = json!({"sequences": sequences}).to_string();
    let arguments = [text("steps"), context, text(&arguments)];
    let answer = call(&mut store, &instance, "tool", "execute", &arguments);
    let Val::Result(Ok(Some(output))) = &answer else {
        panic!("{answer:?}");
    };
    let Val::Record(fields) = output.as_ref() else {
        panic!("{output:?}");
    };
    let structured = fields.iter().find(|(name, _)| name == "structured");
    let Some((_, Val::Option(Some(structured)))) = structured else {
        panic!("{fields:?}");
    };
    let Val::String(structured) = structured.as_ref() else {
        panic!("{structured:?}");
    };
    ended(&serde_json::from_str(structured).unwrap())
}

/// Reads the guest's answer.
pub(super) fn ended(structured: &Value) -> Vec<Vec<String>> {
    serde_json::from_value(structured["ended"].clone()).unwrap()
}

fn call(
    store: &mut Store<State>,
    instance: &Instance,
    interface: &str,
    function: &str,
    arguments: &[Val],
) -> Val {
    let name = format!("paracle:plugin/{interface}@0.1.0");
    let (_, exports) = instance.get_export(&mut *store, None, &name).unwrap();
    let (_, function) = instance
        .get_export(&mut *store, Some(&exports), function)
        .unwrap();
    let function = instance.get_func(&mut *store, function).unwrap();
    let mut results = [Val::Bool(false)];
    function.call(store, arguments, &mut results).unwrap();
    let [result] = results;
    result
}
