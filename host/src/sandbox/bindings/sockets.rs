//! Bindings of `wasi:sockets/ip-name-lookup`, answered by the host's own decision.

wasmtime::component::bindgen!({
    path: "wit",
    world: "wasi:sockets/imports",
    imports: { default: async | trappable },
    require_store_data_send: true,
    with: {
        "wasi:io/poll": wasmtime_wasi_io::bindings::wasi::io::poll,
        "wasi:sockets/network": crate::sandbox::bindings::sockets::network,
        "wasi:sockets/ip-name-lookup.resolve-address-stream": crate::sandbox::imports::sockets::Found,
    },
});

#[expect(
    dead_code,
    unreachable_pub,
    reason = "what the generated code names and nobody calls"
)]
/// The types of `wasi:sockets/network`, which wasmtime-wasi links under options that are not stable.
pub mod network {
    pub use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress, Network};

    /// Nothing is asked of whoever holds them.
    pub trait Host {}
    impl<T> Host for T {}
    /// The same, for what needs the store.
    pub trait HostWithStore<T> {}
    impl<T, D> HostWithStore<T> for D {}

    /// They are linked with the other interfaces of `wasi:sockets`.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the shape of what stands here otherwise"
    )]
    pub fn add_to_linker<T, D>(
        _linker: &mut wasmtime::component::Linker<T>,
        _host: impl Fn(&mut T) -> D::Data<'_>,
    ) -> wasmtime::Result<()>
    where
        D: wasmtime::component::HasData,
        T: 'static,
    {
        Ok(())
    }
}
