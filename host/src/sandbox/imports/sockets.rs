//! `wasi:sockets`: connecting to granted addresses, and looking granted names up. Nobody listens.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use wasmtime::component::Resource;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress, Network};
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use crate::model::Protocol;
use crate::network::Outward;
use crate::sandbox::bindings::ip_name_lookup;
use crate::sandbox::state::State;

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

/// The addresses of a name that are still to be told.
#[expect(unreachable_pub, reason = "generated bindings re-export it")]
pub struct Found(std::vec::IntoIter<IpAddr>);

#[wasmtime_wasi::async_trait]
impl Pollable for Found {
    // They are all there: the lookup was waited for.
    async fn ready(&mut self) {}
}

impl ip_name_lookup::Host for State {
    async fn resolve_addresses(
        &mut self,
        _network: Resource<Network>,
        name: String,
    ) -> wasmtime::Result<Result<Resource<Found>, ErrorCode>> {
        let Some(outward) = self.outward().cloned() else {
            return Ok(Err(ErrorCode::AccessDenied));
        };
        // An address is its own.
        let found = match name.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => match outward.look_up(&name).await {
                Ok(found) => found,
                Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                    return Ok(Err(ErrorCode::AccessDenied));
                }
                Err(_) => return Ok(Err(ErrorCode::NameUnresolvable)),
            },
        };
        Ok(Ok(self.table.push(Found(found.into_iter()))?))
    }
}

impl ip_name_lookup::HostResolveAddressStream for State {
    async fn resolve_next_address(
        &mut self,
        stream: Resource<Found>,
    ) -> wasmtime::Result<Result<Option<IpAddress>, ErrorCode>> {
        let address = self.table.get_mut(&stream)?.0.next();
        Ok(Ok(address.map(|address| address.to_canonical().into())))
    }

    async fn subscribe(
        &mut self,
        stream: Resource<Found>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        subscribe(&mut self.table, stream)
    }

    async fn drop(&mut self, stream: Resource<Found>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}
