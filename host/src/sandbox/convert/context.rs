//! Resources, prompts and suggestions.

use super::text::{check_length, said};
use super::{content_from_wit, denied_from_wit, icons_from_wit};
use crate::model::{
    ContextError, Given, Prompt, PromptArgument, PromptInfo, PromptMessage, RESERVED_SCHEMES,
    ResourceBody, ResourceContent, ResourceInfo, Speaker, Suggestions, TemplateInfo,
};
use crate::sandbox::bindings::imports::context_types as wit;
use crate::sandbox::bindings::imports::tool_types;

/// The longest address, in bytes.
const LONGEST_URI: usize = 4096;

/// What a client is shown at once; the protocol's own bound.
const MOST_SUGGESTIONS: usize = 100;

/// The most arguments that a prompt takes.
const MOST_ARGUMENTS: usize = 64;

/// Checks an address that a plugin says: one of its own, and none of the host's.
fn check_uri(uri: &str) -> Result<(), String> {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    let Some(scheme) = scheme.filter(|scheme| is_scheme(scheme)) else {
        return Err(format!(
            "{uri:?} is no URI: it begins with no scheme, such as `notes:`"
        ));
    };
    if uri.len() > LONGEST_URI {
        return Err(format!(
            "a URI has {} bytes; {LONGEST_URI} are allowed",
            uri.len()
        ));
    }
    if let Some(bad) = uri
        .chars()
        .find(|letter| letter.is_control() || letter.is_whitespace())
    {
        return Err(format!("{uri:?} is no URI: it has {bad:?} in it"));
    }
    let scheme = scheme.to_ascii_lowercase();
    if RESERVED_SCHEMES.contains(&scheme.as_str()) {
        return Err(format!(
            "{uri:?} has the scheme `{scheme}`, which is the host's; take another"
        ));
    }
    Ok(())
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

fn check_texts<'a>(
    texts: impl IntoIterator<Item = (&'static str, Option<&'a str>)>,
) -> Result<(), String> {
    texts
        .into_iter()
        .try_for_each(|(field, text)| check_length(field, text.unwrap_or_default()))
}

/// Checks a resource's description; the error names the field and what to do.
pub(in crate::sandbox) fn resource_from_wit(
    info: wit::ResourceInfo,
) -> Result<ResourceInfo, String> {
    check_uri(&info.uri)?;
    check_texts([
        ("name", Some(info.name.as_str())),
        ("title", info.title.as_deref()),
        ("description", info.description.as_deref()),
        ("mime-type", info.mime_type.as_deref()),
    ])?;
    Ok(ResourceInfo {
        uri: info.uri,
        name: info.name,
        title: info.title,
        description: info.description,
        mime_type: info.mime_type,
        size: info.size,
        icons: icons_from_wit(info.icons)?,
    })
}

/// Checks a template's description.
pub(in crate::sandbox) fn template_from_wit(
    info: wit::TemplateInfo,
) -> Result<TemplateInfo, String> {
    check_uri(&info.uri_template)?;
    check_texts([
        ("name", Some(info.name.as_str())),
        ("title", info.title.as_deref()),
        ("description", info.description.as_deref()),
        ("mime-type", info.mime_type.as_deref()),
    ])?;
    Ok(TemplateInfo {
        uri_template: info.uri_template,
        name: info.name,
        title: info.title,
        description: info.description,
        mime_type: info.mime_type,
        icons: icons_from_wit(info.icons)?,
    })
}

