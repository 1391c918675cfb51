//! What `wit-bindgen` makes of `wit/`: the life cycle and the host's interfaces, then one module a kind of plugin.
//!
//! `life_cycle` owns the shared types and the kinds point back at it, so that a `Message` is one Rust type wherever it
//! appears. Nothing here is written by hand, and nothing but the SDK names this module.

/// Generates one kind's exports over the types of [`life_cycle`].
macro_rules! part {
    ($module:ident $world:literal { $($interface:literal: $types:ident),* }) => {
        pub mod $module {
            wit_bindgen::generate!({
                world: $world,
                path: ["../wit", "wit"],
                pub_export_macro: true,
                additional_derives: [PartialEq],
                with: { $($interface: crate::bindings::life_cycle::paracle::plugin::$types),* },
            });
        }
    };
}

pub mod life_cycle {
    wit_bindgen::generate!({
        world: "paracle:sdk/life-cycle",
        path: ["../wit", "wit"],
        pub_export_macro: true,
        additional_derives: [PartialEq],
        generate_all,
    });
}

part!(tool "paracle:sdk/tool" { "paracle:plugin/types@0.1.0": types, "paracle:plugin/tool-types@0.1.0": tool_types });
part!(context "paracle:sdk/context" {
    "paracle:plugin/types@0.1.0": types,
    "paracle:plugin/tool-types@0.1.0": tool_types,
    "paracle:plugin/context-types@0.1.0": context_types
});
part!(provider "paracle:sdk/provider" { "paracle:plugin/types@0.1.0": types, "paracle:plugin/chat@0.1.0": chat });
part!(adapter "paracle:sdk/adapter" { "paracle:plugin/types@0.1.0": types });
part!(observer "paracle:sdk/observer" { "paracle:plugin/types@0.1.0": types });
part!(memory "paracle:sdk/memory" { "paracle:plugin/types@0.1.0": types, "paracle:plugin/memory-types@0.1.0": memory_types });
