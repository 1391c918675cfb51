//! What language a file is in, by its name.

use std::path::Path;

/// Returns the language's name, or the extension where the language is not known.
pub(crate) fn of(file: &Path) -> String {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let extension = file
        .extension()
        .map(|text| text.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let known = match (name.as_str(), extension.as_str()) {
        ("Makefile" | "GNUmakefile", _) | (_, "mk") => "Make",
        ("Dockerfile" | "Containerfile", _) => "Dockerfile",
        (_, "c" | "h") => "C",
        (_, "cc" | "cpp" | "cxx" | "hh" | "hpp") => "C++",
        (_, "cs") => "C#",
        (_, "css" | "scss") => "CSS",
        (_, "go") => "Go",
        (_, "html" | "htm") => "HTML",
        (_, "java") => "Java",
        (_, "js" | "mjs" | "cjs" | "jsx") => "JavaScript",
        (_, "json") => "JSON",
        (_, "kt") => "Kotlin",
        (_, "md") => "Markdown",
        (_, "php") => "PHP",
        (_, "py") => "Python",
        (_, "rb") => "Ruby",
        (_, "rs") => "Rust",
        (_, "sh" | "bash") => "Shell",
        (_, "sql") => "SQL",
        (_, "swift") => "Swift",
        (_, "toml") => "TOML",
        (_, "ts" | "tsx") => "TypeScript",
        (_, "wit") => "WIT",
        (_, "yaml" | "yml") => "YAML",
        (_, "") => "no extension",
        (_, other) => return format!(".{other}"),
    };
    known.to_owned()
}
