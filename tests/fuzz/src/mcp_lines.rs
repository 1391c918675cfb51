//! Lines of a client: whatever they are, they are read to the end, and nothing comes through before the first request.

use paracle_host::mcp::{Received, receive_all};

/// Reads the bytes as the server reads its input.
pub fn check(data: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime without threads");
    let received = runtime.block_on(receive_all(data));
    let lines = data.split(|&byte| byte == b'\n').count();
    // A line is one message at the most: a guest's text inside of one does not become another.
    assert!(
        received.len() <= lines,
        "{} of {lines} lines",
        received.len()
    );
    if let Some(first) = received.first() {
        assert_eq!(*first, Received::Request);
    }
}
