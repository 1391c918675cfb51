//! Standard output and standard error: tables and text for people, JSON for programs.

use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use paracle_host::model::{Edit, EditKind, is_hidden};
use paracle_host::observe::redact;
use serde::Serialize;

use crate::exit::Failure;
use crate::hints;

/// How wide a table is on a terminal that does not tell.
const WIDTH: u16 = 120;

/// A terminal that says that it is narrower does not know.
const NARROWEST: u16 = 40;

/// Cells up to this wide are not broken: an id has 26 characters.
const WHOLE: u16 = 26;

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

/// Writes the program's own words, and not a plugin's, on standard output: commands in them lead where this one was led.
pub(crate) fn say(words: &str) -> Result<(), Failure> {
    text(&hints::led(words))
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
    crate::log::tell(&hints::led(line));
}

/// Lays out a table, as wide as the terminal at the most: cells are one line each, and longer ones go on below. What is no
/// terminal gets a line for each row, however long: a program reads it.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    laid_out(header, rows, width())
}

/// Returns how wide a line may be; none where that is nobody's matter.
fn width() -> Option<u16> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let told = rustix::termios::tcgetwinsize(&out).map_or(0, |size| size.ws_col);
    Some(if told < NARROWEST { WIDTH } else { told })
}

fn laid_out<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    width: Option<u16>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    match width {
        None => table.set_content_arrangement(ContentArrangement::Disabled),
        Some(width) => table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width),
    };
    table.set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| printable(&cell).replace('\n', " ")));
    }
    let widths = table.column_max_content_widths();
    for (column, widest) in table.column_iter_mut().zip(widths) {
        column.set_padding((0, 2));
        // A name or an id is copied whole: what is long is what breaks.
        if widest <= WHOLE {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
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

/// Shows control characters and hidden ones instead of sending them, all but line ends and tabs.
pub(crate) fn printable(text: &str) -> String {
    shown(text, |c| is_hidden(c) && c != '\n' && c != '\t')
}

/// The same of what is one line: it makes no other, nor looks like columns.
pub(crate) fn line(text: &str) -> String {
    shown(text, is_hidden)
}

fn shown(text: &str, escaped: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if escaped(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
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
        for hidden in [
            '\u{200b}', '\u{200e}', '\u{200f}', '\u{61c}', '\u{2028}', '\u{2029}', '\u{feff}',
            '\u{2066}',
        ] {
            assert!(
                !printable(&format!("a{hidden}b\n")).contains(hidden),
                "{hidden:?}"
            );
        }
        assert_eq!(line("a\n ok b\r\t"), "a\\n ok b\\r\\t");
    }

    #[test]
    fn a_table_is_no_wider_than_it_may_be_and_loses_nothing() {
        let long = "network=https://a.example.com tools=a__b ".repeat(8);
        let id = "01JDKXY2M7N8P9Q0R1S2T3V4W5";
        let table = laid_out(
            ["PLUGIN", "GRANT", "ID"],
            [["web".to_owned(), long.clone(), id.to_owned()]],
            Some(60),
        );
        assert!(table.lines().all(|line| line.len() <= 60), "{table}");
        assert!(table.contains(id), "{table}");
        let words = |text: &str| {
            text.split_whitespace()
                .filter(|word| word.contains('='))
                .count()
        };
        assert_eq!(words(&table), words(&long), "{table}");
    }

    #[test]
    fn a_table_that_no_terminal_shows_is_not_wrapped() {
        let long = "network=https://a.example.com tools=a__b ".repeat(8);
        let table = laid_out(
            ["PLUGIN", "GRANT"],
            [["web".to_owned(), long.clone()]],
            None,
        );
        assert_eq!(table, format!("PLUGIN  GRANT\nweb     {}", long.trim_end()));
    }

    #[test]
    fn a_table_has_a_line_for_each_row() {
        let table = table(["NAME", "KIND"], [["a\nb".to_owned(), "tool".to_owned()]]);
        assert_eq!(table, "NAME  KIND\na b   tool");
    }
}
