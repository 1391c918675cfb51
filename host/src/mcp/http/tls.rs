//! TLS of the server's own: the certificate that it shows.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::private::{self, Others, PrivateError};

/// No honest certificate or key is larger.
const LARGEST: u64 = 1 << 20;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The key is not this user's alone.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// A file cannot be used.
    #[error("cannot use {}: {why}; it has to hold {what} in PEM form", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: String,
        /// What belongs there.
        what: &'static str,
    },
    /// They do not fit each other.
    #[error("the certificate and the key of --tls-cert and --tls-key cannot be used together: {0}")]
    Pair(rustls::Error),
}

/// Reads what the server shows; the key's file has to be this user's alone.
pub(super) fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let bad = |path: &Path, why: String, what| TlsError::File {
        path: path.to_owned(),
        why,
        what,
    };
    let read = |path: &Path, others, what| -> Result<Vec<u8>, TlsError> {
        let (file, _) = private::open_linked(path, others)?
            .ok_or_else(|| bad(path, "it is not there".to_owned(), what))?;
        let mut bytes = Vec::new();
        file.take(LARGEST)
            .read_to_end(&mut bytes)
            .map_err(|error| bad(path, error.to_string(), what))?;
        Ok(bytes)
    };
    let what = "the server's certificate, and those that lead to its root,";
    let pem = read(certificate, Others::MayRead, what)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| bad(certificate, error.to_string(), what))?;
    let what = "one private key";
    let pem = read(key, Others::Nothing, what)?;
    let key =
        PrivateKeyDer::from_pem_slice(&pem).map_err(|error| bad(key, error.to_string(), what))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
