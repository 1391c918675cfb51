//! Bindings of a tool plugin, made for the floor alone.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "paracle:plugin/tool-plugin",
    imports: { default: async | trappable },
    exports: { default: async },
});
