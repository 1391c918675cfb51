//! Rules that are written as one text.

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
pub(super) use written;
