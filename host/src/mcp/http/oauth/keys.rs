//! The keys of an authorization server: from a file or its address, kept, and fetched again when one is not among them.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
};

use super::resource::OauthError;
use crate::flow::Host;
use crate::private::{self, Others};

/// How long keys are good: one that was taken back is not longer.
const FRESH: Duration = Duration::from_hours(1);
/// How long they are used where no newer ones can be had.
const STALE: Duration = Duration::from_hours(24);
/// How long to wait before they are fetched again, whoever asks by which key.
const AGAIN: Duration = Duration::from_secs(10);
/// No honest set of keys is larger.
const LARGEST: usize = 256 << 10;

/// Where the keys are.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// In a file.
    File(PathBuf),
    /// At an address.
    Address(String),
}

#[derive(Debug, Clone)]
struct Held {
    keys: Arc<JwkSet>,
    since: Instant,
}

/// The keys.
#[derive(Debug)]
pub(super) struct Keys {
    source: Source,
    held: RwLock<Option<Held>>,
    /// When they were looked for last; held while that is done, so that it is done once.
    tried: tokio::sync::Mutex<Option<Instant>>,
}

impl Keys {
    /// Reads those of a file, before the process confines itself. What is at an address is fetched when it is needed.
    pub(super) fn open(source: Source) -> Result<Self, OauthError> {
        let held = match &source {
            Source::Address(_) => None,
            Source::File(path) => Some(Held {
                keys: Arc::new(of_file(path)?),
                since: Instant::now(),
            }),
        };
        Ok(Self {
            source,
            held: RwLock::new(held),
            tried: tokio::sync::Mutex::new(None),
        })
    }

    /// Returns the file that they are in.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) => Some(path),
            Source::Address(_) => None,
        }
    }

    /// Finds the key of a token.
    pub(super) async fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        host: &Host,
    ) -> Option<Jwk> {
        let now = self.held();
        let fresh = now
            .as_ref()
            .is_some_and(|held| held.since.elapsed() < FRESH);
        let found = now.and_then(|held| among(&held.keys, kid, algorithm));
        if found.is_some() && fresh {
            return found;
        }
        self.refresh(host).await;
        let held = self.held()?;
        (held.since.elapsed() < STALE)
            .then(|| among(&held.keys, kid, algorithm))
            .flatten()
    }

    fn held(&self) -> Option<Held> {
        self.held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Gets the keys anew, unless that was done a moment ago: nobody has them fetched by making keys' names up.
    async fn refresh(&self, host: &Host) {
        let mut tried = self.tried.lock().await;
        if tried.is_some_and(|tried| tried.elapsed() < AGAIN) {
            return;
        }
        *tried = Some(Instant::now());
        let got = match &self.source {
            Source::File(path) => of_file(path).map_err(|error| error.to_string()),
            Source::Address(url) => match host.fetch(url, LARGEST).await {
                Ok(bytes) => read(&bytes),
                Err(error) => Err(format!("cannot get the keys at {url}: {error}")),
            },
        };
        match got {
            Ok(keys) => {
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Held {
                    keys: Arc::new(keys),
                    since: Instant::now(),
                });
            }
            Err(why) => tracing::warn!(
                "tokens are checked with the keys of before, if there were any: {why}"
            ),
        }
    }
}

fn of_file(path: &Path) -> Result<JwkSet, OauthError> {
    let failed = |why: String| OauthError::File {
        path: path.to_owned(),
        why,
    };
    // Nobody else may say whose tokens are good.
    let opened = private::open_linked(path, Others::MayRead);
    let opened = opened.map_err(|error| failed(error.to_string()))?;
    let (file, _) = opened.ok_or_else(|| failed("it is not there".to_owned()))?;
    let mut bytes = Vec::new();
    file.take(LARGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    read(&bytes).map_err(failed)
}

fn read(bytes: &[u8]) -> Result<JwkSet, String> {
    if bytes.len() > LARGEST {
        return Err(format!("they are larger than {LARGEST} bytes"));
    }
    let set: JwkSet = serde_json::from_slice(bytes)
        .map_err(|error| format!("it is no set of keys as RFC 7517 has it: {error}"))?;
    if set.keys.is_empty() {
        return Err("there is no key in it".to_owned());
    }
    Ok(set)
}

/// Finds the key that a token names; one that names none has to have been made with the only one that fits.
fn among(set: &JwkSet, kid: Option<&str>, algorithm: Algorithm) -> Option<Jwk> {
    let mut fitting = set.keys.iter().filter(|key| {
        fits(key, algorithm) && (kid.is_none() || key.common.key_id.as_deref() == kid)
    });
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => Some(key.clone()),
        _ => None,
    }
}

/// Tells whether a key is for an algorithm: no key is used for another than its own.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = match &key.common.public_key_use {
        None | Some(PublicKeyUse::Signature) => true,
        Some(_) => false,
    };
    let own = key.common.key_algorithm;
    let (kind, name) = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => (true, KeyAlgorithm::RS256),
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES256) => {
            (curve.curve == EllipticCurve::P256, KeyAlgorithm::ES256)
        }
        (AlgorithmParameters::OctetKeyPair(pair), Algorithm::EdDSA) => {
            (pair.curve == EllipticCurve::Ed25519, KeyAlgorithm::EdDSA)
        }
        _ => return false,
    };
    signs && kind && own.is_none_or(|own| own == name)
}