/// Checks a prompt's description.
pub(in crate::sandbox) fn prompt_info_from_wit(
    info: wit::PromptInfo,
) -> Result<PromptInfo, String> {
    check_texts([
        ("title", info.title.as_deref()),
        ("description", info.description.as_deref()),
    ])?;
    let name = info
        .name
        .parse()
        .map_err(|error| format!("a prompt: {error}"))?;
    if info.arguments.len() > MOST_ARGUMENTS {
        return Err(format!(
            "prompt {name} takes more than {MOST_ARGUMENTS} arguments"
        ));
    }
    let mut arguments: Vec<PromptArgument> = Vec::new();
    for argument in info.arguments {
        check_texts([
            ("name", Some(argument.name.as_str())),
            ("title", argument.title.as_deref()),
            ("description", argument.description.as_deref()),
        ])?;
        if argument.name.is_empty() || arguments.iter().any(|one| one.name == argument.name) {
            return Err(format!(
                "prompt {name} has an argument without a name, or two named {:?}",
                argument.name
            ));
        }
        arguments.push(PromptArgument {
            name: argument.name,
            title: argument.title,
            description: argument.description,
            required: argument.required,
        });
    }
    Ok(PromptInfo {
        name,
        title: info.title,
        description: info.description,
        arguments,
        icons: icons_from_wit(info.icons)?,
    })
}

/// Takes what a resource reads as; the error is the plugin's: another plugin's address, or the host's.
pub(in crate::sandbox) fn contents_from_wit(
    contents: Vec<wit::ResourceContent>,
) -> Result<Vec<ResourceContent>, String> {
    let take = |content: wit::ResourceContent| {
        check_uri(&content.uri)?;
        Ok(ResourceContent {
            uri: content.uri,
            mime_type: content.mime_type,
            body: match content.body {
                tool_types::ResourceBody::Text(text) => ResourceBody::Text(text),
                tool_types::ResourceBody::Blob(bytes) => ResourceBody::Blob(bytes),
            },
        })
    };
    contents.into_iter().map(take).collect()
}

pub(in crate::sandbox) fn prompt_from_wit(prompt: wit::Prompt) -> Prompt {
    let message = |message: wit::PromptMessage| PromptMessage {
        speaker: match message.speaker {
            wit::Speaker::User => Speaker::User,
            wit::Speaker::Assistant => Speaker::Assistant,
        },
        content: content_from_wit(message.content),
    };
    Prompt {
        description: prompt.description,
        messages: prompt.messages.into_iter().map(message).collect(),
    }
}

pub(in crate::sandbox) fn suggestions_from_wit(mut suggestions: wit::Suggestions) -> Suggestions {
    let more = suggestions.more || suggestions.values.len() > MOST_SUGGESTIONS;
    suggestions.values.truncate(MOST_SUGGESTIONS);
    Suggestions {
        values: suggestions.values.into_iter().map(said).collect(),
        total: suggestions.total,
        more,
    }
}

pub(in crate::sandbox) fn given_to_wit(given: Vec<Given>) -> Vec<wit::Given> {
    given
        .into_iter()
        .map(|Given { name, value }| wit::Given { name, value })
        .collect()
}

pub(in crate::sandbox) fn context_error_from_wit(error: wit::ContextError) -> ContextError {
    match error {
        wit::ContextError::NotFound(what) => ContextError::NotFound { what: said(what) },
        wit::ContextError::InvalidValue(value) => ContextError::InvalidValue {
            at: said(value.at),
            message: said(value.message),
        },
        wit::ContextError::Permission(denied) => denied_from_wit(denied).into(),
        wit::ContextError::Runtime(message) => ContextError::Runtime {
            message: said(message),
        },
        wit::ContextError::Cancelled => ContextError::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugins_addresses_are_its_own() {
        for fine in ["notes://1", "test://template/{id}/data", "x-y+z.1:a"] {
            assert_eq!(check_uri(fine), Ok(()), "{fine}");
        }
        for bad in [
            "",
            "notes",
            "/etc/passwd",
            "1x:y",
            "execution://a/diff",
            "FILE:///etc/passwd",
            "Plugin:x",
            "a b:c",
            "a:b c",
            "a:b\n",
        ] {
            assert!(check_uri(bad).is_err(), "{bad}");
        }
        assert!(check_uri(&format!("a:{}", "b".repeat(LONGEST_URI))).is_err());
    }
}
