//! Long results: an assistant is shown the beginning, and can read the whole.

use std::collections::VecDeque;
use std::fmt::Display;
use std::io;
use std::sync::{Mutex, PoisonError};

use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};

/// The scheme of what is kept.
pub(super) const SCHEME: &str = "result://";

/// Results of one caller that are kept.
const MOST: usize = 32;

/// What they may have together, in bytes.
const MOST_BYTES: usize = 32 << 20;

/// The results of one caller that were cut, the oldest first.
#[derive(Default)]
pub(super) struct Kept(Mutex<VecDeque<Whole>>);

struct Whole {
    uri: String,
    contents: Vec<ResourceContents>,
    bytes: usize,
}

impl Kept {
    /// Returns a result of at most so many characters, and keeps the whole of a longer one. What programs read of it stays as it
    /// is where its text is short enough.
    pub(super) fn bound(
        &self,
        mut result: CallToolResult,
        name: impl Display,
        most: usize,
    ) -> CallToolResult {
        let chars: usize = result.content.iter().map(length).sum();
        let structured = result.structured_content.as_ref().map_or(0, json_length);
        if chars <= most && structured <= most {
            return result;
        }
        let uri = format!("{SCHEME}{name}");
        let whole = chars.max(structured);
        let mut contents: Vec<_> = result
            .content
            .iter()
            .filter_map(|block| content(block, &uri))
            .collect();
        if let Some(structured) = &result.structured_content {
            let text = structured.to_string();
            let is_there = |one: &ResourceContents| matches!(one, ResourceContents::TextResourceContents { text: there, .. } if *there == text);
            if !contents.iter().any(is_there) {
                contents.push(ResourceContents::TextResourceContents {
                    uri: uri.clone(),
                    mime_type: Some("application/json".to_owned()),
                    text,
                    meta: None,
                });
            }
        }
        let (content, dropped) = cut(std::mem::take(&mut result.content), most);
        let shown: usize = content.iter().map(length).sum();
        result.content = content;
        if structured > most {
            result.structured_content = None;
        }
        let bytes = chars + structured;
        let missing = match dropped {
            0 => String::new(),
            1 => ", and one picture, sound or resource is left out".to_owned(),
            more => format!(", and {more} pictures, sounds or resources are left out"),
        };
        let rest = if bytes > MOST_BYTES {
            "The whole is too long to be kept: ask for less.".to_owned()
        } else {
            format!(
                "The whole can be read as the resource {uri} until newer long results take its place or the host ends."
            )
        };
        if bytes <= MOST_BYTES {
            self.keep(Whole {
                uri,
                contents,
                bytes,
            });
        }
        result.content.push(ContentBlock::text(format!(
            "Cut: {shown} of {whole} characters are shown{missing}. {rest}"
        )));
        result
    }

    /// Reads a result that was kept.
    pub(super) fn read(&self, uri: &str) -> Option<Vec<ResourceContents>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = kept.iter().find(|whole| whole.uri == uri)?;
        Some(whole.contents.clone())
    }

    /// Returns what the results take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(|whole| whole.bytes).sum()
    }

    /// Gives all of them up; returns what they took, in bytes.
    pub(super) fn clear(&self) -> usize {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.drain(..).map(|whole| whole.bytes).sum()
    }

    fn keep(&self, whole: Whole) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A task's result is asked for again and again.
        kept.retain(|there| there.uri != whole.uri);
        kept.push_back(whole);
        while kept.len() > MOST || kept.iter().map(|whole| whole.bytes).sum::<usize>() > MOST_BYTES
        {
            kept.pop_front();
        }
    }
}

/// Cuts a result's pieces; returns how many were left out that have no beginning to show.
fn cut(content: Vec<ContentBlock>, most: usize) -> (Vec<ContentBlock>, usize) {
    let (mut left, mut dropped) = (most, 0);
    let mut shown = Vec::new();
    for mut block in content {
        let long = length(&block);
        if long <= left {
            left -= long;
            shown.push(block);
        } else if let ContentBlock::Text(text) = &mut block {
            if let Some((at, _)) = text.text.char_indices().nth(left) {
                text.text.truncate(at);
            }
            left = 0;
            if !text.text.is_empty() {
                shown.push(block);
            }
        } else {
            dropped += 1;
        }
    }
    (shown, dropped)
}

