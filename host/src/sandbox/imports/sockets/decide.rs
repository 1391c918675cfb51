//! Which sockets a call has at all, and which addresses they may be used with.

use std::net::SocketAddr;
use std::sync::Arc;

use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::sockets::SocketAddrUse;

use crate::model::Protocol;
use crate::network::Outward;

/// Opens sockets towards what was granted; false where nothing was.
pub(in crate::sandbox) fn open(builder: &mut WasiCtxBuilder, outward: &Arc<Outward>) -> bool {
    let tcp = outward.has_sockets(Protocol::Tcp);
    let udp = outward.has_sockets(Protocol::Udp);
    let outward = outward.clone();
    builder
        .allow_tcp(tcp)
        .allow_udp(udp)
        .socket_addr_check(move |address, purpose| {
            let allowed = allows(&outward, address, purpose);
            Box::pin(async move { allowed })
        });
    tcp || udp
}

fn allows(outward: &Outward, address: SocketAddr, purpose: SocketAddrUse) -> bool {
    match purpose {
        SocketAddrUse::TcpConnect => outward.may_connect(Protocol::Tcp, address),
        SocketAddrUse::UdpSend => outward.may_connect(Protocol::Udp, address),
        // What comes from elsewhere is dropped, and is nobody's request.
        SocketAddrUse::UdpReceive => outward.has_reached(address),
        // A socket has some address of its own; the system chooses it.
        SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => {
            address.ip().is_unspecified() && address.port() == 0
        }
        SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => false,
    }
}
