//! `wasi:sockets/ip-name-lookup`: looking granted names up. And `network`, which stands for no authority here.

use std::net::IpAddr;

use wasmtime::component::Resource;
use wasmtime_wasi::p2::SocketError;
use wasmtime_wasi::p2::bindings::sockets::network::{
    self, ErrorCode, HostNetwork, IpAddress, Network,
};
use wasmtime_wasi::sockets::{WasiSocketsCtxView, WasiSocketsView as _};
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use super::pass::pass_on;
use crate::sandbox::bindings::ip_name_lookup;
use crate::sandbox::state::State;

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

impl HostNetwork for State {
    pass_on! { HostNetwork:
        fn drop(this: Resource<Network>) -> wasmtime::Result<()>;
    }
}

impl network::Host for State {
    pass_on! { network::Host:
        fn convert_error_code(error: SocketError) -> wasmtime::Result<ErrorCode>;
        fn network_error_code(error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>>;
    }
}
