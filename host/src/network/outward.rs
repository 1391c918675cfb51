//! What one call may reach, and what the process has to reach it with.

use std::collections::{BTreeMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::ClientConfig;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::Oversight;
use super::account::NetworkAccount;
use super::error::SendError;
use super::resolve::{Resolve, SystemResolver};
use super::secret::{NoSecrets, SecretError, Secrets};
use super::tls::Roots;
use crate::model::{Grant, SecretName, SecretValue};
use crate::observe;

/// Connections that a call may have open at once: each is a file descriptor of the process, which all calls share.
const OPEN: usize = 32;

/// What a process reaches the network with: one for all calls.
pub struct Machine {
    pub(super) resolver: Arc<dyn Resolve>,
    secrets: Arc<dyn Secrets>,
    roots: Roots,
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Machine {
    /// Makes a machine that trusts these certificates besides the world's, and reads secrets there.
    pub fn new(roots: Roots, secrets: Arc<dyn Secrets>) -> Self {
        Self {
            resolver: Arc::new(SystemResolver::default()),
            secrets,
            roots,
            tls: OnceLock::new(),
        }
    }

    /// Looks names up elsewhere.
    #[must_use]
    pub fn with_resolver(self, resolver: Arc<dyn Resolve>) -> Self {
        Self { resolver, ..self }
    }

    /// Returns how TLS is spoken; made at the first connection, because most processes make none.
    pub(super) fn tls(&self) -> Result<Arc<ClientConfig>, SendError> {
        if let Some(made) = self.tls.get() {
            return Ok(made.clone());
        }
        let made = self.roots.client().map_err(|error| SendError::Protocol {
            why: error.to_string(),
        })?;
        Ok(self.tls.get_or_init(|| made).clone())
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new(Roots::default(), Arc::new(NoSecrets))
    }
}

/// What one call may reach. Authority of the call, not of the instance: it ends with the call, and with it whatever is open.
pub struct Outward {
    pub(super) plugin: String,
    pub(super) grant: Grant,
    pub(super) machine: Arc<Machine>,
    pub(super) account: Arc<NetworkAccount>,
    /// The addresses that names of socket rules had when the guest looked them up.
    pub(super) found: Mutex<BTreeMap<String, Vec<IpAddr>>>,
    /// Where datagrams went already: to go there again is no new connection.
    pub(super) reached: Mutex<HashSet<SocketAddr>>,
    pub(super) oversight: Arc<dyn Oversight>,
    secrets: OnceCell<Vec<(SecretName, Result<SecretValue, SecretError>)>>,
    open: Arc<Semaphore>,
    ended: CancellationToken,
}

impl Outward {
    /// Makes what a call may reach of what it was granted.
    pub fn new(
        plugin: &str,
        grant: &Grant,
        machine: Arc<Machine>,
        oversight: Arc<dyn Oversight>,
    ) -> Self {
        Self {
            plugin: plugin.to_owned(),
            grant: Grant {
                network: grant.network.clone(),
                sockets: grant.sockets.clone(),
                secrets: grant.secrets.clone(),
                ..Grant::default()
            },
            machine,
            account: Arc::new(NetworkAccount::new(oversight.clone())),
            found: Mutex::default(),
            reached: Mutex::default(),
            oversight,
            secrets: OnceCell::new(),
            open: Arc::new(Semaphore::new(OPEN)),
            ended: CancellationToken::new(),
        }
    }

    /// Returns the names of the secrets that the call may send, each once.
    pub fn secret_names(&self) -> Vec<SecretName> {
        let mut names: Vec<SecretName> = Vec::new();
        for rule in &self.grant.secrets {
            if !names.contains(&rule.name) {
                names.push(rule.name.clone());
            }
        }
        names
    }

    /// Ends what the call has open, and lets nothing be opened in its name any more.
    pub fn end(&self) {
        self.ended.cancel();
    }

    pub(super) const fn ended(&self) -> &CancellationToken {
        &self.ended
    }

    /// Takes one of the connections that may be open at once.
    pub fn open(&self) -> Result<OwnedSemaphorePermit, SendError> {
        let open = self.open.clone().try_acquire_owned();
        open.map_err(|_| SendError::Crowded { most: OPEN })
    }

    /// Notes what would have to be granted.
    pub(super) fn refuse(&self, need: Grant) {
        self.oversight.refused(need);
    }

    /// Reads all secrets of the call at its first request, so that they are hidden in what comes back, whoever sent them.
    pub(super) async fn secrets(&self) -> &[(SecretName, Result<SecretValue, SecretError>)] {
        self.secrets
            .get_or_init(|| async {
                let mut read = Vec::new();
                for name in self.secret_names() {
                    let (secrets, wanted) = (self.machine.secrets.clone(), name.clone());
                    // A file or a keyring may take its time.
                    let value = tokio::task::spawn_blocking(move || secrets.read(&wanted))
                        .await
                        .unwrap_or_else(|error| {
                            Err(SecretError {
                                name: name.clone(),
                                why: error.to_string(),
                            })
                        });
                    if let Ok(value) = &value {
                        observe::hide(&name, value);
                    }
                    read.push((name, value));
                }
                read
            })
            .await
    }

    pub(super) fn remember(&self, name: &str, addresses: &[IpAddr]) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let known = found.entry(name.to_owned()).or_default();
        for address in addresses {
            let address = address.to_canonical();
            if !known.contains(&address) {
                known.push(address);
            }
        }
    }
}

impl std::fmt::Debug for Outward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outward")
            .field("plugin", &self.plugin)
            .field("grant", &self.grant.to_string())
            .finish_non_exhaustive()
    }
}
