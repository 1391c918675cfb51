//! Why a request has no answer.

/// Why a request was not sent, or not answered.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No rule allows it; the person can be asked for one.
    #[error("the request was not granted")]
    Denied,
    /// The name leads to an address that no name may lead to.
    #[error(
        "{host} leads to an address that is reached by the address itself only; the rule has to name it"
    )]
    Prohibited {
        /// The name.
        host: String,
    },
    /// The address of the request cannot be used.
    #[error("the request's URL cannot be used: {why}")]
    Url {
        /// What is wrong, and what to do.
        why: String,
    },
    /// The method is none that is sent.
    #[error("the method {method} is not sent; use an upper-case one other than CONNECT and TRACE")]
    Method {
        /// Which.
        method: String,
    },
    /// A header is the host's own to set.
    #[error("the header {name} is not a plugin's to set")]
    Header {
        /// Which.
        name: String,
    },
    /// A secret cannot be put in.
    #[error("{why}")]
    Secret {
        /// Which, and why.
        why: String,
    },
    /// The name has no address.
    #[error(
        "the name {host} has no address: {why}; look whether the name is written right, and whether this machine finds it (`getent ahosts {host}`)"
    )]
    Lookup {
        /// The name.
        host: String,
        /// What the system said.
        why: String,
    },
    /// Nobody answers there.
    #[error("cannot connect to {host}: {why}")]
    Connect {
        /// Where.
        host: String,
        /// What the system said.
        why: String,
    },
    /// This process keeps itself from the port.
    #[error(
        "the second wall of this process does not let port {port} through, because it was granted after the process started; start it again (reconnect the client)"
    )]
    Walled {
        /// The port.
        port: u16,
    },
    /// Nobody answered in time there.
    #[error("the connection was not made in time")]
    ConnectTimeout,
    /// The call has as many connections open as it may.
    #[error("the call has {most} connections open; read or drop their answers first")]
    Crowded {
        /// How many.
        most: usize,
    },
    /// The other side is not who it should be, or does not speak TLS.
    #[error("no TLS with {host}: {why}")]
    Tls {
        /// With whom.
        host: String,
        /// What is wrong.
        why: String,
        /// Whether it is the certificate.
        certificate: bool,
    },
    /// The answer did not begin in time.
    #[error("the answer did not begin in time")]
    AnswerTimeout,
    /// The answer stopped coming.
    #[error("the answer stopped coming")]
    BodyTimeout,
    /// The answer is compressed, which would hide secrets from the one who has to hide them.
    #[error(
        "the answer is encoded as {encoding}; with secrets granted, only plain answers are taken"
    )]
    Encoding {
        /// As what.
        encoding: String,
    },
    /// A limit of the call was reached; the call ends.
    #[error("a limit of the call was reached")]
    Limit,
    /// The call that it belongs to has ended.
    #[error("the call that made the request has ended")]
    Ended,
    /// The other side does not speak HTTP, or broke off.
    #[error("no HTTP: {why}")]
    Protocol {
        /// What is wrong.
        why: String,
    },
}

impl SendError {
    /// Tells whether the host refused before anything was sent.
    pub(super) const fn is_refusal(&self) -> bool {
        match self {
            Self::Denied
            | Self::Prohibited { .. }
            | Self::Url { .. }
            | Self::Method { .. }
            | Self::Header { .. }
            | Self::Secret { .. } => true,
            Self::Lookup { .. }
            | Self::Connect { .. }
            | Self::ConnectTimeout
            | Self::Walled { .. }
            | Self::Crowded { .. }
            | Self::Tls { .. }
            | Self::AnswerTimeout
            | Self::BodyTimeout
            | Self::Encoding { .. }
            | Self::Limit
            | Self::Ended
            | Self::Protocol { .. } => false,
        }
    }
}
