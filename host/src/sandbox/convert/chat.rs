//! Model calls: requests, responses and errors.

use super::text::said;
use super::{denied_from_wit, denied_to_wit};
use crate::model::chat::{
    ChatError, FinishReason, Message, ModelInfo, Part, Request, Response, Role, ToolCall, ToolSpec,
    Usage,
};
use crate::sandbox::bindings::imports::chat as wit;

const fn role_from_wit(role: wit::Role) -> Role {
    match role {
        wit::Role::System => Role::System,
        wit::Role::User => Role::User,
        wit::Role::Assistant => Role::Assistant,
        wit::Role::Tool => Role::Tool,
    }
}

const fn role_to_wit(role: Role) -> wit::Role {
    match role {
        Role::System => wit::Role::System,
        Role::User => wit::Role::User,
        Role::Assistant => wit::Role::Assistant,
        Role::Tool => wit::Role::Tool,
    }
}

fn part_from_wit(part: wit::Part) -> Part {
    match part {
        wit::Part::Text(text) => Part::Text { text },
        wit::Part::Image(image) => Part::Image {
            data: image.data,
            mime_type: image.mime_type,
        },
        wit::Part::Call(call) => Part::Call(ToolCall {
            id: call.id,
            name: call.name,
            arguments: call.arguments,
        }),
        wit::Part::Outcome(result) => Part::Outcome {
            id: result.id,
            content: result.content,
            is_error: result.is_error,
        },
    }
}

fn part_to_wit(part: Part) -> wit::Part {
    match part {
        Part::Text { text } => wit::Part::Text(text),
        Part::Image { data, mime_type } => wit::Part::Image(wit::Image { data, mime_type }),
        Part::Call(call) => wit::Part::Call(wit::ToolCall {
            id: call.id,
            name: call.name,
            arguments: call.arguments,
        }),
        Part::Outcome {
            id,
            content,
            is_error,
        } => wit::Part::Outcome(wit::ToolResult {
            id,
            content,
            is_error,
        }),
    }
}

pub(in crate::sandbox) fn request_from_wit(request: wit::Request) -> Request {
    Request {
        model: request.model,
        messages: request
            .messages
            .into_iter()
            .map(|message| Message {
                role: role_from_wit(message.role),
                content: message.content.into_iter().map(part_from_wit).collect(),
            })
            .collect(),
        temperature: request.temperature,
        max_tokens: request.max_tokens,
        stop: request.stop,
        stream: request.stream,
        tools: request
            .tools
            .into_iter()
            .map(|tool| ToolSpec {
                name: tool.name,
                description: tool.description,
                parameters: tool.parameters,
            })
            .collect(),
        response_schema: request.response_schema,
    }
}

pub(in crate::sandbox) fn request_to_wit(request: Request) -> wit::Request {
    wit::Request {
        model: request.model,
        messages: request
            .messages
            .into_iter()
            .map(|message| wit::Message {
                role: role_to_wit(message.role),
                content: message.content.into_iter().map(part_to_wit).collect(),
            })
            .collect(),
        temperature: request.temperature,
        max_tokens: request.max_tokens,
        stop: request.stop,
        stream: request.stream,
        tools: request
            .tools
            .into_iter()
            .map(|tool| wit::ToolSpec {
                name: tool.name,
                description: tool.description,
                parameters: tool.parameters,
            })
            .collect(),
        response_schema: request.response_schema,
    }
}

const fn finish_from_wit(reason: wit::FinishReason) -> FinishReason {
    match reason {
        wit::FinishReason::Stop => FinishReason::Stop,
        wit::FinishReason::Length => FinishReason::Length,
        wit::FinishReason::ToolCalls => FinishReason::ToolCalls,
        wit::FinishReason::ContentFilter => FinishReason::ContentFilter,
        wit::FinishReason::Error => FinishReason::Error,
    }
}

