//! Bearer tokens: named, kept as digests, in a file of this user alone.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::private::{self, Others, PrivateError};

/// No honest file of tokens is larger.
const LARGEST: u64 = 1 << 20;

/// Why tokens cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file is not this user's alone.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// There is no file, or no token in it.
    #[error("{at} holds no token: `paracle-host mcp token new NAME --token-file {at}` makes one", at = path.display())]
    None {
        /// Which.
        path: PathBuf,
    },
    /// A line is none of a file of tokens.
    #[error("{}, line {line}: here belongs `NAME: DIGEST`, the SHA-256 of a token in hexadecimal digits", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: usize,
    },
    /// A name cannot be one.
    #[error(
        "`{0}` is no name for a token: use 1 to 64 of the characters a-z, A-Z, 0-9, `.`, `_` and `-`"
    )]
    Name(String),
    /// A name is taken.
    #[error("{} has a token named {name} already: choose another name, or take its line out", path.display())]
    Taken {
        /// Which file.
        path: PathBuf,
        /// Which name.
        name: String,
    },
    /// The file cannot be read or written.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The tokens that open the door, by their digests.
#[derive(Debug, Clone, Default)]
pub struct Tokens(Vec<(String, [u8; 32])>);

impl Tokens {
    /// Reads a file that has to hold one.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let tokens = Self::read_if_there(path)?;
        if tokens.0.is_empty() {
            return Err(TokenError::None {
                path: path.to_owned(),
            });
        }
        Ok(tokens)
    }

    fn read_if_there(path: &Path) -> Result<Self, TokenError> {
        let Some((file, _)) = private::open_linked(path, Others::Nothing)? else {
            return Ok(Self::default());
        };
        let mut text = String::new();
        let read = file.take(LARGEST).read_to_string(&mut text);
        read.map_err(|source| TokenError::File {
            path: path.to_owned(),
            source,
        })?;
        let mut tokens = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let read = line
                .split_once(':')
                .and_then(|(name, digest)| Some((named(name.trim()).ok()?, unhex(digest.trim())?)));
            tokens.push(read.ok_or_else(|| TokenError::Line {
                path: path.to_owned(),
                line: at + 1,
            })?);
        }
        Ok(Self(tokens))
    }

    /// Returns whose token it is. Takes the same time for each that is none.
    pub(super) fn whose(&self, token: &str) -> Option<&str> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let mut found = None;
        for (name, known) in &self.0 {
            let differs = known
                .iter()
                .zip(&digest)
                .fold(0_u8, |differs, (one, other)| differs | (one ^ other));
            if std::hint::black_box(differs) == 0 {
                found = Some(name.as_str());
            }
        }
        found
    }
}

/// Makes a token of 256 random bits, keeps its digest under a name, and returns it: it is kept nowhere else.
pub fn new_token(path: &Path, name: &str) -> Result<String, TokenError> {
    let failed = |source| TokenError::File {
        path: path.to_owned(),
        source,
    };
    let name = named(name)?;
    let mut tokens = Tokens::read_if_there(path)?;
    if tokens.0.iter().any(|(known, _)| *known == name) {
        return Err(TokenError::Taken {
            path: path.to_owned(),
            name,
        });
    }
    let mut bits = [0_u8; 32];
    let filled = rustix::rand::getrandom(&mut bits, rustix::rand::GetRandomFlags::empty())
        .map_err(|error| failed(error.into()))?;
    if filled < bits.len() {
        return Err(failed(io::Error::other(
            "the system gave too few random bytes",
        )));
    }
    let token = hex(&bits);
    tokens
        .0
        .push((name, Sha256::digest(token.as_bytes()).into()));
    let lines: Vec<String> = tokens
        .0
        .iter()
        .map(|(name, digest)| format!("{name}: {}\n", hex(digest)))
        .collect();
    private::replace(path, &[lines.concat().as_bytes()]).map_err(failed)?;
    Ok(token)
}

fn named(name: &str) -> Result<String, TokenError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if (1..=64).contains(&name.len()) && name.chars().all(fits) {
        Ok(name.to_owned())
    } else {
        Err(TokenError::Name(name.to_owned()))
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}
