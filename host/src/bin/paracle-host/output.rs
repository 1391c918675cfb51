//! Standard output and standard error: tables and text for people, JSON for programs.

use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use paracle_host::model::{Edit, EditKind};
use paracle_host::observe::redact;
use serde::Serialize;

use crate::exit::Failure;

/// Writes text on standard output, and a line's end if it has none. On a terminal, control characters are shown, not
/// sent: it may be a plugin's text.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let text = &redact(text);
    let text = if out.is_terminal() {
        printable(text)
    } else {
        text.clone().into_owned()
    };
    let end = if text.ends_with('\n') || text.is_empty() {
        ""
    } else {
        "\n"
    };
    let written = write!(out, "{text}{end}").and_then(|()| out.flush());
    match written {
        // Who reads has enough: that is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::failed(format!(
            "cannot write to standard output: {error}"
        ))),
        Ok(()) => Ok(()),
    }
}

/// Writes one JSON document on standard output.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    match serde_json::to_string_pretty(value) {
        // JSON escapes control characters itself, all but those from U+007F on, which `text` sees to.
        Ok(json) => text(&json),
        Err(error) => Err(Failure::failed(format!("cannot write JSON: {error}"))),
    }
}

/// Writes a line on standard error, for the person; that nobody reads it is no failure.
pub(crate) fn tell(line: &str) {
    crate::log::tell(line);
}

/// Lays out a table; cells are one line each.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| printable(&cell).replace('\n', " ")));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// Writes a changed path as `git status` does.
pub(crate) fn changed(edit: &Edit) -> String {
    let letter = match edit.kind {
        EditKind::Added => 'A',
        EditKind::Modified => 'M',
        EditKind::Deleted => 'D',
    };
    format!("{letter} {}", edit.path)
}

/// Shows control characters instead of sending them, all but line ends and tabs.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() && c != '\n' && c != '\t') || is_invisible(c) {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

/// Tells whether a character turns the reading direction, so that a line would not show what it says.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_steered() {
        assert_eq!(
            printable("a\u{1b}[2Jb\n\u{202e}c\u{9b}"),
            "a\\u{1b}[2Jb\n\\u{202e}c\\u{9b}"
        );
    }

    #[test]
    fn a_table_has_a_line_for_each_row() {
        let table = table(["NAME", "KIND"], [["a\nb".to_owned(), "tool".to_owned()]]);
        assert_eq!(table, "NAME  KIND\na b   tool");
    }
}
