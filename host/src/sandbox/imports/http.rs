//! `wasi:http`, client only: each request goes through [`network::send`], under what its call was granted.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, Request, Response};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

use super::Callbacks;
use crate::model::{Breach, Grant, LimitName};
use crate::network::{self, Machine, Outward, Oversight, SendError, Timeouts};
use crate::observe::{HttpEnd, HttpTold, Sink, SocketTold};
use crate::policy::Standing;
use crate::sandbox::account::Account;
use crate::sandbox::state::State;

/// What a call may reach, before it is known whether it reaches for anything: most calls do not.
#[derive(Clone)]
pub(in crate::sandbox) struct Reach {
    pub(in crate::sandbox) machine: Arc<Machine>,
    pub(in crate::sandbox) standing: Arc<Standing>,
    pub(in crate::sandbox) account: Account,
    pub(in crate::sandbox) callbacks: Arc<dyn Callbacks>,
    pub(in crate::sandbox) sink: Sink,
}

impl Reach {
    fn outward(&self) -> Arc<Outward> {
        let plugin = self.standing.plugin().info.name.as_str();
        let machine = self.machine.clone();
        let oversight = Arc::new(self.clone());
        Arc::new(Outward::new(
            plugin,
            self.standing.grant(),
            machine,
            oversight,
        ))
    }

    /// Tells whether the call may open sockets, which are made with the instance.
    pub(in crate::sandbox) fn has_sockets(&self) -> bool {
        !self.standing.grant().sockets.is_empty()
    }
}

impl Oversight for Reach {
    fn count(&self, name: LimitName, more: u64) -> Result<(), Breach> {
        self.account.count(name, more)
    }

    fn refused(&self, need: Grant) {
        // The refusal is remembered; what the guest is told of it is wasi:http's to say.
        drop(self.callbacks.refuse(need));
    }

    fn told(&self, request: &HttpTold, end: &HttpEnd) {
        self.sink.http(self.callbacks.origin(), request, end);
    }

    fn told_socket(&self, socket: &SocketTold, refused: Option<&str>) {
        self.sink.socket(self.callbacks.origin(), socket, refused);
    }
}

/// Whom requests are sent for: the call that runs, if one does. With it ends whatever it has open.
#[derive(Default)]
pub(in crate::sandbox) struct HttpHooks {
    reach: Option<Reach>,
    made: Option<Arc<Outward>>,
}

impl HttpHooks {
    pub(in crate::sandbox) fn set(&mut self, reach: Option<Reach>) {
        self.end();
        self.reach = reach;
    }

    /// Returns the way out of the call that runs; none while no call does.
    pub(in crate::sandbox) fn outward(&mut self) -> Option<&Arc<Outward>> {
        let reach = self.reach.as_ref()?;
        Some(self.made.get_or_insert_with(|| reach.outward()))
    }

    fn end(&mut self) {
        if let Some(made) = self.made.take() {
            made.end();
        }
    }
}

impl Drop for HttpHooks {
    fn drop(&mut self) {
        self.end();
    }
}

/// What carries a connection while its answer is read.
type Driver = Box<dyn Future<Output = Result<(), Error>> + Send>;
/// An answer, or why there is none.
type Sent = Box<dyn Future<Output = Result<(Response<WasiBody>, Driver), Error>> + Send>;

impl WasiHttpHooks for HttpHooks {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name: &HeaderName| network::forbidden(name))
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Driver,
    ) -> Sent {
        let Some(outward) = self.outward().cloned() else {
            return Box::new(async { Err(Error::HttpRequestDenied) });
        };
        let asked = options.unwrap_or_default();
        let call = self.reach.as_ref().map_or(Duration::ZERO, |reach| {
            Duration::from_millis(reach.account.limits().get(LimitName::Time))
        });
        let timeouts = Timeouts::DEFAULT.asked(
            asked.connect_timeout,
            asked.first_byte_timeout,
            asked.between_bytes_timeout,
            call,
        );
        Box::new(async move {
            let answered = network::send(outward, request, timeouts).await;
            let answered = answered.map_err(said)?;
            let response = answered
                .response
                .map(|body| body.map_err(said).boxed_unsync());
            let driver: Driver = Box::new(async move {
                answered.driver.await;
                Ok(())
            });
            Ok((response, driver))
        })
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// Says an error in wasi:http's words.
fn said(error: SendError) -> Error {
    match error {
        SendError::Denied => Error::HttpRequestDenied,
        SendError::Prohibited { .. } => Error::DestinationIpProhibited,
        SendError::Url { .. } => Error::HttpRequestUriInvalid,
        SendError::Method { .. } => Error::HttpRequestMethodInvalid,
        SendError::Lookup { .. } => Error::DnsError {
            rcode: None,
            info_code: None,
        },
        SendError::Connect { .. } => Error::ConnectionRefused,
        SendError::ConnectTimeout => Error::ConnectionTimeout,
        SendError::Crowded { .. } => Error::ConnectionLimitReached,
        SendError::Tls {
            certificate: true, ..
        } => Error::TlsCertificateError,
        SendError::Tls { .. } => Error::TlsProtocolError,
        SendError::AnswerTimeout | SendError::BodyTimeout => Error::ConnectionReadTimeout,
        SendError::Encoding { encoding } => Error::HttpResponseContentCoding(Some(encoding)),
        SendError::Ended => Error::ConnectionTerminated,
        SendError::Protocol { .. } => Error::HttpProtocolError,
        error @ (SendError::Header { .. }
        | SendError::Secret { .. }
        | SendError::Walled { .. }
        | SendError::Limit) => Error::InternalError(Some(error.to_string())),
    }
}
