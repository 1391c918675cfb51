//! The attacking plugins, which travel inside the program so that anybody can run them.

use paracle_sample_artifacts::{HELLO, WEB, fixtures};

use super::bombs;

/// What stands before the name of an attack in the bytes of `masks`, and the room for it.
const MARKER: &[u8] = b"paracle-attack-mask:";
const ROOM: usize = 32;

/// The plugin that is called while others attack.
pub(super) const NEIGHBOUR: &str = "hello";

/// Returns a component and its file's name: a fixture, `masks:` with the name of a mask, or `bomb:` with that of a bomb.
pub(super) fn of(guest: &str) -> Option<(String, Vec<u8>)> {
    let (file, bytes) = match guest.split_once(':') {
        Some(("masks", mask)) => ("masks", masked(mask)?),
        Some(("bomb", bomb)) => ("bomb", bombs::of(bomb)?),
        Some(_) => return None,
        None => (
            guest,
            match guest {
                NEIGHBOUR => HELLO,
                "crash" => fixtures::CRASH,
                "hostile" => fixtures::HOSTILE,
                "hungry" => fixtures::HUNGRY,
                "keep" => fixtures::KEEP,
                "net" => fixtures::NET,
                "spin" => fixtures::SPIN,
                "web" => WEB,
                _ => return None,
            }
            .to_vec(),
        ),
    };
    Some((format!("{file}.wasm"), bytes))
}

/// Writes the name of an attack into the bytes of the plugin that reads it there.
fn masked(mask: &str) -> Option<Vec<u8>> {
    let mut bytes = fixtures::MASKS.to_vec();
    let at = bytes
        .windows(MARKER.len())
        .position(|window| window == MARKER)?
        + MARKER.len();
    let room = bytes.get_mut(at..at + ROOM)?;
    room.fill(b'.');
    // One point has to stay: it ends the name.
    room.get_mut(..mask.len())
        .filter(|_| mask.len() < ROOM)?
        .copy_from_slice(mask.as_bytes());
    Some(bytes)
}
