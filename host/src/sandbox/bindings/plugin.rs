//! Bindings of `paracle:plugin`.

wasmtime::component::bindgen!({
    path: "../wit",
    inline: "
        package paracle:host;
        world any {
            include paracle:plugin/host-interfaces@0.1.0;
            import paracle:plugin/memory@0.1.0;
            export paracle:plugin/plugin@0.1.0;
            export paracle:plugin/tool@0.1.0;
            export paracle:plugin/resources@0.1.0;
            export paracle:plugin/prompts@0.1.0;
            export paracle:plugin/provider@0.1.0;
            export paracle:plugin/adapter@0.1.0;
            export paracle:plugin/observer@0.1.0;
            export paracle:plugin/memory@0.1.0;
        }
    ",
    imports: { default: async | trappable },
    exports: { default: async },
});
