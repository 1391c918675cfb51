//! A secret's value, which is never shown, and wiped when it is dropped.

use zeroize::Zeroizing;

/// A secret's value.
///
/// It cannot be printed or written to a file by mistake:
///
/// ```compile_fail,E0277
/// fn show(secret: paracle_host::model::SecretValue) -> String {
///     secret.to_string()
/// }
/// ```
#[derive(Clone)]
pub struct SecretValue(Zeroizing<String>);

/// Why a text is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// Too short to be told from other text where it has to be hidden.
    #[error(
        "it has fewer than {} characters, which cannot be told from ordinary text where they have to be hidden",
        SecretValue::SHORTEST
    )]
    Short,
    /// Too long for a header.
    #[error(
        "it has more than {} bytes, which no header takes",
        SecretValue::LONGEST
    )]
    Long,
    /// A header cannot carry it.
    #[error("it has characters that no header can carry; it has to be one line of printable ASCII")]
    Characters,
}

impl SecretValue {
    /// The fewest characters that can be told from ordinary text.
    pub const SHORTEST: usize = 8;
    /// The most bytes.
    pub const LONGEST: usize = 8192;

    /// Takes a value. The end of line that a file ends with is no part of it.
    pub fn new(text: &str) -> Result<Self, BadSecret> {
        let trimmed = text.strip_suffix('\n').unwrap_or(text);
        let trimmed = trimmed.strip_suffix('\r').unwrap_or(trimmed);
        if trimmed.len() < Self::SHORTEST {
            Err(BadSecret::Short)
        } else if trimmed.len() > Self::LONGEST {
            Err(BadSecret::Long)
        } else if !trimmed.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            Err(BadSecret::Characters)
        } else {
            Ok(Self(Zeroizing::new(trimmed.to_owned())))
        }
    }

    /// Returns the value, for the one header that it goes into.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Result<SecretValue, BadSecret> {
        SecretValue::new(text)
    }

    #[test]
    fn a_secret_is_one_printable_line_and_is_never_shown() {
        for text in ["abcd-1234", "abcd-1234\n", "abcd-1234\r\n"] {
            let secret = secret(text).unwrap();
            assert_eq!(secret.expose(), "abcd-1234");
            assert_eq!(format!("{secret:?}"), "[secret]");
        }
        assert_eq!(secret("short").unwrap_err(), BadSecret::Short);
        assert_eq!(
            secret("two\nlines here").unwrap_err(),
            BadSecret::Characters
        );
        assert_eq!(secret("nul\0nul\0nul").unwrap_err(), BadSecret::Characters);
        assert_eq!(secret(&"x".repeat(9000)).unwrap_err(), BadSecret::Long);
    }
}
