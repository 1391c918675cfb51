//! How long a plugin's texts may be.

/// The longest text of a plugin's metadata, in bytes.
const LONGEST: usize = 64 << 10;

/// The longest text of an error that a plugin answers with, in bytes.
const LONGEST_ERROR: usize = 64 << 10;

/// Refuses a text of a plugin's metadata that is too long for anybody.
pub(super) fn check_length(field: &str, text: &str) -> Result<(), String> {
    if text.len() > LONGEST {
        Err(format!(
            "`{field}` has {} bytes; {LONGEST} are allowed",
            text.len()
        ))
    } else {
        Ok(())
    }
}

/// Cuts what a plugin says of an error.
pub(super) fn said(mut text: String) -> String {
    if text.len() > LONGEST_ERROR {
        text.truncate(text.floor_char_boundary(LONGEST_ERROR));
        text.push('…');
    }
    text
}
