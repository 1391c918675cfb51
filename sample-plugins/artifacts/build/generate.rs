//! Writes the constants and macros that `src/lib.rs` includes.

use std::path::Path;

use super::guests::{Workspace, identifier};

/// Writes `artifacts.rs` into `out`.
pub(crate) fn write(out: &Path, plugins: &Workspace, fixtures: &Workspace) -> Result<(), String> {
    let mut text = constants(&plugins.guests, "sample plugin");
    text +=
        "\n/// The compiled guests of the tests, which no release contains.\npub mod fixtures {\n";
    text += &constants(&fixtures.guests, "test guest");
    text += "}\n";
    text += &each("foreach_plugin", "sample plugin", &plugins.guests);
    text += &each("foreach_fixture", "test guest", &fixtures.guests);
    let path = out.join("artifacts.rs");
    if std::fs::read_to_string(&path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    std::fs::write(&path, text)
        .map_err(|error| format!("failed to write `{}`: {error}", path.display()))
}

/// Writes one constant a guest, and the list of them.
fn constants(guests: &[String], kind: &str) -> String {
    let constant = |guest: &String| {
        let file = identifier(guest);
        format!(
            "/// The component of the {kind} `{guest}`.\npub const {}: &[u8] = \
             include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}.wasm\"));\n",
            file.to_uppercase()
        )
    };
    let pair = |guest: &String| format!("({guest:?}, {}), ", identifier(guest).to_uppercase());
    let mut lines: Vec<String> = guests.iter().map(constant).collect();
    let pairs: Vec<String> = guests.iter().map(pair).collect();
    lines.push(format!(
        "/// Every {kind}: its name and its component.\npub const ALL: &[(&str, &[u8])] = &[{}];\n",
        pairs.concat()
    ));
    lines.concat()
}

/// Writes a macro that calls another one with each name.
fn each(name: &str, kind: &str, guests: &[String]) -> String {
    let call = |guest: &String| format!("        $call!({});\n", identifier(guest));
    let calls: Vec<String> = guests.iter().map(call).collect();
    format!(
        "\n/// Calls a macro with the name of each {kind}, as an identifier.\n#[macro_export]\n\
         macro_rules! {name} {{\n    ($call:ident) => {{\n{}    }};\n}}\n",
        calls.concat()
    )
}
