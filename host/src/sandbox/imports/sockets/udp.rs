//! `wasi:sockets/udp`: as wasmtime has it, but that sockets have places and their bytes are counted.

use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::sockets::network::{IpAddressFamily, IpSocketAddress, Network};
use wasmtime_wasi::p2::bindings::sockets::udp::{
    self, HostIncomingDatagramStream, HostOutgoingDatagramStream, HostUdpSocket, IncomingDatagram,
    IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream,
};
use wasmtime_wasi::p2::bindings::sockets::udp_create_socket;
use wasmtime_wasi::p2::{SocketError, SocketResult, UdpSocket};
use wasmtime_wasi::sockets::{WasiSocketsCtxView, WasiSocketsView as _};
use wasmtime_wasi_io::poll::DynPollable;

use super::pass::{pass_on, pass_on_waiting};
use crate::sandbox::state::State;

type This = Resource<UdpSocket>;
type Incoming = Resource<IncomingDatagramStream>;
type Outgoing = Resource<OutgoingDatagramStream>;

impl udp_create_socket::Host for State {
    async fn create_udp_socket(&mut self, family: IpAddressFamily) -> SocketResult<This> {
        let place = self.take_place()?;
        let socket =
            udp_create_socket::Host::create_udp_socket(&mut self.sockets(), family).await?;
        self.places.insert(socket.rep(), place);
        Ok(socket)
    }
}

impl udp::Host for State {}

impl HostUdpSocket for State {
    fn drop(&mut self, this: This) -> wasmtime::Result<()> {
        let place = self.places.remove(&this.rep());
        HostUdpSocket::drop(&mut self.sockets(), this)?;
        drop(place);
        Ok(())
    }

    pass_on_waiting! { HostUdpSocket:
        fn start_bind(this: This, network: Resource<Network>, local: IpSocketAddress) -> SocketResult<()>;
        fn stream(this: This, remote: Option<IpSocketAddress>) -> SocketResult<(Incoming, Outgoing)>;
    }

    pass_on! { HostUdpSocket:
        fn finish_bind(this: This) -> SocketResult<()>;
        fn local_address(this: This) -> SocketResult<IpSocketAddress>;
        fn remote_address(this: This) -> SocketResult<IpSocketAddress>;
        fn address_family(this: This) -> wasmtime::Result<IpAddressFamily>;
        fn unicast_hop_limit(this: This) -> SocketResult<u8>;
        fn set_unicast_hop_limit(this: This, value: u8) -> SocketResult<()>;
        fn receive_buffer_size(this: This) -> SocketResult<u64>;
        fn set_receive_buffer_size(this: This, value: u64) -> SocketResult<()>;
        fn send_buffer_size(this: This) -> SocketResult<u64>;
        fn set_send_buffer_size(this: This, value: u64) -> SocketResult<()>;
        fn subscribe(this: This) -> wasmtime::Result<Resource<DynPollable>>;
    }
}

impl HostIncomingDatagramStream for State {
    fn receive(&mut self, this: Incoming, most: u64) -> SocketResult<Vec<IncomingDatagram>> {
        let came = HostIncomingDatagramStream::receive(&mut self.sockets(), this, most)?;
        if let Some(outward) = self.outward() {
            let bytes = came.iter().map(|datagram| datagram.data.len()).sum();
            outward.received(bytes).map_err(SocketError::trap)?;
        }
        Ok(came)
    }

    pass_on! { HostIncomingDatagramStream:
        fn subscribe(this: Incoming) -> wasmtime::Result<Resource<DynPollable>>;
        fn drop(this: Incoming) -> wasmtime::Result<()>;
    }
}

impl HostOutgoingDatagramStream for State {
    fn send(&mut self, this: Outgoing, datagrams: Vec<OutgoingDatagram>) -> SocketResult<u64> {
        let sizes: Vec<usize> = datagrams
            .iter()
            .map(|datagram| datagram.data.len())
            .collect();
        let sent = HostOutgoingDatagramStream::send(&mut self.sockets(), this, datagrams)?;
        if let Some(outward) = self.outward() {
            let sent = usize::try_from(sent).unwrap_or(usize::MAX);
            let bytes = sizes.iter().take(sent).sum();
            outward.sent(bytes).map_err(SocketError::trap)?;
        }
        Ok(sent)
    }

    pass_on_waiting! { HostOutgoingDatagramStream:
        fn drop(this: Outgoing) -> wasmtime::Result<()>;
    }

    pass_on! { HostOutgoingDatagramStream:
        fn check_send(this: Outgoing) -> SocketResult<u64>;
        fn subscribe(this: Outgoing) -> wasmtime::Result<Resource<DynPollable>>;
    }
}
