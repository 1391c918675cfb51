//! The second wall: what the process itself cannot do, whatever runs inside it.

use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

/// Whether the process confines itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WallMode {
    /// It does, or it does not start.
    Required,
    /// It does where the kernel can; elsewhere it says so once and goes on.
    #[default]
    Auto,
    /// It does not.
    Off,
}

impl WallMode {
    /// Every mode, by its name.
    pub const ALL: [(&'static str, Self); 3] = [
        ("required", Self::Required),
        ("auto", Self::Auto),
        ("off", Self::Off),
    ];
}

/// A word is none of the modes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no mode of the wall; write required, auto or off")]
pub struct UnknownMode(String);

impl FromStr for WallMode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find_map(|(name, mode)| (name == text).then_some(mode))
            .ok_or_else(|| UnknownMode(text.to_owned()))
    }
}

/// One power that the kernel takes from the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confined {
    /// Files that it does not need.
    Files,
    /// Listening on TCP ports, and connecting to those that no grant names.
    Tcp,
    /// Abstract Unix sockets of other processes.
    Sockets,
    /// Signals to other processes.
    Signals,
}

impl Confined {
    /// Every power, with the version of the kernel's interface that takes it.
    const SINCE: [(u32, Self, &'static str); 4] = [
        (1, Self::Files, "files"),
        (4, Self::Tcp, "tcp"),
        (6, Self::Sockets, "sockets"),
        (6, Self::Signals, "signals"),
    ];
}

/// The state of the second wall.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Wall {
    /// Nobody asked for it.
    #[default]
    Off,
    /// It was asked for and cannot be had.
    Missing {
        /// What is missing.
        why: String,
    },
    /// The kernel enforces it, for every thread and for the programs that the process starts.
    Enforced {
        /// The version of the kernel's interface, which says how much.
        abi: u32,
    },
}

impl Wall {
    /// Returns the powers that are taken.
    pub fn confines(&self) -> Vec<Confined> {
        self.taken().map(|(_, taken, _)| taken).collect()
    }

    fn taken(&self) -> impl Iterator<Item = (u32, Confined, &'static str)> {
        let abi = match self {
            Self::Off | Self::Missing { .. } => 0,
            Self::Enforced { abi } => *abi,
        };
        Confined::SINCE
            .into_iter()
            .filter(move |(since, ..)| *since <= abi)
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Missing { why } => write!(f, "missing: {why}"),
            Self::Enforced { abi } => {
                let names: Vec<_> = self.taken().map(|(.., name)| name).collect();
                write!(f, "enforced (landlock ABI {abi}: {})", names.join(", "))
            }
        }
    }
}

impl Serialize for Wall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Off => map.serialize_entry("state", "off")?,
            Self::Missing { why } => {
                map.serialize_entry("state", "missing")?;
                map.serialize_entry("why", why)?;
            }
            Self::Enforced { abi } => {
                map.serialize_entry("state", "enforced")?;
                map.serialize_entry("landlock", abi)?;
                map.serialize_entry("confines", &self.confines())?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_claims_what_its_kernel_can_and_no_more() {
        let said = |abi| Wall::Enforced { abi }.to_string();
        assert_eq!(said(3), "enforced (landlock ABI 3: files)");
        assert_eq!(said(4), "enforced (landlock ABI 4: files, tcp)");
        assert_eq!(
            said(7),
            "enforced (landlock ABI 7: files, tcp, sockets, signals)"
        );
        assert_eq!(Wall::Off.confines(), []);
        assert_eq!(
            serde_json::to_string(&Wall::Enforced { abi: 4 }).unwrap(),
            r#"{"state":"enforced","landlock":4,"confines":["files","tcp"]}"#
        );
    }

    #[test]
    fn an_unknown_mode_is_an_error() {
        assert_eq!("off".parse(), Ok(WallMode::Off));
        assert!("on".parse::<WallMode>().is_err());
        assert!(serde_json::from_str::<WallMode>("\"Off\"").is_err());
    }
}
