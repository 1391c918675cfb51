//! Components that ask for more than a call may have before their plugin says a word: real plugins, with more modules in them.

use serde_json::json;

use crate::common::{Output, TestEnv, guest};

/// Returns a number as WebAssembly writes it.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}

/// Reads such a number, and says how long it was.
fn read_leb(bytes: &[u8]) -> (usize, usize) {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let seven = |(at, byte): (usize, &u8)| usize::from(byte & 0x7f) << (7 * at);
    let number = bytes[..length].iter().enumerate().map(seven).sum();
    (number, length)
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], leb(content.len()).as_slice(), content].concat()
}

/// Returns a core module of some sections.
fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".as_slice(), &sections.concat()].concat()
}

/// Returns a guest with a module more, that is instantiated so many times before the guest's own code runs.
fn with_module(name: &str, module: &[u8], times: usize) -> Vec<u8> {
    const MODULE: u8 = 1;
    const INSTANCES: u8 = 2;
    let component = guest(name);
    let (mut at, mut modules) = (8, 0);
    while at < component.len() {
        let (size, length) = read_leb(&component[at + 1..]);
        modules += usize::from(component[at] == MODULE);
        at += 1 + length + size;
    }
    let instance = [&[0], leb(modules).as_slice(), &[0]].concat();
    let instances = [leb(times), instance.repeat(times)].concat();
    [
        component.to_vec(),
        section(MODULE, module),
        section(INSTANCES, &instances),
    ]
    .concat()
}

fn tables(elements: usize) -> Vec<u8> {
    module(&[section(
        4,
        &[&[1, 0x70, 0], leb(elements).as_slice()].concat(),
    )])
}

fn memory(pages: usize) -> Vec<u8> {
    module(&[section(5, &[&[1, 0], leb(pages).as_slice()].concat())])
}

/// A module whose start function never ends.
fn spinning() -> Vec<u8> {
    let body = [0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b];
    module(&[
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(8, &[0]),
        section(10, &[&[1, 7], body.as_slice()].concat()),
    ])
}

fn env_of(component: &[u8], yaml: &str) -> TestEnv {
    let env = TestEnv::with_plugins(&["hello"], yaml);
    env.write_bytes(".parac/plugins/spin.wasm", component);
    env
}

fn sleep(env: &TestEnv) -> Output {
    env.run(&["run", "spin__sleep", "ms=1", "--json"])
}

#[test]
pub(crate) fn a_component_with_more_instances_than_its_limit_is_told_which_key() {
    let component = with_module("spin", &module(&[]), 40);
    let env = env_of(&component, "");
    drop(sleep(&env).exits(0));
    let env = env_of(
        &component,
        "plugins: [{name: spin, limits: {instances: 30}}]",
    );
    let document = sleep(&env).exits(5).json();
    let limit = &document["error"]["limit"];
    assert_eq!(limit["name"], "instances", "{document}");
    assert_eq!(limit["value"], 30, "{document}");
    assert_eq!(limit["key"], "instances", "{document}");
}

#[test]
pub(crate) fn a_component_with_more_table_elements_than_its_limit_is_told_which_key() {
    // Each is within the limit; together they are not.
    let env = env_of(
        &with_module("spin", &tables(1000), 10),
        "plugins: [{name: spin, limits: {table_elements: 9000}}]",
    );
    let document = sleep(&env).exits(5).json();
    assert_eq!(
        document["error"]["limit"]["key"], "table_elements",
        "{document}"
    );
    let env = env_of(&with_module("spin", &tables(1000), 10), "");
    drop(sleep(&env).exits(0));
}

#[test]
pub(crate) fn a_component_with_more_memories_than_its_limit_is_told_which_key() {
    // 2 × 20 MiB beside the plugin's own.
    let env = env_of(
        &with_module("spin", &memory(320), 2),
        "plugins: [{name: spin, limits: {memory_mib: 32}}]",
    );
    let document = sleep(&env).exits(5).json();
    assert_eq!(
        document["error"]["limit"]["key"], "memory_mib",
        "{document}"
    );
}

#[test]
pub(crate) fn a_component_that_no_slot_of_the_pool_could_hold_is_not_loaded() {
    for (component, what) in [
        (
            with_module("spin", &module(&[]), 100),
            "core module instances",
        ),
        (with_module("spin", &memory(1), 20), "linear memories"),
        (with_module("spin", &tables(1), 60), "tables"),
        (with_module("spin", &tables(300_000), 1), "table"),
    ] {
        let env = env_of(&component, "");
        sleep(&env)
            .exits(2)
            .says(&["asks for more than a plugin may have", what]);
        // Its neighbour is loaded all the same.
        drop(env.run(&["run", "hello__greet", "name=Ada"]).exits(0));
    }
}

#[test]
pub(crate) fn a_start_function_that_spins_does_not_hold_up_the_others() {
    let env = env_of(&with_module("spin", &spinning(), 1), "");
    drop(env.run(&["run", "hello__greet", "name=Ada"]).exits(0));
    sleep(&env)
        .exits(2)
        .says(&["did not tell its metadata", "time limit"]);
}

#[test]
pub(crate) fn many_calls_of_wide_components_at_once_find_a_slot_each() {
    // More core instances, tables and memories at once than the pool had before it was counted.
    let widest = with_module("spin", &module(&[]), 50);
    let env = env_of(&widest, "plugins: [{name: spin, limits: {calls: 64}}]");
    let mut server = env.mcp();
    server.initialize();
    let calls: Vec<i64> = (0..100)
        .map(|_| server.begin_call("spin__sleep", json!({"ms": 300})))
        .collect();
    for id in calls {
        let reply = server.reply(id);
        assert_eq!(reply["result"]["isError"], json!(false), "{reply}");
    }
    server.close();
}
