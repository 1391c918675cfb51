//! What a guest may call: WASI 0.2 and the host's own interfaces.
//!
//! Everything is linked for everyone, so that each guest starts; what was not granted answers with the typed refusal.

mod calls;
pub(super) mod filesystem;
mod http;
mod output;
mod person;
pub(super) mod sockets;

use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::p2::bindings::{cli, random, sockets as wasi_sockets};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};

pub use calls::{AskFailure, Callbacks};
pub(super) use filesystem::{Listed, SharedTree};
pub(super) use http::{HttpHooks, Reach};
pub(super) use output::GuestOutput;

use super::bindings;
use super::state::State;

/// Links every interface of the contract.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    add_wasi(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    bindings::imports::log::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::progress::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::changes::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::ask::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::completions::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::tools::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::memory::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::secrets::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::chat::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::tool_types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::context_types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::imports::memory_types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

/// Links WASI 0.2 as wasmtime-wasi has it, but for the file system, which is ours.
fn add_wasi(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(linker)?;
    random::insecure::add_to_linker::<_, WasiRandom>(linker, State::random)?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(linker, State::random)?;
    cli::exit::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::environment::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    // Sockets are there; the context refuses every address that was not granted.
    let options = wasi_sockets::network::LinkOptions::default();
    wasi_sockets::tcp::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wasi_sockets::udp::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wasi_sockets::tcp_create_socket::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wasi_sockets::udp_create_socket::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wasi_sockets::instance_network::add_to_linker::<_, WasiSockets>(linker, State::sockets)?;
    wasi_sockets::network::add_to_linker::<_, HasSelf<_>>(linker, &options, |state| state)?;
    bindings::ip_name_lookup::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    bindings::preopens::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}
