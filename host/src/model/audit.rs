//! What the audit journal keeps of what happens.

use std::net::{IpAddr, SocketAddr};

use serde::{Serialize, Serializer};

use super::{
    CallId, Caller, Capability, CommitId, Denied, Digest, ExecutionId, Grant, Party, PlanName,
    PluginName, Protocol,
};

/// Which call something belongs to; empty where it belongs to none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The execution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionId>,
    /// The call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// The plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<PluginName>,
}

impl Origin {
    /// Names a plugin, and no call of it.
    pub fn of_plugin(plugin: &PluginName) -> Self {
        Self {
            plugin: Some(plugin.clone()),
            ..Self::default()
        }
    }
}

/// One record of the journal, as it is told. Holds no secrets, and nothing of what tools were given or answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditRecord {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[serde(skip)]
    pub time: u64,
    /// Which call it belongs to.
    #[serde(flatten)]
    pub origin: Origin,
    /// What happened.
    #[serde(flatten)]
    pub what: Audited,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Audited {
    /// A call began.
    CallBegan(CallBegan),
    /// A call ended.
    CallEnded(Box<CallEnded>),
    /// Something was refused, to a call or to what a call runs.
    Denied(Denial),
    /// A call reached a limit.
    Limit(LimitRecord),
    /// A plugin asked for something on the network.
    Http(HttpRecord),
    /// A plugin asked for a raw connection.
    Socket(SocketRecord),
    /// A person granted something.
    Granted(GrantRecord),
    /// A person took a grant back.
    Revoked(GrantRecord),
    /// Records could not be kept, because too many waited for a disk that took none.
    Lost {
        /// How many.
        records: u64,
    },
    /// The journal did not end as it should have, and goes on from where it ended.
    Mended(Mended),
}

impl Audited {
    /// The names of all kinds.
    pub const KINDS: [&str; 10] = [
        "call-began",
        "call-ended",
        "denied",
        "limit",
        "http",
        "socket",
        "granted",
        "revoked",
        "lost",
        "mended",
    ];
}

/// The beginning of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallBegan {
    /// The tool's full name, or the provider's.
    pub tool: String,
    /// Who calls.
    pub caller: CalledBy,
    /// The digest of the arguments as compact JSON.
    pub arguments: Option<Digest>,
}

/// The end of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallEnded {
    /// The tool's full name, or the provider's.
    pub tool: String,
    /// Who calls.
    pub caller: CalledBy,
    /// The plugin's version; none if there is no such plugin.
    pub version: Option<semver::Version>,
    /// The plugin's bytes.
    pub digest: Option<Digest>,
    /// What the call was granted; none if it was not admitted.
    pub grant: Option<GrantText>,
    /// `ok`, `tool-error` where the plugin answered with an error, or the kind of failure.
    pub outcome: &'static str,
    /// The commit that the call's execution began with, where the call changed something.
    pub base: Option<CommitId>,
    /// The call's checkpoint, where it changed something.
    pub commit: Option<CommitId>,
    /// How long the guest took, in microseconds.
    pub time_us: Option<u64>,
}

/// What a call was granted, in the words of a receipt: made into text where it is written, away from the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantText(pub Grant);

impl Serialize for GrantText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Who calls, without what they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "lowercase")]
pub enum CalledBy {
    /// A person.
    Person,
    /// An assistant.
    Assistant {
        /// Who it speaks for, where that was proven.
        #[serde(skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
    },
    /// A plugin.
    Plugin {
        /// Which.
        name: PluginName,
    },
    /// An agent of the repository's.
    Agent {
        /// Which.
        name: PlanName,
        /// Who has it run.
        of: Box<Self>,
    },
}

impl From<&Caller> for CalledBy {
    fn from(caller: &Caller) -> Self {
        match caller {
            Caller::Person => Self::Person,
            Caller::Assistant { subject, .. } => Self::Assistant {
                subject: subject.clone(),
            },
            Caller::Plugin { name, .. } => Self::Plugin { name: name.clone() },
            Caller::Agent { name, of, .. } => Self::Agent {
                name: name.clone(),
                of: Box::new((&**of).into()),
            },
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Denial {
    /// What was asked for.
    pub capability: Capability,
    /// Whose word was missing.
    pub missing: Party,
    /// The host's own sentence, without the line to add.
    pub message: String,
}

impl From<&Denied> for Denial {
    fn from(denied: &Denied) -> Self {
        Self {
            capability: denied.capability,
            missing: denied.missing,
            message: denied.message.clone(),
        }
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitRecord {
    /// The limit's name.
    pub limit: String,
    /// Its value, with the unit.
    pub value: String,
}

/// A destination on the network, without what went there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HttpRecord {
    method: String,
    scheme: String,
    host: String,
    port: u16,
    path: String,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

impl HttpRecord {
    /// Notes a request that was let through, with the status of the answer, if there was one.
    pub fn allowed(
        method: &str,
        (scheme, host, port): (&str, &str, u16),
        path: &str,
        status: Option<u16>,
    ) -> Self {
        Self {
            method: method.to_owned(),
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            port,
            // A query may hold anything: it is not kept, whoever forgot to cut it.
            path: path.split(['?', '#']).next().unwrap_or_default().to_owned(),
            decision: "allowed",
            status,
        }
    }

    /// Notes a request that was refused.
    pub fn refused(method: &str, destination: (&str, &str, u16), path: &str) -> Self {
        Self {
            decision: "refused",
            ..Self::allowed(method, destination, path, None)
        }
    }
}

/// A destination of a raw socket, without what went there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SocketRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<&'static str>,
    host: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    decision: &'static str,
}

impl SocketRecord {
    /// Notes a connection to a host at an address, or a refused name, which has none.
    pub fn new(host: &str, to: Option<(Protocol, SocketAddr)>, allowed: bool) -> Self {
        Self {
            protocol: to.map(|(protocol, _)| protocol.name()),
            host: host.to_owned(),
            address: to.map(|(_, to)| to.ip()),
            port: to.map(|(_, to)| to.port()),
            decision: if allowed { "allowed" } else { "refused" },
        }
    }
}

/// A grant that a person gave or took back; the origin names the plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantRecord {
    /// The plugin's bytes that the grant is for.
    pub digest: Option<Digest>,
    /// What is granted, in the words of a receipt.
    pub grant: String,
    /// For how long: `once`, `execution`, `until 2027-01-01` or `always`.
    pub lasts: String,
}

/// What an appending process found at the journal's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// What was wrong.
    pub found: Found,
    /// How many records are concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// The length of a torn line, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The digest of a torn line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Digest>,
}

/// What can be wrong with a journal's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// The last line is not whole: its writer was interrupted.
    TornLine,
    /// Records were written whose writer was interrupted before it could move the anchor.
    Unanchored,
    /// Records that the anchor names are not there.
    TailMissing,
    /// The last record is not the one that the anchor names.
    Changed,
    /// There are records and no anchor.
    NoAnchor,
    /// The anchor was made with another key, or by nobody who has one.
    BadAnchor,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_never_kept() {
        let to = ("https", "example.com", 443);
        for path in ["/a?token=s3cret", "/a#s3cret", "/a"] {
            for record in [
                HttpRecord::allowed("GET", to, path, Some(200)),
                HttpRecord::refused("GET", to, path),
            ] {
                assert_eq!(record.path, "/a");
            }
        }
    }
}
