//! How much one call may take: what the operator said, what caps it, and what a breach says.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limit::COUNT;
use super::{LimitName, Usage};

/// Who set a limit's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitOrigin {
    /// Nobody.
    Default,
    /// The plugin's own entry.
    Plugin,
    /// `limits:` at the top of the repository's `plugins.yaml`, less than the entry's.
    Repository,
    /// `limits:` of the person's own `config.yaml`, less than both.
    Person,
    /// The caller, less than all of them.
    Caller,
    /// The host, for what it asks a plugin by itself.
    Host,
}

impl LimitOrigin {
    /// Returns who it is, in a few words.
    pub const fn said(self) -> &'static str {
        match self {
            Self::Default => "by default",
            Self::Plugin => "by its entry in plugins.yaml",
            Self::Repository => "capped at the top of plugins.yaml",
            Self::Person => "capped by your config.yaml",
            Self::Caller => "by the caller",
            Self::Host => "by the host",
        }
    }

    /// Names the place of the key, after `limits: { key: … }`.
    pub const fn place(self) -> &'static str {
        match self {
            Self::Default | Self::Plugin => "of the plugin's entry in plugins.yaml changes it",
            Self::Repository => "at the top of plugins.yaml caps it",
            Self::Person => "of config.yaml in your own configuration folder caps it",
            Self::Caller => "is the caller's own",
            Self::Host => "changes it for calls, not for what the host asks by itself",
        }
    }
}

/// Values that a file gives, by limit; every key is known and every value in range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitValues(BTreeMap<LimitName, u64>);

impl<'de> Deserialize<'de> for LimitValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = LimitValues;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map of limits, as in `memory_mib: 256`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LimitValues, A::Error> {
        let mut values = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let Some(name) = LimitName::of_key(&key) else {
                let known: Vec<_> = LimitName::ALL.iter().map(|name| name.key()).collect();
                return Err(A::Error::custom(format!(
                    "there is no limit `{key}`; the limits are {}",
                    known.join(", ")
                )));
            };
            let spec = name.spec();
            let value = map.next_value::<u64>()?;
            if !(spec.least..=spec.most).contains(&value) {
                return Err(A::Error::custom(format!(
                    "{key} is {value}; use {} to {}",
                    spec.least, spec.most
                )));
            }
            if values.insert(name, value).is_some() {
                return Err(A::Error::custom(format!(
                    "{key} is given twice; keep one of the two"
                )));
            }
        }
        Ok(LimitValues(values))
    }
}

/// The limits of a plugin's calls, all on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    values: [u64; COUNT],
    origins: [LimitOrigin; COUNT],
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    /// What applies where the operator says nothing.
    pub const DEFAULT: Self = {
        let mut values = [0; COUNT];
        let mut at = 0;
        while at < COUNT {
            values[at] = LimitName::ALL[at].spec().default;
            at += 1;
        }
        Self {
            values,
            origins: [LimitOrigin::Default; COUNT],
        }
    };

    /// Returns the limits with another value of one.
    #[must_use]
    pub const fn with(mut self, name: LimitName, value: u64, origin: LimitOrigin) -> Self {
        self.values[name as usize] = value;
        self.origins[name as usize] = origin;
        self
    }

    /// Returns the limits as the host's own.
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.origins = [LimitOrigin::Host; COUNT];
        self
    }

    /// Sets what an entry gives.
    #[must_use]
    pub fn given(self, values: &LimitValues) -> Self {
        let each = values.0.iter();
        each.fold(self, |limits, (&name, &value)| {
            limits.with(name, value, LimitOrigin::Plugin)
        })
    }

    /// Lowers what is over a cap.
    #[must_use]
    pub fn capped(self, caps: &LimitValues, origin: LimitOrigin) -> Self {
        caps.0.iter().fold(self, |limits, (&name, &most)| {
            if most < limits.get(name) {
                limits.with(name, most, origin)
            } else {
                limits
            }
        })
    }

    /// Returns a limit in the unit of its key.
    pub const fn get(&self, name: LimitName) -> u64 {
        self.values[name as usize]
    }

    /// Returns who set a limit.
    pub const fn origin(&self, name: LimitName) -> LimitOrigin {
        self.origins[name as usize]
    }

    /// Returns a limit in bytes, microseconds or things.
    pub const fn most(&self, name: LimitName) -> u64 {
        self.get(name).saturating_mul(name.spec().unit.size())
    }

    /// Returns a limit in bytes, or things, of this machine's memory.
    pub fn most_here(&self, name: LimitName) -> usize {
        usize::try_from(self.most(name)).unwrap_or(usize::MAX)
    }

    /// Returns the time limit.
    pub const fn time(&self) -> Duration {
        Duration::from_millis(self.get(LimitName::Time))
    }

    /// Returns what is said of a limit that was reached.
    pub const fn breach(&self, name: LimitName) -> Breach {
        Breach {
            name,
            value: self.get(name),
            origin: self.origin(name),
        }
    }
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(COUNT))?;
        for name in LimitName::ALL {
            map.serialize_entry(name.key(), &self.get(*name))?;
        }
        map.end()
    }
}

/// A limit that was reached: which, how much it is, and what changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub name: LimitName,
    /// In the unit of its key.
    pub value: u64,
    /// Who set it.
    pub origin: LimitOrigin,
}

impl std::fmt::Display for Breach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let spec = self.name.spec();
        write!(
            f,
            "{} limit of {} {}; `limits: {{ {}: … }}` {}",
            spec.word,
            self.value,
            spec.unit,
            spec.key,
            self.origin.place()
        )
    }
}

impl std::error::Error for Breach {}

impl Serialize for Breach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let spec = self.name.spec();
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("value", &self.value)?;
        map.serialize_entry("unit", &spec.unit.to_string())?;
        map.serialize_entry("key", spec.key)?;
        map.serialize_entry("set_by", &self.origin)?;
        map.end()
    }
}

/// A call that ended without an answer, and what it took until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended<E> {
    /// Why.
    pub error: E,
    /// What it took.
    pub usage: Box<Usage>,
}
