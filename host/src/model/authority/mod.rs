//! Authority that reaches outside of the repository, as a person writes it: one text a rule.

mod directory;
mod host;
mod http;
mod secret;
mod socket;

pub use directory::DirectoryRule;
pub use host::HostPattern;
pub use http::{HttpRequest, HttpRule, Methods, PortPattern, Scheme};
pub use secret::{SecretName, SecretRule};
pub use socket::{Protocol, SocketRule};

use super::InvalidName;

/// Gives a rule that is written as one text its conversions to and from that text.
macro_rules! written {
    ($rule:ident) => {
        impl TryFrom<String> for $rule {
            type Error = $crate::model::InvalidName;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$rule> for String {
            fn from(rule: $rule) -> Self {
                rule.to_string()
            }
        }
    };
}
use written;
