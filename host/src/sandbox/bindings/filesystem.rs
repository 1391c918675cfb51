//! Bindings of `wasi:filesystem`, with resources of our own.

wasmtime::component::bindgen!({
    path: "wit",
    world: "wasi:filesystem/imports",
    imports: { default: async | trappable },
    require_store_data_send: true,
    trappable_error_type: {
        "wasi:filesystem/types.error-code" => crate::sandbox::imports::filesystem::Failure,
    },
    with: {
        "wasi:io/error": wasmtime_wasi_io::bindings::wasi::io::error,
        "wasi:io/streams": wasmtime_wasi_io::bindings::wasi::io::streams,
        "wasi:clocks/wall-clock": wasmtime_wasi::p2::bindings::clocks::wall_clock,
        "wasi:filesystem/types.descriptor": crate::sandbox::imports::filesystem::Descriptor,
        "wasi:filesystem/types.directory-entry-stream": crate::sandbox::imports::filesystem::Entries,
    },
});
