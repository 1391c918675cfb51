//! What a host's refusal says.

use crate::plugin::{Capability, Denied};
use std::fmt;

impl Denied {
    /// Makes the refusal of something that only the operator can grant.
    pub fn not_granted(capability: Capability, what: &str) -> Self {
        Self {
            capability,
            message: format!("{what}; the operator has to grant it"),
            fix: format!(
                "add `{capability}` to this plugin's `grants` in .parac/config/plugins.yaml"
            ),
        }
    }

    /// Makes the answer of every host interface where there is no host: in tests on the developer's machine.
    pub(crate) fn no_host(capability: Capability) -> Self {
        Self {
            capability,
            message: format!("there is no host to answer for `{capability}`"),
            fix: "run the plugin in paracle-host".into(),
        }
    }

    /// Writes the refusal as people read it: what was missing, then how to mend it.
    pub fn text(&self) -> String {
        format!("{} ({})", self.message, self.fix)
    }
}

/// The name as plugins, grants and `wit/` write it.
impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The contract's names are the Rust ones in kebab case; the generated `Debug` writes `Capability::Name`.
        let debug = format!("{self:?}");
        let name = debug.rsplit(':').next().unwrap_or_default();
        for (i, letter) in name.chars().enumerate() {
            if letter.is_ascii_uppercase() && i > 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", letter.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_named_as_in_the_contract() {
        assert_eq!(Capability::FileAccess.to_string(), "file-access");
        assert_eq!(Capability::Ask.to_string(), "ask");
        assert!(
            Denied::not_granted(Capability::Ask, "x")
                .fix
                .contains("`ask`")
        );
    }
}
