//! Pieces of answers, and what stands beside a name: pictures, titles, types.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rmcp::model::{ContentBlock, Icon, Resource, ResourceContents};

use crate::mcp::clean;
use crate::model::{self, Content, ResourceBody};

/// The longest address that is shown, in characters.
const LONGEST_URI: usize = 4096;

/// Makes one piece of an answer.
pub(super) fn block(content: Content) -> ContentBlock {
    match content {
        Content::Text { text } => ContentBlock::text(text),
        Content::Image { data, mime_type } => {
            ContentBlock::image(BASE64.encode(data), type_line(&mime_type))
        }
        Content::Audio { data, mime_type } => {
            ContentBlock::audio(BASE64.encode(data), type_line(&mime_type))
        }
        Content::Link {
            uri,
            name,
            description,
            mime_type,
        } => {
            let name = clean::line(&name, clean::LONGEST_TITLE);
            let mut link = Resource::new(clean::line(&uri, LONGEST_URI), name);
            link.description = described(description.as_deref());
            link.mime_type = typed(mime_type.as_deref());
            ContentBlock::resource_link(link)
        }
        Content::Embedded {
            uri,
            mime_type,
            body,
        } => ContentBlock::resource(embedded(&uri, mime_type.as_deref(), body)),
    }
}

/// Makes the content of a resource.
pub(super) fn embedded(uri: &str, mime_type: Option<&str>, body: ResourceBody) -> ResourceContents {
    let (uri, mime_type) = (clean::line(uri, LONGEST_URI), typed(mime_type));
    match body {
        ResourceBody::Text(text) => ResourceContents::TextResourceContents {
            uri,
            mime_type,
            text,
            meta: None,
        },
        ResourceBody::Blob(bytes) => ResourceContents::BlobResourceContents {
            uri,
            mime_type,
            blob: BASE64.encode(bytes),
            meta: None,
        },
    }
}

/// Makes a description safe to show.
pub(super) fn described(said: Option<&str>) -> Option<String> {
    said.map(|said| clean::text(said, clean::LONGEST_DESCRIPTION))
}

/// Makes a title safe to show.
pub(super) fn titled(said: Option<&str>) -> Option<String> {
    said.map(|said| clean::line(said, clean::LONGEST_TITLE))
}

/// Makes the name of a type safe to show.
pub(super) fn typed(said: Option<&str>) -> Option<String> {
    said.map(type_line)
}

fn type_line(said: &str) -> String {
    clean::line(said, clean::LONGEST_TITLE)
}

/// Makes the pictures of a name; none where there are none, as the protocol wants it.
pub(super) fn icons(icons: &[model::Icon]) -> Option<Vec<Icon>> {
    let icon = |icon: &model::Icon| {
        let mut shown = Icon::new(icon.src.clone());
        shown.mime_type = typed(icon.mime_type.as_deref());
        let sizes = icon.sizes.iter().map(|size| clean::line(size, 16));
        shown.sizes = (!icon.sizes.is_empty()).then(|| sizes.collect());
        shown
    };
    (!icons.is_empty()).then(|| icons.iter().map(icon).collect())
}
