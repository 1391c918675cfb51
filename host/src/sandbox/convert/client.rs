//! Questions to whoever called, and what they answer.

use super::text::check_length;
use super::{request_from_wit, response_to_wit};
use crate::model::{Ability, Answer, ClientReply, ClientRequest, Question};
use crate::sandbox::bindings::imports::ask as wit;
use crate::sandbox::bindings::imports::tool_types;

/// Questions that one call of `ask-all` may ask.
const MOST: usize = 16;

/// The longest key, in bytes.
const LONGEST_KEY: usize = 64;

pub(in crate::sandbox) const fn ability_from_wit(ability: tool_types::Ability) -> Ability {
    match ability {
        tool_types::Ability::Form => Ability::Form,
        tool_types::Ability::Url => Ability::Url,
        tool_types::Ability::Sampling => Ability::Sampling,
        tool_types::Ability::Roots => Ability::Roots,
    }
}

pub(in crate::sandbox) const fn ability_to_wit(ability: Ability) -> tool_types::Ability {
    match ability {
        Ability::Form => tool_types::Ability::Form,
        Ability::Url => tool_types::Ability::Url,
        Ability::Sampling => tool_types::Ability::Sampling,
        Ability::Roots => tool_types::Ability::Roots,
    }
}

/// Checks a plugin's questions; the error says which is not right, and why.
pub(in crate::sandbox) fn questions_from_wit(
    requests: Vec<wit::KeyedRequest>,
) -> Result<Vec<Question>, String> {
    if requests.is_empty() || requests.len() > MOST {
        return Err(format!(
            "ask 1 to {MOST} things at once, not {}",
            requests.len()
        ));
    }
    let mut questions: Vec<Question> = Vec::new();
    for wit::KeyedRequest { key, request } in requests {
        let fine = (1..=LONGEST_KEY).contains(&key.len())
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if !fine {
            return Err(format!(
                "the key {key:?} is not right: take up to {LONGEST_KEY} letters, digits, `_` and `-`"
            ));
        }
        if questions.iter().any(|question| question.key == key) {
            return Err(format!("two questions have the key {key}"));
        }
        let request = request_of(request).map_err(|why| format!("question {key}: {why}"))?;
        questions.push(Question { key, request });
    }
    Ok(questions)
}

fn request_of(request: wit::Request) -> Result<ClientRequest, String> {
    Ok(match request {
        wit::Request::Form(question) => {
            check_length("message", &question.message)?;
            check_length("schema", &question.schema)?;
            ClientRequest::Form {
                message: question.message,
                schema: serde_json::from_str(&question.schema)
                    .map_err(|error| format!("its `schema` is no JSON object: {error}"))?,
            }
        }
        wit::Request::Url(visit) => {
            check_length("message", &visit.message)?;
            check_length("url", &visit.url)?;
            let plain = visit.url.bytes().all(|byte| byte.is_ascii_graphic());
            if !(plain && visit.url.starts_with("https://")) {
                return Err("its `url` does not begin with `https://`, or is not plain".to_owned());
            }
            ClientRequest::Url {
                message: visit.message,
                url: visit.url,
            }
        }
        wit::Request::Sampling(request) => ClientRequest::Sampling(request_from_wit(request)),
        wit::Request::Roots => ClientRequest::Roots,
    })
}

pub(in crate::sandbox) fn reply_to_wit(reply: ClientReply) -> wit::Reply {
    match reply {
        ClientReply::Form(Answer::Accepted(value)) => {
            wit::Reply::Form(wit::Answer::Accepted(value.to_string()))
        }
        ClientReply::Form(Answer::Declined) => wit::Reply::Form(wit::Answer::Declined),
        ClientReply::Form(Answer::Cancelled) => wit::Reply::Form(wit::Answer::Cancelled),
        ClientReply::Url(Answer::Accepted(())) => wit::Reply::Url(wit::Consent::Accepted),
        ClientReply::Url(Answer::Declined) => wit::Reply::Url(wit::Consent::Declined),
        ClientReply::Url(Answer::Cancelled) => wit::Reply::Url(wit::Consent::Cancelled),
        ClientReply::Sampling(response) => wit::Reply::Sampling(response_to_wit(response)),
        ClientReply::Roots(roots) => wit::Reply::Roots(
            roots
                .into_iter()
                .map(|root| wit::Root {
                    uri: root.uri,
                    name: root.name,
                })
                .collect(),
        ),
    }
}
