//! A request's body, taken whole before anything is done with it: who sends it in drops holds up nobody.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::reply::{Reply, text};

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes a body of at most so many bytes.
pub(super) async fn whole(
    request: Request<Incoming>,
    most: usize,
) -> Result<Request<Full<Bytes>>, Reply> {
    let (head, body) = request.into_parts();
    let taken = tokio::time::timeout(PATIENCE, Limited::new(body, most).collect()).await;
    match taken {
        Ok(Ok(body)) => Ok(Request::from_parts(head, Full::new(body.to_bytes()))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the request is larger than `body_kib` of mcp.yaml lets one be\n",
        )),
        Ok(Err(_)) => Err(text(
            StatusCode::BAD_REQUEST,
            "the request's body ended before its end\n",
        )),
        Err(_) => Err(text(
            StatusCode::REQUEST_TIMEOUT,
            "the request's body took longer than 30 seconds\n",
        )),
    }
}
