//! A prompt with arguments and an embedded resource, and one that asks.

use paracle_plugin_sdk::host::ask::{Answer, ask};
use paracle_plugin_sdk::offered::{
    ContextError, Given, Prompt, PromptInfo, PromptMessage, Prompts, Suggestions, given,
};
use paracle_plugin_sdk::output::{EmbeddedResource, ResourceBody};
use paracle_plugin_sdk::prelude::*;

use super::{Offers, Word, changed};

impl Prompts for Offers {
    fn prompts() -> Vec<PromptInfo> {
        let mut prompts = vec![
            PromptInfo::new("review", "Reviews\u{200b} a file")
                .argument("file", "Which file", true)
                .argument("tone", "How", false),
            PromptInfo::new("asks", "Asks for a word"),
        ];
        if changed() {
            prompts.push(PromptInfo::new("later", "Came later"));
        }
        prompts
    }

    fn get(
        _: &mut Context<'_, Self>,
        name: &str,
        arguments: &[Given],
    ) -> Result<Prompt, ContextError> {
        match name {
            "review" => {
                let file = given(arguments, "file").unwrap_or_default();
                let tone = given(arguments, "tone").unwrap_or("kindly");
                let mut prompt = Prompt::user(format!("Review {file} {tone}."));
                prompt.description = Some("A review".to_owned());
                prompt
                    .messages
                    .push(PromptMessage::user(Content::Embedded(EmbeddedResource {
                        uri: format!("offers://files/{file}"),
                        mime_type: Some("text/plain".to_owned()),
                        body: ResourceBody::Text("its text".to_owned()),
                    })));
                Ok(prompt)
            }
            "asks" => match ask::<Word>("Which word?") {
                Ok(Answer::Accepted(Word { word })) => Ok(Prompt::user(format!("Say {word}."))),
                Ok(_) => Err(ContextError::runtime("no word")),
                Err(error) => Err(ContextError::runtime(error)),
            },
            _ => Err(ContextError::NotFound(format!("prompt {name}"))),
        }
    }

    fn complete_argument(
        _: &mut Context<'_, Self>,
        _: &str,
        argument: &str,
        typed: &str,
        _: &[Given],
    ) -> Result<Suggestions, ContextError> {
        Ok(match argument {
            "tone" => Suggestions::of(["kindly", "keenly", "coldly"], typed),
            _ => Suggestions::none(),
        })
    }
}
