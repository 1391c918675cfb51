//! What a person can see of a text, and which words of a JSON Schema are said rather than demanded.

/// Tells whether a character is drawn as nothing, or changes the order in which others are read.
pub const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        // Controls: they write to terminals.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, grapheme joiner, Arabic letter mark, fillers, vowel separators.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{3164}' | '\u{ffa0}'
        // Zero width, direction marks, line and paragraph separators, embeddings, isolates.
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // Variation selectors: bytes can be smuggled in them.
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
        // Byte order mark, interlinear annotations, musical format characters, tags.
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// The keywords of JSON Schema that matter to whoever looks at a schema's texts.
pub mod schema_words {
    /// Tells whether a keyword's value is for the reader, and demands nothing.
    pub fn says(keyword: &str) -> bool {
        matches!(
            keyword,
            "title" | "description" | "$comment" | "default" | "examples"
        )
    }

    /// Tells whether a keyword's value is a map whose keys are names, not keywords.
    pub fn names(keyword: &str) -> bool {
        matches!(
            keyword,
            "properties"
                | "patternProperties"
                | "$defs"
                | "definitions"
                | "dependentSchemas"
                | "dependentRequired"
        )
    }
}
