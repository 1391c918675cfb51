//! The one macro that a plugin needs.

/// Exports a plugin: once in its crate, beside the types it names.
///
/// ```text
/// paracle_plugin_sdk::export!(tools: [Read, Write]);                  // tools that need no more than their arguments
/// paracle_plugin_sdk::export!(tools: [Read, Write], plugin: Files);   // tools of a `Plugin`: grants, config, state
/// paracle_plugin_sdk::export!(tools: [Add], plugin: Notes, context);   // the same, with resources and prompts
/// paracle_plugin_sdk::export!(provider: Scripted);
/// paracle_plugin_sdk::export!(adapter: React);
/// paracle_plugin_sdk::export!(observer: Counter);
/// paracle_plugin_sdk::export!(memory: Notes);
/// ```
///
/// A type that does not implement the trait of its kind does not compile:
///
/// ```compile_fail,E0277
/// struct Nothing;
/// paracle_plugin_sdk::export!(observer: Nothing);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export {
    (tools: [$($tool:ty),+ $(,)?]) => {
        $crate::export!(tools: [$($tool),+], plugin: ());
    };
    (tools: [$($tool:ty),+ $(,)?], plugin: $plugin:ty $(,)?) => {
        $crate::export!(@tools [$($tool),+] $plugin {});
    };
    (tools: [$($tool:ty),* $(,)?], plugin: $plugin:ty, context $(,)?) => {
        $crate::export!(@tools [$($tool),*] $plugin {
            type Offered = $crate::export::Guest<Hosted>;
            $crate::bindings::context::export!(Offered with_types_in $crate::bindings::context);
        });
    };
    (@tools [$($tool:ty),*] $plugin:ty { $($more:tt)* }) => {
        $crate::export!(@kind tool Tool $plugin {
            impl $crate::export::HostedTools for Hosted {
                const TOOLS: &'static [$crate::export::Entry<$plugin>] =
                    &[$($crate::export::Entry::<$plugin>::of::<$tool>()),*];
            }

            $($more)*
        });
    };
    (provider: $plugin:ty $(,)?) => { $crate::export!(@kind provider Provider $plugin {}); };
    (adapter: $plugin:ty $(,)?) => { $crate::export!(@kind adapter Adapter $plugin {}); };
    (observer: $plugin:ty $(,)?) => { $crate::export!(@kind observer Observer $plugin {}); };
    (memory: $plugin:ty $(,)?) => { $crate::export!(@kind memory Memory $plugin {}); };
    (@kind $part:ident $kind:ident $plugin:ty { $($more:tt)* }) => {
        const _: () = {
            struct Hosted;

            impl $crate::export::Hosted for Hosted {
                type Plugin = $plugin;
                const PACKAGE: $crate::export::Package = $crate::export::Package {
                    name: ::core::env!("CARGO_PKG_NAME"),
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    description: ::core::env!("CARGO_PKG_DESCRIPTION"),
                    authors: ::core::env!("CARGO_PKG_AUTHORS"),
                    homepage: ::core::env!("CARGO_PKG_HOMEPAGE"),
                    license: ::core::env!("CARGO_PKG_LICENSE"),
                };
                const KIND: $crate::export::Kind = $crate::export::Kind::$kind;

                fn slot() -> &'static $crate::export::Slot<$plugin> {
                    ::std::thread_local! {
                        static SLOT: ::core::cell::RefCell<::core::option::Option<$plugin>> =
                            const { ::core::cell::RefCell::new(::core::option::Option::None) };
                    }
                    &SLOT
                }
            }

            $($more)*

            type Exported = $crate::export::Guest<Hosted>;
            $crate::bindings::life_cycle::export!(Exported with_types_in $crate::bindings::life_cycle);
            $crate::bindings::$part::export!(Exported with_types_in $crate::bindings::$part);
        };
    };
}
