//! TLS: whom a server has to show a certificate of.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Certificates that are trusted besides the world's.
#[derive(Clone, Default)]
pub struct Roots(Vec<CertificateDer<'static>>);

/// Why certificates cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no certificates can be read from it: {why}; it has to hold `-----BEGIN CERTIFICATE-----` blocks"
)]
pub struct RootsError {
    why: String,
}

impl Roots {
    /// Reads certificates in PEM form; there has to be one.
    pub fn from_pem(pem: &[u8]) -> Result<Self, RootsError> {
        let failed = |why: String| RootsError { why };
        let roots: Vec<_> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|error| failed(error.to_string()))?;
        if roots.is_empty() {
            return Err(failed("there are none".to_owned()));
        }
        let mut store = RootCertStore::empty();
        for root in &roots {
            store
                .add(root.clone())
                .map_err(|error| failed(error.to_string()))?;
        }
        Ok(Self(roots))
    }

    /// Makes the configuration of all connections.
    pub(super) fn client(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let mut store = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.into(),
        };
        store.add_parsable_certificates(self.0.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