const fn finish_to_wit(reason: FinishReason) -> wit::FinishReason {
    match reason {
        FinishReason::Stop => wit::FinishReason::Stop,
        FinishReason::Length => wit::FinishReason::Length,
        FinishReason::ToolCalls => wit::FinishReason::ToolCalls,
        FinishReason::ContentFilter => wit::FinishReason::ContentFilter,
        FinishReason::Error => wit::FinishReason::Error,
    }
}

pub(in crate::sandbox) fn response_from_wit(response: wit::Response) -> Response {
    Response {
        content: response.content.into_iter().map(part_from_wit).collect(),
        model: response.model,
        finish_reason: finish_from_wit(response.finish_reason),
        usage: Usage {
            prompt_tokens: response.usage.prompt_tokens,
            completion_tokens: response.usage.completion_tokens,
            total_tokens: response.usage.total_tokens,
        },
    }
}

pub(in crate::sandbox) fn response_to_wit(response: Response) -> wit::Response {
    wit::Response {
        content: response.content.into_iter().map(part_to_wit).collect(),
        model: response.model,
        finish_reason: finish_to_wit(response.finish_reason),
        usage: wit::Usage {
            prompt_tokens: response.usage.prompt_tokens,
            completion_tokens: response.usage.completion_tokens,
            total_tokens: response.usage.total_tokens,
        },
    }
}

pub(in crate::sandbox) fn model_info_from_wit(info: wit::ModelInfo) -> ModelInfo {
    ModelInfo {
        id: info.id,
        context_length: info.context_length,
        supports_streaming: info.supports_streaming,
        supports_function_calling: info.supports_function_calling,
        supports_vision: info.supports_vision,
        details: info.details,
    }
}

pub(in crate::sandbox) fn model_info_to_wit(info: ModelInfo) -> wit::ModelInfo {
    wit::ModelInfo {
        id: info.id,
        context_length: info.context_length,
        supports_streaming: info.supports_streaming,
        supports_function_calling: info.supports_function_calling,
        supports_vision: info.supports_vision,
        details: info.details,
    }
}

pub(in crate::sandbox) fn chat_error_from_wit(error: wit::ChatError) -> ChatError {
    match error {
        wit::ChatError::InvalidRequest(message) => ChatError::InvalidRequest {
            message: said(message),
        },
        wit::ChatError::Authentication(message) => ChatError::Authentication {
            message: said(message),
        },
        wit::ChatError::Connection(message) => ChatError::Connection {
            message: said(message),
        },
        wit::ChatError::RateLimit(limit) => ChatError::RateLimit {
            message: said(limit.message),
            retry_after_ms: limit.retry_after_ms,
        },
        wit::ChatError::Overloaded(message) => ChatError::Overloaded {
            message: said(message),
        },
        wit::ChatError::UnknownModel(model) => ChatError::UnknownModel { model: said(model) },
        wit::ChatError::Permission(denied) => denied_from_wit(denied).into(),
        wit::ChatError::Cancelled => ChatError::Cancelled,
    }
}

pub(in crate::sandbox) fn chat_error_to_wit(error: ChatError) -> wit::ChatError {
    match error {
        ChatError::InvalidRequest { message } => wit::ChatError::InvalidRequest(message),
        ChatError::Authentication { message } => wit::ChatError::Authentication(message),
        ChatError::Connection { message } => wit::ChatError::Connection(message),
        ChatError::RateLimit {
            message,
            retry_after_ms,
        } => wit::ChatError::RateLimit(wit::RateLimit {
            message,
            retry_after_ms,
        }),
        ChatError::Overloaded { message } => wit::ChatError::Overloaded(message),
        ChatError::UnknownModel { model } => wit::ChatError::UnknownModel(model),
        ChatError::Permission { denied } => wit::ChatError::Permission(denied_to_wit(denied)),
        ChatError::Cancelled => wit::ChatError::Cancelled,
    }
}
