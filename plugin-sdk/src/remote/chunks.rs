//! An answer that comes in pieces, as the chunks that the host takes.

use crate::chat::{ChatError, Chunk};
use crate::http::Error;
use crate::provider::Chunks;
use std::collections::VecDeque;
use std::iter;

/// Makes chunks of an answer's pieces, such as its [`Events`](crate::http::Events) or [`Lines`](crate::http::Lines).
/// `read` takes one piece after the other, and none at the body's end; nothing is read behind [`Chunk::Done`] or an
/// error.
pub fn chunks<P>(
    pieces: impl Iterator<Item = Result<P, Error>> + 'static,
    mut read: impl FnMut(Option<P>) -> Result<Vec<Chunk>, ChatError> + 'static,
) -> Chunks {
    let mut pieces = Some(pieces);
    let mut ready = VecDeque::new();
    Box::new(iter::from_fn(move || {
        loop {
            if let Some(chunk) = ready.pop_front() {
                return Some(Ok(chunk));
            }
            let piece = pieces.as_mut()?.next().transpose();
            let ended = matches!(piece, Ok(None));
            match piece.map_err(ChatError::from).and_then(&mut read) {
                Ok(made) => {
                    if ended || made.iter().any(|chunk| matches!(chunk, Chunk::Done(_))) {
                        pieces = None;
                    }
                    ready.extend(made);
                }
                Err(error) => {
                    pieces = None;
                    return Some(Err(error));
                }
            }
        }
    }))
}

/// Returns the error of an answer that ended before it was whole.
pub fn broke_off() -> ChatError {
    ChatError::Connection("the answer broke off before it was whole".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{ChunkEnd, FinishReason, Usage};
    use crate::http::Lines;

    fn read(line: Option<&str>) -> Result<Vec<Chunk>, ChatError> {
        match line {
            None => Err(broke_off()),
            Some("") => Ok(vec![]),
            Some("bad") => Err(ChatError::Overloaded("bad".into())),
            Some("end") => Ok(vec![Chunk::Done(ChunkEnd {
                finish_reason: FinishReason::Stop,
                usage: Usage::new(1, 2),
            })]),
            Some(text) => Ok(text
                .split(' ')
                .map(|word| Chunk::Text(word.into()))
                .collect()),
        }
    }

    fn all(text: &'static str) -> Vec<Result<Chunk, ChatError>> {
        chunks(Lines::new(text.as_bytes(), 20), |line| {
            read(line.as_deref())
        })
        .collect()
    }

    #[test]
    fn chunks_end_with_the_answer_or_with_an_error() {
        let texts = |chunks: &[Result<Chunk, ChatError>]| {
            let text = |chunk: &Result<Chunk, ChatError>| matches!(chunk, Ok(Chunk::Text(_)));
            chunks.iter().filter(|chunk| text(chunk)).count()
        };
        let whole = all("a b\n\nc\nend\nbehind it");
        assert_eq!((texts(&whole), whole.len()), (3, 4));
        assert!(matches!(whole[3], Ok(Chunk::Done(_))));
        let half = all("a b\n");
        assert_eq!((texts(&half), &half[2]), (2, &Err(broke_off())));
        let bad = all("a\nbad\nend");
        assert_eq!((texts(&bad), bad.len()), (1, 2));
        let long = all("a\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        assert!(
            matches!(long[1], Err(ChatError::InvalidRequest(_))),
            "{long:?}"
        );
        assert_eq!(long.len(), 2);
    }
}