/// How many characters a piece is sent as, but for its frame.
fn length(block: &ContentBlock) -> usize {
    match block {
        ContentBlock::Text(text) => text.text.chars().count(),
        ContentBlock::Image(image) => image.data.len(),
        ContentBlock::Audio(audio) => audio.data.len(),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { text, .. } => text.chars().count(),
            ResourceContents::BlobResourceContents { blob, .. } => blob.len(),
            // What the library may know one day.
            _ => 0,
        },
        // A link, or what the library may know one day.
        _ => 0,
    }
}

fn content(block: &ContentBlock, uri: &str) -> Option<ResourceContents> {
    let blob = |data: &str, mime_type: &str| ResourceContents::BlobResourceContents {
        uri: uri.to_owned(),
        mime_type: Some(mime_type.to_owned()),
        blob: data.to_owned(),
        meta: None,
    };
    match block {
        ContentBlock::Text(text) => Some(ResourceContents::text(text.text.clone(), uri)),
        ContentBlock::Image(image) => Some(blob(&image.data, &image.mime_type)),
        ContentBlock::Audio(audio) => Some(blob(&audio.data, &audio.mime_type)),
        ContentBlock::Resource(embedded) => Some(embedded.resource.clone()),
        // A link is short, and was shown.
        _ => None,
    }
}

/// How long a value is as JSON.
fn json_length(value: &serde_json::Value) -> usize {
    struct Counted(usize);
    impl io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // As characters: the bytes that continue one do not count.
            self.0 += bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(0);
    match serde_json::to_writer(&mut counted, value) {
        Ok(()) => counted.0,
        Err(_) => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CallId;

    fn long(text: &str) -> CallToolResult {
        CallToolResult::success(vec![ContentBlock::text(text)])
    }

    fn first(result: &CallToolResult) -> &str {
        match &result.content[0] {
            ContentBlock::Text(text) => &text.text,
            _ => "",
        }
    }

    #[test]
    fn a_short_result_stays_as_it_is() {
        let kept = Kept::default();
        let result = kept.bound(long("ééé"), CallId::generate(), 3);
        assert_eq!((first(&result), result.content.len()), ("ééé", 1));
    }

    #[test]
    fn a_long_result_is_cut_and_kept_whole() {
        let (kept, call) = (Kept::default(), CallId::generate());
        let result = kept.bound(long("ééé"), call, 2);
        assert_eq!((first(&result), result.content.len()), ("éé", 2));
        let whole = kept.read(&format!("{SCHEME}{call}")).unwrap_or_default();
        assert!(
            matches!(&whole[0], ResourceContents::TextResourceContents { text, .. } if text == "ééé")
        );
    }

    #[test]
    fn a_picture_is_left_out_and_kept() {
        let (kept, call) = (Kept::default(), CallId::generate());
        let picture = ContentBlock::image("A".repeat(10), "image/png");
        let result = CallToolResult::success(vec![picture, ContentBlock::text("abc")]);
        let result = kept.bound(result, call, 5);
        assert_eq!(first(&result), "abc");
        assert_eq!(
            kept.read(&format!("{SCHEME}{call}"))
                .map(|whole| whole.len()),
            Some(2)
        );
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let kept = Kept::default();
        let calls: Vec<_> = (0..=MOST).map(|_| CallId::generate()).collect();
        for call in &calls {
            kept.bound(long("abc"), *call, 1);
        }
        assert!(kept.read(&format!("{SCHEME}{}", calls[0])).is_none());
        assert!(kept.read(&format!("{SCHEME}{}", calls[1])).is_some());
        let big = "a".repeat(MOST_BYTES / 2);
        kept.bound(long(&big), CallId::generate(), 1);
        kept.bound(long(&big), CallId::generate(), 1);
        assert!(kept.read(&format!("{SCHEME}{}", calls[1])).is_none());
    }
}
