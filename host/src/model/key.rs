//! A person's key on this machine, and what is authenticated with it.

use std::fmt;

/// Bytes of a key, and of what authenticates.
pub const KEY_BYTES: usize = 32;

/// A person's secret on this machine. What each purpose authenticates with is derived from it, so that nothing made for one
/// purpose is good for another.
#[derive(Clone)]
pub struct UserKey([u8; KEY_BYTES]);

impl UserKey {
    /// Takes a key's bytes, which have to be random.
    pub const fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Derives the key of one purpose; its name has to be like no other's.
    pub fn purpose(&self, name: &'static str) -> PurposeKey {
        PurposeKey(blake3::derive_key(name, &self.0))
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A key is not shown, not even to a log.
        f.write_str("UserKey")
    }
}

/// What authenticates for one purpose.
#[derive(Clone)]
pub struct PurposeKey([u8; KEY_BYTES]);

impl PurposeKey {
    /// Authenticates parts in their order; where one ends and the next begins is part of it.
    pub fn mac(&self, parts: &[&[u8]]) -> Mac {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Mac(hasher.finalize())
    }

    /// Returns a name of the key, which tells nothing of it.
    pub fn id(&self) -> String {
        self.mac(&[b"the key's name"]).to_string()[..8].to_owned()
    }
}

impl fmt::Debug for PurposeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PurposeKey")
    }
}

/// What says that somebody with the key wrote something. Compared in constant time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mac(blake3::Hash);

impl Mac {
    /// Returns its bytes, to be kept beside what it authenticates.
    pub const fn bytes(&self) -> &[u8; KEY_BYTES] {
        self.0.as_bytes()
    }

    /// Reads it from bytes.
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(blake3::Hash::from_bytes(bytes))
    }

    /// Reads it from hexadecimal digits; none if the text is something else.
    pub fn from_hex(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(Self)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_authenticated_is_bound_to_key_purpose_and_parts() {
        let key = UserKey::new([7; KEY_BYTES]);
        let mac = key.purpose("a").mac(&[b"ab", b"c"]);
        assert_eq!(mac, key.purpose("a").mac(&[b"ab", b"c"]));
        assert_ne!(mac, key.purpose("b").mac(&[b"ab", b"c"]));
        assert_ne!(mac, key.purpose("a").mac(&[b"a", b"bc"]));
        assert_ne!(
            mac,
            UserKey::new([8; KEY_BYTES])
                .purpose("a")
                .mac(&[b"ab", b"c"])
        );
        assert_eq!(Mac::from_hex(&mac.to_string()), Some(mac));
        assert_eq!(format!("{key:?}"), "UserKey");
    }
}
