//! `wasi:sockets/tcp`: as wasmtime has it, but that sockets have places and their bytes are counted.

use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::sockets::network::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Network,
};
use wasmtime_wasi::p2::bindings::sockets::tcp::{self, HostTcpSocket, ShutdownType};
use wasmtime_wasi::p2::bindings::sockets::tcp_create_socket;
use wasmtime_wasi::p2::pipe::{ClosedInputStream, ClosedOutputStream};
use wasmtime_wasi::p2::{SocketResult, TcpSocket};
use wasmtime_wasi::sockets::{WasiSocketsCtxView, WasiSocketsView as _};
use wasmtime_wasi_io::poll::DynPollable;
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream};

use super::counted::{CountedInput, CountedOutput};
use super::pass::{pass_on, pass_on_waiting};
use crate::sandbox::state::State;

type This = Resource<TcpSocket>;

impl tcp_create_socket::Host for State {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> SocketResult<This> {
        let place = self.take_place()?;
        let socket = tcp_create_socket::Host::create_tcp_socket(&mut self.sockets(), family)?;
        self.places.insert(socket.rep(), place);
        Ok(socket)
    }
}

impl tcp::Host for State {}

impl HostTcpSocket for State {
    fn finish_connect(
        &mut self,
        this: This,
    ) -> SocketResult<(Resource<DynInputStream>, Resource<DynOutputStream>)> {
        let Some(outward) = self.outward().cloned() else {
            return Err(ErrorCode::AccessDenied.into());
        };
        let (input, output) = HostTcpSocket::finish_connect(&mut self.sockets(), this)?;
        let stream = self.table.get_mut(&input)?;
        let inner = std::mem::replace(stream, Box::new(ClosedInputStream));
        *stream = Box::new(CountedInput {
            inner,
            outward: outward.clone(),
        });
        let stream = self.table.get_mut(&output)?;
        let inner = std::mem::replace(stream, Box::new(ClosedOutputStream));
        *stream = Box::new(CountedOutput { inner, outward });
        Ok((input, output))
    }

    fn drop(&mut self, this: This) -> wasmtime::Result<()> {
        let place = self.places.remove(&this.rep());
        HostTcpSocket::drop(&mut self.sockets(), this)?;
        drop(place);
        Ok(())
    }

    pass_on_waiting! { HostTcpSocket:
        fn start_bind(this: This, network: Resource<Network>, local: IpSocketAddress) -> SocketResult<()>;
        fn start_listen(this: This) -> SocketResult<()>;
    }

    pass_on! { HostTcpSocket:
        fn finish_bind(this: This) -> SocketResult<()>;
        fn start_connect(this: This, network: Resource<Network>, remote: IpSocketAddress) -> SocketResult<()>;
        fn finish_listen(this: This) -> SocketResult<()>;
        fn accept(this: This) -> SocketResult<(This, Resource<DynInputStream>, Resource<DynOutputStream>)>;
        fn local_address(this: This) -> SocketResult<IpSocketAddress>;
        fn remote_address(this: This) -> SocketResult<IpSocketAddress>;
        fn is_listening(this: This) -> wasmtime::Result<bool>;
        fn address_family(this: This) -> wasmtime::Result<IpAddressFamily>;
        fn set_listen_backlog_size(this: This, value: u64) -> SocketResult<()>;
        fn keep_alive_enabled(this: This) -> SocketResult<bool>;
        fn set_keep_alive_enabled(this: This, value: bool) -> SocketResult<()>;
        fn keep_alive_idle_time(this: This) -> SocketResult<u64>;
        fn set_keep_alive_idle_time(this: This, value: u64) -> SocketResult<()>;
        fn keep_alive_interval(this: This) -> SocketResult<u64>;
        fn set_keep_alive_interval(this: This, value: u64) -> SocketResult<()>;
        fn keep_alive_count(this: This) -> SocketResult<u32>;
        fn set_keep_alive_count(this: This, value: u32) -> SocketResult<()>;
        fn hop_limit(this: This) -> SocketResult<u8>;
        fn set_hop_limit(this: This, value: u8) -> SocketResult<()>;
        fn receive_buffer_size(this: This) -> SocketResult<u64>;
        fn set_receive_buffer_size(this: This, value: u64) -> SocketResult<()>;
        fn send_buffer_size(this: This) -> SocketResult<u64>;
        fn set_send_buffer_size(this: This, value: u64) -> SocketResult<()>;
        fn subscribe(this: This) -> wasmtime::Result<Resource<DynPollable>>;
        fn shutdown(this: This, how: ShutdownType) -> SocketResult<()>;
    }
}
