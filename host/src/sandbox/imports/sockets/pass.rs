//! What of `wasi:sockets` is wasmtime's own, as it is.

/// Passes functions of an interface on to wasmtime's own. Written out, so that one that comes with a new version is not
/// passed on unseen: it does not compile.
macro_rules! pass_on {
    ($interface:path: $(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {$(
        fn $name(&mut self, $($argument: $type),*) -> $answer {
            <WasiSocketsCtxView<'_> as $interface>::$name(&mut self.sockets(), $($argument),*)
        }
    )*};
}

/// The same, for functions that wait.
macro_rules! pass_on_waiting {
    ($interface:path: $(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {$(
        async fn $name(&mut self, $($argument: $type),*) -> $answer {
            <WasiSocketsCtxView<'_> as $interface>::$name(&mut self.sockets(), $($argument),*).await
        }
    )*};
}

pub(super) use {pass_on, pass_on_waiting};
