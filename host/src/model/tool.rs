//! What a tool answers.

use serde::{Deserialize, Serialize};

use super::Denied;

/// The body of an embedded resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceBody {
    /// UTF-8.
    Text(String),
    /// Any bytes.
    Blob(#[serde(with = "super::bytes")] Vec<u8>),
}

/// One piece of a tool's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Content {
    /// Text for the model and the person.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image {
        /// Its bytes.
        #[serde(with = "super::bytes")]
        data: Vec<u8>,
        /// Such as `image/png`.
        mime_type: String,
    },
    /// A sound.
    Audio {
        /// Its bytes.
        #[serde(with = "super::bytes")]
        data: Vec<u8>,
        /// Such as `audio/wav`.
        mime_type: String,
    },
    /// A resource to be fetched.
    Link {
        /// Where.
        uri: String,
        /// A short name.
        name: String,
        /// What it is.
        description: Option<String>,
        /// Its type, if known.
        mime_type: Option<String>,
    },
    /// A resource that came along.
    Embedded {
        /// Its address.
        uri: String,
        /// Its type, if known.
        mime_type: Option<String>,
        /// Its bytes or text.
        body: ResourceBody,
    },
}

/// What a tool gave back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// For the model and the person.
    pub content: Vec<Content>,
    /// For programs.
    pub structured: Option<serde_json::Value>,
}

impl Output {
    /// Returns its texts, a line each.
    pub fn texts(&self) -> String {
        let texts = self.content.iter().filter_map(|part| match part {
            Content::Text { text } => Some(text.as_str()),
            Content::Image { .. }
            | Content::Audio { .. }
            | Content::Link { .. }
            | Content::Embedded { .. } => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}

/// Why a tool did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ToolError {
    /// The plugin has no such tool.
    #[error("the plugin has no tool {name:?}")]
    UnknownTool {
        /// What was asked for.
        name: String,
    },
    /// An argument that the schema lets through and the tool does not.
    #[error("{} not right: {message}", argument(at))]
    InvalidValue {
        /// A JSON Pointer (RFC 6901).
        at: String,
        /// What is wrong.
        message: String,
    },
    /// The host refused something that the tool needs.
    #[error(transparent)]
    Permission {
        /// What and why.
        #[from]
        denied: Denied,
    },
    /// The tool did what it could and failed.
    #[error("{message}")]
    Runtime {
        /// In the tool's own words.
        message: String,
    },
    /// The tool saw that its caller gave up.
    #[error("the tool stopped because its caller gave up")]
    Cancelled,
}

/// Names an argument as a person does, by its JSON Pointer: `/path` is `path`, and what lies in it goes on with `/`.
pub(super) fn argument(at: &str) -> String {
    match at.strip_prefix('/') {
        Some(name) => {
            let name = name.replace("~1", "/").replace("~0", "~");
            format!("argument `{name}` is")
        }
        None => "the arguments are".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_that_is_not_right_is_called_by_its_name() {
        for (at, said) in [
            ("/path", "argument `path` is not right: no"),
            ("/paths/0", "argument `paths/0` is not right: no"),
            ("", "the arguments are not right: no"),
        ] {
            let error = ToolError::InvalidValue {
                at: at.to_owned(),
                message: "no".to_owned(),
            };
            assert_eq!(error.to_string(), said);
        }
    }

    #[test]
    fn bytes_are_base64_in_json() {
        let content = [
            Content::Image {
                data: b"png".to_vec(),
                mime_type: "image/png".to_owned(),
            },
            Content::Embedded {
                uri: "x:y".to_owned(),
                mime_type: None,
                body: ResourceBody::Blob(vec![0, 255]),
            },
        ];
        let json = serde_json::to_value(&content).unwrap();
        assert_eq!(json[0]["data"], "cG5n");
        assert_eq!(json[1]["body"]["blob"], "AP8=");
        assert_eq!(
            serde_json::from_value::<[Content; 2]>(json).unwrap(),
            content
        );
    }
}
