//! Tools that answer with each kind of content, and one that fails.

use paracle_plugin_sdk::output::{Content, EmbeddedResource, Media, Output, ResourceBody};
use paracle_plugin_sdk::tool::ToolError;

use crate::tools;

/// A PNG of one red pixel.
pub(crate) const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, b'I', b'D', b'A', b'T', 8,
    0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// A WAV of one silent sample.
const WAV: &[u8] = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x02\0\0\0\0\0";

tools! {
    "Answers with a text." SimpleText "test_simple_text" => simple_text;
    "Answers with a picture." Image "test_image_content" => image;
    "Answers with a sound." Audio "test_audio_content" => audio;
    "Answers with a resource in full." Embedded "test_embedded_resource" => embedded;
    "Answers with a text, a picture and a resource." Mixed "test_multiple_content_types" => mixed;
    "Fails, always." Failing "test_error_handling" => failing;
}

fn simple_text() -> Result<Output, ToolError> {
    Ok(Output::text("This is a simple text response for testing."))
}

fn image() -> Result<Output, ToolError> {
    Ok(of(vec![picture()]))
}

fn audio() -> Result<Output, ToolError> {
    Ok(of(vec![Content::Audio(Media {
        data: WAV.to_vec(),
        mime_type: "audio/wav".into(),
    })]))
}

fn embedded() -> Result<Output, ToolError> {
    Ok(of(vec![resource(
        "test://embedded-resource",
        "text/plain",
        "This is an embedded resource content.",
    )]))
}

fn mixed() -> Result<Output, ToolError> {
    Ok(of(vec![
        Content::Text("Multiple content types test:".into()),
        picture(),
        resource(
            "test://mixed-content-resource",
            "application/json",
            r#"{"test":"data","value":123}"#,
        ),
    ]))
}

fn failing() -> Result<Output, ToolError> {
    Err(ToolError::runtime(
        "This tool intentionally returns an error for testing",
    ))
}

/// Makes a picture's content.
pub(crate) fn picture() -> Content {
    Content::Image(Media {
        data: PNG.to_vec(),
        mime_type: "image/png".into(),
    })
}

/// Makes a resource's content, in full.
pub(crate) fn resource(uri: &str, mime_type: &str, text: &str) -> Content {
    Content::Embedded(EmbeddedResource {
        uri: uri.into(),
        mime_type: Some(mime_type.into()),
        body: ResourceBody::Text(text.into()),
    })
}

fn of(content: Vec<Content>) -> Output {
    Output {
        content,
        structured: None,
    }
}
