//! `wasi:http`, client only: each request goes through [`network::send`], under what its call was granted.

use std::future::Future;
use std::sync::Arc;

use http::{HeaderName, Request, Response};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

use crate::network::{self, Outward, SendError, Timeouts};
use crate::sandbox::state::State;

/// Whom requests are sent for: the call that runs, if one does.
#[derive(Default)]
pub(in crate::sandbox) struct HttpHooks(Option<Arc<Outward>>);

impl HttpHooks {
    pub(in crate::sandbox) fn set(&mut self, outward: Option<Arc<Outward>>) {
        self.0 = outward;
    }

    pub(in crate::sandbox) const fn outward(&self) -> Option<&Arc<Outward>> {
        self.0.as_ref()
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
        let Some(outward) = self.0.clone() else {
            return Box::new(async { Err(Error::HttpRequestDenied) });
        };
        let asked = options.unwrap_or_default();
        let timeouts = Timeouts::DEFAULT.shortened(
            asked.connect_timeout,
            asked.first_byte_timeout,
            asked.between_bytes_timeout,
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
        error @ (SendError::Header { .. } | SendError::Secret { .. } | SendError::Limit) => {
            Error::InternalError(Some(error.to_string()))
        }
    }
}
