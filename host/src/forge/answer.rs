//! What a forge answers.

use serde_json::Value;

use crate::model::ForgeKind;

/// The most of a forge's own words that an error repeats.
const LONGEST: usize = 300;

/// A pull request that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its page.
    pub url: String,
    /// Its number in the repository.
    pub number: u64,
}

/// Why no pull request was opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForgeError {
    /// The branch has one.
    #[error("the branch has a pull request already, which has what was pushed now: {said}")]
    Exists {
        /// The forge's words.
        said: String,
    },
    /// The token is not good enough.
    #[error(
        "the forge does not take the token ({status}: {said}): it has to be one of this forge that may open pull requests of this repository"
    )]
    Token {
        /// The answer's status.
        status: u16,
        /// The forge's words.
        said: String,
    },
    /// The forge refused.
    #[error("the forge answered {status}: {said}")]
    Refused {
        /// The answer's status.
        status: u16,
        /// The forge's words.
        said: String,
    },
    /// The answer is none of this kind of forge.
    #[error(
        "the forge's answer {status} names no pull request: see whether one was opened, and which forge it is (`--forge`)"
    )]
    Answer {
        /// The answer's status.
        status: u16,
    },
}

/// Reads the answer to the request that opens a pull request.
pub fn read(kind: ForgeKind, status: u16, body: &[u8]) -> Result<Opened, ForgeError> {
    let answer: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    if (200..300).contains(&status) {
        let (page, number) = match kind {
            ForgeKind::Github | ForgeKind::Gitea => (&answer["html_url"], &answer["number"]),
            ForgeKind::Gitlab => (&answer["web_url"], &answer["iid"]),
        };
        return match (page.as_str(), number.as_u64()) {
            (Some(url), Some(number)) => Ok(Opened {
                url: url.to_owned(),
                number,
            }),
            _ => Err(ForgeError::Answer { status }),
        };
    }
    let said = said(&answer, body);
    Err(match status {
        // GitHub says it in a list of errors behind a general code; the others have a code for it.
        409 => ForgeError::Exists { said },
        422 if said.contains("already exists") => ForgeError::Exists { said },
        // A repository that the token may not see is not there.
        401 | 403 | 404 => ForgeError::Token { status, said },
        _ => ForgeError::Refused { status, said },
    })
}

/// Gathers a forge's words: `message`, and the messages of `errors`; GitLab's message may be a list.
fn said(answer: &Value, body: &[u8]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut add = |value: &Value| match value {
        Value::String(text) => words.push(text.clone()),
        Value::Array(list) => {
            let texts = list.iter().filter_map(Value::as_str);
            words.extend(texts.map(str::to_owned));
        }
        Value::Object(map) if !map.is_empty() => words.push(value.to_string()),
        _ => {}
    };
    add(&answer["message"]);
    add(&answer["error"]);
    for error in answer["errors"].as_array().into_iter().flatten() {
        add(&error["message"]);
    }
    let text = if words.is_empty() {
        String::from_utf8_lossy(body).into_owned()
    } else {
        words.join("; ")
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_to_do() {
        let read =
            |status, body: &str| read(ForgeKind::Github, status, body.as_bytes()).unwrap_err();
        let exists = r#"{"message": "Validation Failed", "errors": [{"message": "A pull request already exists for o:b."}]}"#;
        assert!(matches!(read(422, exists), ForgeError::Exists { .. }));
        assert!(
            matches!(read(409, r#"{"message": ["Another open merge request already exists"]}"#), ForgeError::Exists { said } if said.starts_with("Another"))
        );
        assert!(matches!(read(422, "{}"), ForgeError::Refused { .. }));
        assert!(matches!(
            read(401, "{}"),
            ForgeError::Token { status: 401, .. }
        ));
        assert!(matches!(read(201, "<html>"), ForgeError::Answer { .. }));
        let long = read(500, &"é".repeat(9000)).to_string();
        assert!(long.len() < 1000, "{long}");
    }
}
