//! Components of a few bytes that become very much, written by hand: no compiler would make them.

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// The sections that are needed, by their numbers in the format.
mod section {
    /// Of a component.
    pub(super) const CORE_MODULE: u8 = 1;
    pub(super) const CORE_INSTANCE: u8 = 2;
    pub(super) const COMPONENT: u8 = 4;
    pub(super) const INSTANCE: u8 = 5;
    /// Of a module.
    pub(super) const TABLE: u8 = 4;
    pub(super) const MEMORY: u8 = 5;
}

/// Returns a bomb by its name.
pub(super) fn of(name: &str) -> Option<Vec<u8>> {
    Some(match name {
        // Each level holds the next ten times: ten thousand million instances.
        "components" => (0..9).fold(held(MODULE, 10), |inner, _| held(&inner, 10)),
        "instances" => held(MODULE, 900),
        "tables" => held(&module(section::TABLE, 50, &[0x70, 0, 1]), 1),
        "table" => held(
            &module(
                section::TABLE,
                1,
                &[&[0x70, 0], leb(4_000_000_000).as_slice()].concat(),
            ),
            1,
        ),
        "memories" => held(&module(section::MEMORY, 90, &[0, 1]), 1),
        "memory" => held(
            &module(section::MEMORY, 1, &[&[0], leb(65_536).as_slice()].concat()),
            1,
        ),
        _ => return None,
    })
}

/// A component that holds a module or a component, and instantiates it so often.
fn held(inner: &[u8], times: u64) -> Vec<u8> {
    let (holds, instantiates) = if inner.starts_with(MODULE) {
        (section::CORE_MODULE, section::CORE_INSTANCE)
    } else {
        (section::COMPONENT, section::INSTANCE)
    };
    let instances: Vec<u8> = (0..times).flat_map(|_| [0, 0, 0]).collect();
    [
        COMPONENT,
        &sectioned(holds, inner),
        &sectioned(instantiates, &[leb(times), instances].concat()),
    ]
    .concat()
}

/// A module with one thing so often.
fn module(section: u8, times: u64, thing: &[u8]) -> Vec<u8> {
    let things: Vec<u8> = (0..times).flat_map(|_| thing.iter().copied()).collect();
    [MODULE, &sectioned(section, &[leb(times), things].concat())].concat()
}

fn sectioned(id: u8, body: &[u8]) -> Vec<u8> {
    [&[id], leb(body.len() as u64).as_slice(), body].concat()
}

/// Writes a number as the format does: seven bits a byte.
fn leb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let [low, ..] = (number & 0x7f).to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
