//! The promises of the store.

use super::*;
use crate::grants::By;
use crate::private::PrivateError;

struct Fixture {
    _folder: tempfile::TempDir,
    grants: Grants,
    plugin: PluginName,
    digest: Digest,
    execution: ExecutionId,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            grants: Grants::new(&folder.path().join("own"), Path::new("/repository")),
            plugin: "web".parse().unwrap(),
            digest: Digest::of(b"web"),
            execution: ExecutionId::generate(),
            _folder: folder,
        }
    }

    fn give(&self, id: &str, scope: Scope) {
        let grant: Grant = serde_saphyr::from_str("{network: ['https://a.b']}").unwrap();
        self.grants
            .add(Given {
                id: id.to_owned(),
                plugin: self.plugin.clone(),
                digest: self.digest,
                grant,
                scope,
                by: By::Command,
                at: jiff::Timestamp::now(),
            })
            .unwrap();
    }

    fn has(&self) -> bool {
        let force = self
            .grants
            .take(&self.plugin, &self.digest, &self.execution);
        !force.unwrap().given.is_empty()
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
    let path = fixture
        .grants
        .file
        .path()
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let taken: usize = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..8)
            .map(|_| {
                // A store of its own has a memory of its own, as another process has.
                let grants = Grants::new(&path, Path::new("/repository"));
                let fixture = &fixture;
                scope.spawn(move || {
                    let force = grants
                        .take(&fixture.plugin, &fixture.digest, &fixture.execution)
                        .unwrap();
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
        fixture.grants.revoke_all(&fixture.plugin).unwrap().0.len(),
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
    fixture.digest = Digest::of(b"another");
    assert!(!fixture.has());
}

#[test]
fn a_file_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new();
    fixture.give("1", Scope::Always);
    let path = fixture.grants.path();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let fresh = Grants::new(
        path.parent().unwrap().parent().unwrap(),
        Path::new("/repository"),
    );
    assert!(matches!(
        fresh.take(&fixture.plugin, &fixture.digest, &fixture.execution),
        Err(GrantsError::Private(PrivateError::Open { .. }))
    ));
}
