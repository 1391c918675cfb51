//! The promises of the store.

use super::*;
use crate::grants::By;
use crate::model::{Access, Digest};
use crate::private::PrivateError;

struct Fixture {
    _folder: tempfile::TempDir,
    grants: Grants,
    now: Subject,
    execution: ExecutionId,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            grants: Grants::new(&folder.path().join("own"), Path::new("/repository")),
            now: Subject {
                plugin: "web".parse().unwrap(),
                digest: Digest::of(b"web"),
                config: Digest::of(b"{}"),
            },
            execution: ExecutionId::generate(),
            _folder: folder,
        }
    }

    fn give(&self, id: &str, scope: Scope) {
        let grant = "{workspace: read-only, network: ['https://a.b']}";
        let grant: Grant = serde_saphyr::from_str(grant).unwrap();
        self.grants
            .add(Given {
                id: id.to_owned(),
                plugin: self.now.plugin.clone(),
                digest: self.now.digest,
                config: Some(self.now.config),
                grant,
                scope,
                by: By::Command,
                at: jiff::Timestamp::now(),
            })
            .unwrap();
    }

    fn has(&self) -> bool {
        !self.given().is_empty()
    }

    fn given(&self) -> Grant {
        self.grants.take(&self.now, &self.execution).unwrap().given
    }

    /// Returns a store of its own, which has a memory of its own, as another process has.
    fn another(&self) -> Grants {
        let path = self.grants.path();
        let own = path.parent().unwrap().parent().unwrap();
        Grants::new(own, Path::new("/repository"))
    }
}

#[test]
fn what_is_granted_once_is_used_up_by_one_call() {
    let fixture = Fixture::new();
    fixture.give("1", Scope::Once);
    assert!(fixture.has());
    assert!(!fixture.has());
}

#[test]
fn once_is_once_however_many_processes_take_it() {
    let fixture = Fixture::new();
    fixture.give("1", Scope::Once);
    let taken: usize = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..8)
            .map(|_| {
                let grants = fixture.another();
                let fixture = &fixture;
                scope.spawn(move || {
                    let force = grants.take(&fixture.now, &fixture.execution).unwrap();
                    usize::from(!force.given.is_empty())
                })
            })
            .collect();
        takers.into_iter().map(|taker| taker.join().unwrap()).sum()
    });
    assert_eq!(taken, 1);
}

#[test]
fn a_grant_ends_at_its_time_with_its_execution_or_when_it_is_revoked() {
    let fixture = Fixture::new();
    fixture.give("past", Scope::Until(jiff::Timestamp::UNIX_EPOCH));
    fixture.give("other", Scope::Execution(ExecutionId::generate()));
    assert!(!fixture.has());
    fixture.give("this", Scope::Execution(fixture.execution.clone()));
    assert!(fixture.has());
    fixture.grants.revoke("this").unwrap();
    assert!(!fixture.has());
    fixture.give("ever", Scope::Always);
    assert!(fixture.has());
    assert_eq!(
        fixture
            .grants
            .revoke_all(&fixture.now.plugin)
            .unwrap()
            .0
            .len(),
        2
    );
    assert!(!fixture.has());
    assert!(matches!(
        fixture.grants.revoke("ever"),
        Err(GrantsError::Unknown { .. })
    ));
}

#[test]
fn other_bytes_have_no_grant() {
    let mut fixture = Fixture::new();
    fixture.give("1", Scope::Always);
    fixture.now.digest = Digest::of(b"another");
    assert!(!fixture.has());
}

#[test]
fn a_file_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new();
    fixture.give("1", Scope::Always);
    let path = fixture.grants.path();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(matches!(
        fixture.another().take(&fixture.now, &fixture.execution),
        Err(GrantsError::Private(PrivateError::Open { .. }))
    ));
}

#[test]
fn another_configuration_has_what_stays_in_the_repository_and_no_more() {
    let mut fixture = Fixture::new();
    fixture.give("1", Scope::Always);
    assert_eq!(fixture.given().network.len(), 1);
    fixture.now.config = Digest::of(b"{\"base_url\":\"https://a.b/theirs\"}");
    let force = fixture.grants.peek(&fixture.now, None).unwrap();
    assert_eq!(force.given.workspace, Access::ReadOnly);
    assert!(force.given.network.is_empty(), "{force:?}");
    assert_eq!(force.earlier.network.len(), 1, "{force:?}");
}

#[test]
fn what_another_process_changes_is_read_again() {
    let fixture = Fixture::new();
    // Both have read the file, and remember that nothing is in it.
    let other = fixture.another();
    let has = || {
        let force = other.peek(&fixture.now, None).unwrap();
        !force.given.is_empty()
    };
    assert!(!has() && !fixture.has());
    fixture.give("1", Scope::Always);
    let until = |wanted: bool| {
        let begin = Instant::now();
        while has() != wanted {
            assert!(begin.elapsed() < Duration::from_mins(1), "never read again");
            std::thread::sleep(FRESH / 5);
        }
    };
    until(true);
    fixture.grants.revoke("1").unwrap();
    until(false);
}

#[test]
fn what_was_granted_moves_when_it_is_asked_for_and_not_before() {
    let mut fixture = Fixture::new();
    fixture.give("1", Scope::Always);
    let before = fixture.now.clone();
    fixture.now.digest = Digest::of(b"another");
    let approval = Approval {
        plugin: fixture.now.plugin.clone(),
        digest: fixture.now.digest,
        config: Some(fixture.now.config),
        demand: crate::grants::Demand::default(),
        inside: Grant::default(),
        outside: Grant::default(),
        at: jiff::Timestamp::now(),
    };
    fixture.grants.approve(approval.clone()).unwrap();
    assert!(!fixture.has());
    assert_eq!(fixture.grants.earlier(&fixture.now).unwrap().len(), 1);
    let moved = fixture
        .grants
        .approve_and_move(approval, &fixture.now)
        .unwrap();
    assert_eq!(moved[0].digest, before.digest);
    assert!(fixture.has());
    assert!(fixture.grants.earlier(&fixture.now).unwrap().is_empty());
}
