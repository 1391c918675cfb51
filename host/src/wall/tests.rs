//! What can be seen without giving the tests' own process up.

use super::{Plan, WallError, raise};

#[test]
fn a_wall_is_not_claimed_where_a_thread_would_stay_outside() {
    // One more than this, whichever thread the test runs on.
    let (end, wait) = std::sync::mpsc::channel::<()>();
    let other = std::thread::spawn(move || wait.recv().is_err());
    let raised = raise(&Plan::default());
    assert!(
        matches!(raised, Err(WallError::Threads { others }) if others >= 1),
        "{raised:?}"
    );
    drop(end);
    assert!(other.join().unwrap());
}
