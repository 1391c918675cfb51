//! Tools: descriptions, outputs and errors.

use super::text::{check_length, said};
use super::{ability_from_wit, ability_to_wit, denied_from_wit, denied_to_wit};
use crate::model::{
    Annotations, Content, Icon, Output, ResourceBody, TaskSupport, ToolError, ToolInfo, is_hidden,
};
use crate::sandbox::bindings::imports::tool_types as wit;

/// The most pictures that one thing has.
const MOST_ICONS: usize = 8;

/// Checks pictures: a client fetches what they name.
pub(super) fn icons_from_wit(icons: Vec<wit::Icon>) -> Result<Vec<Icon>, String> {
    if icons.len() > MOST_ICONS {
        return Err(format!(
            "it has {} icons; {MOST_ICONS} are allowed",
            icons.len()
        ));
    }
    let check = |icon: wit::Icon| {
        check_length("icon", &icon.src)?;
        let fine = ["https://", "data:image/"]
            .iter()
            .any(|start| icon.src.starts_with(start));
        if !fine {
            return Err("an icon's `src` begins with `https://` or `data:image/`".to_owned());
        }
        if icon.src.chars().any(is_hidden) {
            return Err("an icon's `src` has characters in it that nobody sees".to_owned());
        }
        Ok(Icon {
            src: icon.src,
            mime_type: icon.mime_type,
            sizes: icon.sizes,
        })
    };
    icons.into_iter().map(check).collect()
}

fn icons_to_wit(icons: Vec<Icon>) -> Vec<wit::Icon> {
    let icon = |icon: Icon| wit::Icon {
        src: icon.src,
        mime_type: icon.mime_type,
        sizes: icon.sizes,
    };
    icons.into_iter().map(icon).collect()
}

/// Checks a tool's description; the error names the field and what to do.
pub(in crate::sandbox) fn tool_info_from_wit(info: wit::ToolInfo) -> Result<ToolInfo, String> {
    let name = info
        .name
        .parse()
        .map_err(|error| format!("a tool: {error}"))?;
    check_length("description", &info.description)?;
    check_length("title", info.title.as_deref().unwrap_or_default())?;
    let json = |field: &str, text: &str| {
        // A small text becomes a large value: measured before it is parsed.
        check_length(field, text)?;
        serde_json::from_str(text)
            .map_err(|error| format!("`{field}` of tool {} is not JSON: {error}", info.name))
    };
    Ok(ToolInfo {
        parameters: json("parameters", &info.parameters)?,
        returns: info
            .returns
            .as_deref()
            .map(|text| json("returns", text))
            .transpose()?,
        name,
        title: info.title,
        description: info.description,
        annotations: Annotations {
            read_only: info.annotations.read_only,
            destructive: info.annotations.destructive,
            idempotent: info.annotations.idempotent,
            open_world: info.annotations.open_world,
        },
        icons: icons_from_wit(info.icons)?,
        task: match info.task {
            wit::TaskSupport::Never => TaskSupport::Never,
            wit::TaskSupport::Optional => TaskSupport::Optional,
            wit::TaskSupport::Required => TaskSupport::Required,
        },
        needs: info.needs.into_iter().map(ability_from_wit).collect(),
    })
}

pub(in crate::sandbox) fn tool_info_to_wit(info: ToolInfo) -> wit::ToolInfo {
    wit::ToolInfo {
        name: info.name.into(),
        title: info.title,
        description: info.description,
        parameters: info.parameters.to_string(),
        returns: info.returns.map(|returns| returns.to_string()),
        annotations: wit::Annotations {
            read_only: info.annotations.read_only,
            destructive: info.annotations.destructive,
            idempotent: info.annotations.idempotent,
            open_world: info.annotations.open_world,
        },
        icons: icons_to_wit(info.icons),
        task: match info.task {
            TaskSupport::Never => wit::TaskSupport::Never,
            TaskSupport::Optional => wit::TaskSupport::Optional,
            TaskSupport::Required => wit::TaskSupport::Required,
        },
        needs: info.needs.into_iter().map(ability_to_wit).collect(),
    }
}

pub(super) fn content_from_wit(content: wit::Content) -> Content {
    match content {
        wit::Content::Text(text) => Content::Text { text },
        wit::Content::Image(media) => Content::Image {
            data: media.data,
            mime_type: media.mime_type,
        },
        wit::Content::Audio(media) => Content::Audio {
            data: media.data,
            mime_type: media.mime_type,
        },
        wit::Content::Link(link) => Content::Link {
            uri: link.uri,
            name: link.name,
            description: link.description,
            mime_type: link.mime_type,
        },
        wit::Content::Embedded(resource) => Content::Embedded {
            uri: resource.uri,
            mime_type: resource.mime_type,
            body: match resource.body {
                wit::ResourceBody::Text(text) => ResourceBody::Text(text),
                wit::ResourceBody::Blob(bytes) => ResourceBody::Blob(bytes),
            },
        },
    }
}

fn content_to_wit(content: Content) -> wit::Content {
    match content {
        Content::Text { text } => wit::Content::Text(text),
        Content::Image { data, mime_type } => wit::Content::Image(wit::Media { data, mime_type }),
        Content::Audio { data, mime_type } => wit::Content::Audio(wit::Media { data, mime_type }),
        Content::Link {
            uri,
            name,
            description,
            mime_type,
        } => wit::Content::Link(wit::ResourceLink {
            uri,
            name,
            description,
            mime_type,
        }),
        Content::Embedded {
            uri,
            mime_type,
            body,
        } => wit::Content::Embedded(wit::EmbeddedResource {
            uri,
            mime_type,
            body: match body {
                ResourceBody::Text(text) => wit::ResourceBody::Text(text),
                ResourceBody::Blob(bytes) => wit::ResourceBody::Blob(bytes),
            },
        }),
    }
}

/// Takes a tool's output; the error is the plugin's: structured output that is not JSON.
pub(in crate::sandbox) fn output_from_wit(output: wit::Output) -> Result<Output, String> {
    Ok(Output {
        content: output.content.into_iter().map(content_from_wit).collect(),
        structured: output
            .structured
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| format!("its structured output is not JSON: {error}"))?,
    })
}

pub(in crate::sandbox) fn output_to_wit(output: Output) -> wit::Output {
    wit::Output {
        content: output.content.into_iter().map(content_to_wit).collect(),
        structured: output.structured.map(|value| value.to_string()),
    }
}

pub(in crate::sandbox) fn tool_error_from_wit(error: wit::ToolError) -> ToolError {
    match error {
        wit::ToolError::UnknownTool(name) => ToolError::UnknownTool { name: said(name) },
        wit::ToolError::InvalidValue(value) => ToolError::InvalidValue {
            at: said(value.at),
            message: said(value.message),
        },
        wit::ToolError::Permission(denied) => denied_from_wit(denied).into(),
        wit::ToolError::Runtime(message) => ToolError::Runtime {
            message: said(message),
        },
        wit::ToolError::Cancelled => ToolError::Cancelled,
    }
}

pub(in crate::sandbox) fn tool_error_to_wit(error: ToolError) -> wit::ToolError {
    match error {
        ToolError::UnknownTool { name } => wit::ToolError::UnknownTool(name),
        ToolError::InvalidValue { at, message } => {
            wit::ToolError::InvalidValue(wit::InvalidValue { at, message })
        }
        ToolError::Permission { denied } => wit::ToolError::Permission(denied_to_wit(denied)),
        ToolError::Runtime { message } => wit::ToolError::Runtime(message),
        ToolError::Cancelled => wit::ToolError::Cancelled,
    }
}
