//! Connecting to addresses that were decided, and to no others.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::counted::{Counted, Stream};
use super::error::SendError;
use super::outward::Outward;
use crate::model::{HostPattern, HttpRequest, Scheme};

/// Connects to the first of the addresses that answers. TLS asks for the name that the request has.
pub(super) async fn dial(
    outward: &Outward,
    request: &HttpRequest,
    addresses: &[IpAddr],
) -> Result<(Counted, IpAddr), SendError> {
    let failed = |why: String| SendError::Connect {
        host: request.host.to_string(),
        why,
    };
    let mut reached = None;
    let mut why = "it has no address".to_owned();
    for &address in addresses {
        match TcpStream::connect(SocketAddr::new(address, request.port)).await {
            Ok(stream) => {
                reached = Some((stream, address));
                break;
            }
            Err(error) => {
                if error.kind() == std::io::ErrorKind::PermissionDenied {
                    return Err(SendError::Walled { port: request.port });
                }
                why = error.to_string();
            }
        }
    }
    let (stream, address) = reached.ok_or_else(|| failed(why))?;
    stream
        .set_nodelay(true)
        .map_err(|error| failed(error.to_string()))?;
    let inner: Box<dyn Stream> = match request.scheme {
        Scheme::Http => Box::new(stream),
        Scheme::Https => {
            let connector = TlsConnector::from(outward.machine.tls()?);
            let server = server_name(&request.host).ok_or_else(|| SendError::Url {
                why: format!("{} is no name that a certificate can have", request.host),
            })?;
            let stream = connector.connect(server, stream).await;
            Box::new(stream.map_err(|error| tls_failure(&request.host, &error))?)
        }
    };
    let counted = Counted {
        inner,
        account: Arc::clone(&outward.account),
    };
    Ok((counted, address))
}

fn server_name(host: &HostPattern) -> Option<ServerName<'static>> {
    match host {
        HostPattern::Name(name) => ServerName::try_from(name.clone()).ok(),
        HostPattern::Address(address) => Some(ServerName::IpAddress((*address).into())),
        HostPattern::Any | HostPattern::Below(_) => None,
    }
}

fn tls_failure(host: &HostPattern, error: &io::Error) -> SendError {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    SendError::Tls {
        host: host.to_string(),
        why: error.to_string(),
        certificate: matches!(inner, Some(rustls::Error::InvalidCertificate(_))),
    }
}
