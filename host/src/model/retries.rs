//! How often a model is asked again.

use std::time::Duration;

use serde::Deserialize;

use super::ChatError;

/// How often a model is asked again where asking again may help, and how long is waited before: what `providers` of
/// `plugins.yaml` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Retries {
    /// How often, at the most; 0 is never.
    pub most: u32,
    /// How long is waited before the first one, about; before each other twice as long.
    pub first: Duration,
    /// How long is waited at the most, also where the provider asks for longer.
    pub longest: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    retries: u32,
    first_ms: u64,
    most_ms: u64,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            // As often as the makers' own clients do. More would only add to what a provider has too much of.
            retries: 2,
            first_ms: 500,
            most_ms: 20_000,
        }
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self::of(&Raw::default())
    }
}

impl TryFrom<Raw> for Retries {
    type Error = &'static str;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        if raw.retries > 10 {
            Err("`retries` is a number from 0 to 10")
        } else if raw.first_ms == 0 || raw.first_ms > raw.most_ms {
            Err(
                "`first_ms` is a number from 1 to `most_ms`, which is 20000 where nothing else is said",
            )
        } else if raw.most_ms > 600_000 {
            Err("`most_ms` is a number up to 600000")
        } else {
            Ok(Self::of(&raw))
        }
    }
}

impl Retries {
    const fn of(raw: &Raw) -> Self {
        Self {
            most: raw.retries,
            first: Duration::from_millis(raw.first_ms),
            longest: Duration::from_millis(raw.most_ms),
        }
    }

    /// Says how long to wait after an error before asking again; none where asking again does not help. `before` is how
    /// often it was asked again already, and `chance` any number, so that not all who failed at once come back at once.
    pub fn wait(&self, error: &ChatError, before: u32, chance: u32) -> Option<Duration> {
        if before >= self.most {
            return None;
        }
        let part = f64::from(chance) / f64::from(u32::MAX);
        let grown = self
            .first
            .saturating_mul(1 << before.min(20))
            .min(self.longest);
        match error {
            ChatError::RateLimit {
                retry_after_ms: Some(asked),
                ..
            } => {
                let asked = Duration::from_millis(*asked);
                // Not a moment sooner than it asks for, and not at all where that is too long.
                (asked <= self.longest).then(|| asked + self.first.mul_f64(part / 2.0))
            }
            ChatError::RateLimit {
                retry_after_ms: None,
                ..
            }
            | ChatError::Overloaded { .. }
            | ChatError::Connection { .. } => Some(grown.mul_f64(0.5 + part / 2.0)),
            ChatError::InvalidRequest { .. }
            | ChatError::Authentication { .. }
            | ChatError::UnknownModel { .. }
            | ChatError::Permission { .. }
            | ChatError::Cancelled => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Retries = Retries {
        most: 3,
        first: Duration::from_millis(100),
        longest: Duration::from_millis(300),
    };

    fn message() -> String {
        "told".to_owned()
    }

    fn limit(retry_after_ms: Option<u64>) -> ChatError {
        ChatError::RateLimit {
            message: message(),
            retry_after_ms,
        }
    }

    #[test]
    fn a_wait_grows_up_to_its_bound_and_is_never_the_same_for_all() {
        let busy = ChatError::Overloaded { message: message() };
        let wait = |before, chance| {
            POLICY
                .wait(&busy, before, chance)
                .map(|wait| wait.as_millis())
        };
        assert_eq!([wait(0, 0), wait(0, u32::MAX)], [Some(50), Some(100)]);
        assert_eq!([wait(1, 0), wait(1, u32::MAX)], [Some(100), Some(200)]);
        assert_eq!([wait(2, 0), wait(2, u32::MAX)], [Some(150), Some(300)]);
        assert_eq!(wait(3, 0), None);
        let off = Retries { most: 0, ..POLICY };
        assert_eq!(off.wait(&busy, 0, 0), None);
    }

    #[test]
    fn a_wait_is_not_shorter_than_the_provider_asks_for_and_not_longer_than_the_bound() {
        let wait = |asked, chance| POLICY.wait(&limit(Some(asked)), 0, chance);
        assert_eq!(wait(250, 0), Some(Duration::from_millis(250)));
        assert!(wait(250, u32::MAX) > wait(250, 0));
        assert_eq!(wait(301, 0), None);
        assert_eq!(wait(u64::MAX, 0), None);
        assert!(POLICY.wait(&limit(None), 0, 0).is_some());
    }

    #[test]
    fn what_would_fail_again_is_not_tried_again() {
        for error in [
            ChatError::InvalidRequest { message: message() },
            ChatError::Authentication { message: message() },
            ChatError::UnknownModel { model: message() },
            ChatError::Cancelled,
        ] {
            assert_eq!(POLICY.wait(&error, 0, 0), None, "{error}");
        }
    }
}
