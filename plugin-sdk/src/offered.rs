//! Resources and prompts: what a tool plugin offers beside its tools.
//!
//! ```text
//! paracle_plugin_sdk::export!(tools: [Add], plugin: Notes, context);   // `Notes` is a `Resources` and a `Prompts`
//! ```

use crate::context::Context;
use crate::plugin::{Denied, Plugin};
use crate::tool::InvalidValue;
use std::fmt;

#[doc(inline)]
pub use crate::bindings::life_cycle::paracle::plugin::context_types::{
    ContextError, Given, Prompt, PromptArgument, PromptInfo, PromptMessage, ResourceContent,
    ResourceInfo, Speaker, Suggestions, TemplateInfo,
};

use crate::output::{Content, ResourceBody};

/// Data that an assistant or its person can read by address; each function can read the workspace and change nothing.
///
/// A plugin that offers prompts alone leaves everything at its default.
pub trait Resources: Plugin {
    /// Lists resources by pattern. The same at every call.
    fn templates() -> Vec<TemplateInfo> {
        Vec::new()
    }

    /// Lists what there is now.
    fn list(cx: &mut Context<'_, Self>) -> Result<Vec<ResourceInfo>, ContextError> {
        let _ = cx;
        Ok(Vec::new())
    }

    /// Reads a resource by its address.
    fn read(cx: &mut Context<'_, Self>, uri: &str) -> Result<Vec<ResourceContent>, ContextError> {
        let _ = cx;
        Err(ContextError::NotFound(uri.to_owned()))
    }

    /// Suggests values of a template's variable.
    fn complete_variable(
        cx: &mut Context<'_, Self>,
        uri_template: &str,
        variable: &str,
        typed: &str,
        others: &[Given],
    ) -> Result<Suggestions, ContextError> {
        let _ = (cx, uri_template, variable, typed, others);
        Ok(Suggestions::none())
    }
}

/// Messages that a person picks to begin with.
pub trait Prompts: Plugin {
    /// Lists the prompts. The same at every call.
    fn prompts() -> Vec<PromptInfo> {
        Vec::new()
    }

    /// Makes a prompt; what it requires is there, and nothing else is.
    fn get(
        cx: &mut Context<'_, Self>,
        name: &str,
        arguments: &[Given],
    ) -> Result<Prompt, ContextError> {
        let _ = (cx, arguments);
        Err(ContextError::NotFound(format!("prompt {name}")))
    }

    /// Suggests values of a prompt's argument.
    fn complete_argument(
        cx: &mut Context<'_, Self>,
        name: &str,
        argument: &str,
        typed: &str,
        others: &[Given],
    ) -> Result<Suggestions, ContextError> {
        let _ = (cx, name, argument, typed, others);
        Ok(Suggestions::none())
    }
}

impl ResourceInfo {
    /// Makes a description of an address and a name alone.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            name: name.into(),
            title: None,
            description: None,
            mime_type: None,
            size: None,
            icons: Vec::new(),
        }
    }
}

impl TemplateInfo {
    /// Makes a description of a pattern and a name alone.
    pub fn new(uri_template: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            uri_template: uri_template.into(),
            name: name.into(),
            title: None,
            description: None,
            mime_type: None,
            icons: Vec::new(),
        }
    }
}

impl ResourceContent {
    /// Makes a resource of text.
    pub fn text(uri: impl Into<String>, mime_type: &str, text: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            mime_type: Some(mime_type.to_owned()),
            body: ResourceBody::Text(text.into()),
        }
    }

    /// Makes a resource of bytes.
    pub fn blob(uri: impl Into<String>, mime_type: &str, bytes: Vec<u8>) -> Self {
        Self {
            uri: uri.into(),
            mime_type: Some(mime_type.to_owned()),
            body: ResourceBody::Blob(bytes),
        }
    }
}

impl PromptInfo {
    /// Makes a description without arguments.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            title: None,
            description: Some(description.into()),
            arguments: Vec::new(),
            icons: Vec::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, name: &str, description: &str, required: bool) -> Self {
        self.arguments.push(PromptArgument {
            name: name.to_owned(),
            title: None,
            description: Some(description.to_owned()),
            required,
        });
        self
    }
}

impl Prompt {
    /// Makes a prompt of one message by the person.
    pub fn user(text: impl Into<String>) -> Self {
        Self {
            description: None,
            messages: vec![PromptMessage::user(Content::Text(text.into()))],
        }
    }
}

impl PromptMessage {
    /// Makes a message by the person.
    pub const fn user(content: Content) -> Self {
        Self {
            speaker: Speaker::User,
            content,
        }
    }
}

impl Suggestions {
    /// Suggests nothing.
    pub const fn none() -> Self {
        Self {
            values: Vec::new(),
            total: None,
            more: false,
        }
    }

    /// Suggests those of some values that begin with what was typed.
    ///
    /// ```
    /// use paracle_plugin_sdk::offered::Suggestions;
    ///
    /// assert_eq!(Suggestions::of(["paris", "rome"], "pa").values, ["paris"]);
    /// ```
    pub fn of<'a>(values: impl IntoIterator<Item = &'a str>, typed: &str) -> Self {
        let fits = values.into_iter().filter(|value| value.starts_with(typed));
        let values: Vec<String> = fits.map(str::to_owned).collect();
        Self {
            total: u32::try_from(values.len()).ok(),
            values,
            more: false,
        }
    }
}

/// Returns the value of an argument or a variable.
pub fn given<'a>(arguments: &'a [Given], name: &str) -> Option<&'a str> {
    let found = arguments.iter().find(|one| one.name == name);
    found.map(|one| one.value.as_str())
}

impl ContextError {
    /// Makes the error of one wrong value; `at` is a JSON Pointer such as `/path`, empty for the whole.
    pub fn invalid_value(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidValue(InvalidValue {
            at: at.into(),
            message: message.into(),
        })
    }

    /// Makes the error of a plugin that did what it could and failed.
    pub fn runtime(why: impl fmt::Display) -> Self {
        Self::Runtime(why.to_string())
    }
}

/// With `?`, a failed file operation is the plugin's failure.
impl From<std::io::Error> for ContextError {
    fn from(error: std::io::Error) -> Self {
        Self::runtime(error)
    }
}

impl From<Denied> for ContextError {
    fn from(denied: Denied) -> Self {
        Self::Permission(denied)
    }
}
