//! What a tool answers.

use crate::schema::{self, Side};
use crate::tool::ToolError;
use schemars::JsonSchema;
use serde::Serialize;

#[doc(inline)]
pub use crate::bindings::life_cycle::paracle::plugin::tool_types::{
    Content, EmbeddedResource, Media, Output, ResourceBody, ResourceLink,
};

/// Anything that a tool may return.
pub trait IntoOutput {
    /// Returns the JSON Schema of the structured part; none where there is no such part.
    fn returns() -> Option<String> {
        None
    }

    /// Makes the answer.
    fn into_output(self) -> Result<Output, ToolError>;
}

impl Output {
    /// Makes an answer of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            content: vec![Content::Text(text.into())],
            structured: None,
        }
    }
}

impl IntoOutput for Output {
    fn into_output(self) -> Result<Output, ToolError> {
        Ok(self)
    }
}

impl IntoOutput for String {
    fn into_output(self) -> Result<Output, ToolError> {
        Ok(Output::text(self))
    }
}

impl IntoOutput for &'static str {
    fn into_output(self) -> Result<Output, ToolError> {
        Ok(Output::text(self))
    }
}

impl IntoOutput for () {
    fn into_output(self) -> Result<Output, ToolError> {
        Ok(Output {
            content: Vec::new(),
            structured: None,
        })
    }
}

/// A structured answer, with its schema taken from `T`, and the same for people.
///
/// `T` should be a struct: clients expect an object.
///
/// ```
/// use paracle_plugin_sdk::output::{Content, IntoOutput};
/// use paracle_plugin_sdk::prelude::*;
///
/// #[derive(Serialize, JsonSchema)]
/// struct Count {
///     files: usize,
/// }
///
/// let answer = Json::new(Count { files: 3 }).with_text("3 files").into_output()?;
/// assert_eq!(answer.content, [Content::Text("3 files".into())]);
/// assert_eq!(answer.structured.as_deref(), Some(r#"{"files":3}"#));
/// assert!(Json::<Count>::returns().is_some_and(|schema| schema.contains("files")));
/// # Ok::<(), ToolError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Json<T> {
    /// The structured answer.
    pub value: T,
    /// What people read; the JSON itself if absent.
    pub text: Option<String>,
}

impl<T> Json<T> {
    /// Answers with a value that speaks for itself.
    pub fn new(value: T) -> Self {
        Self { value, text: None }
    }

    /// Adds what people, and models that read text, see.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}

impl<T: Serialize + JsonSchema> IntoOutput for Json<T> {
    fn returns() -> Option<String> {
        Some(schema::of::<T>(Side::Out).0.to_string())
    }

    fn into_output(self) -> Result<Output, ToolError> {
        let structured = serde_json::to_string(&self.value)?;
        let text = self.text.unwrap_or_else(|| structured.clone());
        Ok(Output {
            content: vec![Content::Text(text)],
            structured: Some(structured),
        })
    }
}
