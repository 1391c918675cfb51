//! The report's Markdown.

use crate::{Counts, Measured};

/// Writes the whole report. No date in it: the same tree shall give the same text.
pub(crate) fn markdown(counts: &Counts) -> String {
    let Counts {
        files,
        folders,
        bytes,
        lines,
        binary,
        ..
    } = counts;
    let mut text = String::from("# Repository report\n\n");
    text += &format!(
        "{files} files in {folders} folders: {lines} lines, {bytes} bytes, {binary} files not text.\n"
    );

    text += "\n## Languages\n\n| language | files | lines | bytes |\n|---|---:|---:|---:|\n";
    let mut languages: Vec<_> = counts.languages.iter().collect();
    languages.sort_by(|a, b| b.1.lines.cmp(&a.1.lines).then_with(|| a.0.cmp(b.0)));
    for (name, part) in languages {
        text += &format!(
            "| {} | {} | {} | {} |\n",
            escape(name),
            part.files,
            part.lines,
            part.bytes
        );
    }

    text += &table("Largest files", "bytes", &counts.largest);
    text += "\n## Marks\n\n";
    if counts.marks.is_empty() {
        text += "No TODO, FIXME, XXX or HACK.\n";
    } else {
        let marks: Vec<String> = counts
            .marks
            .iter()
            .map(|(mark, count)| format!("{count} {mark}"))
            .collect();
        text += &format!("{}.\n", marks.join(", "));
        text += &table("Files with the most marks", "marks", &counts.marked);
    }
    text
}

fn table(title: &str, unit: &str, rows: &[Measured]) -> String {
    let mut text = format!("\n## {title}\n\n| file | {unit} |\n|---|---:|\n");
    for row in rows {
        text += &format!("| {} | {} |\n", escape(&row.path), row.size);
    }
    text
}

/// Keeps a name from breaking out of its cell.
fn escape(name: &str) -> String {
    name.replace('|', "\\|").replace(['\n', '\r'], " ")
}
