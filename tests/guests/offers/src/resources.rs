//! Text, bytes, many of a kind, some by pattern, one that is not listed, one that asks.

use std::sync::atomic::Ordering;

use paracle_plugin_sdk::host::ask::{Answer, ask};
use paracle_plugin_sdk::offered::{
    ContextError, Given, ResourceContent, ResourceInfo, Resources, Suggestions, TemplateInfo, given,
};
use paracle_plugin_sdk::prelude::*;

use super::{FAILS, Offers, Word};

impl Resources for Offers {
    fn templates() -> Vec<TemplateInfo> {
        let mut template = TemplateInfo::new("offers://places/{country}/{town}", "a place");
        template.description = Some("A place\u{200b} of a country".to_owned());
        vec![template]
    }

    fn list(_: &mut Context<'_, Self>) -> Result<Vec<ResourceInfo>, ContextError> {
        if FAILS.load(Ordering::Relaxed) {
            return Err(ContextError::runtime("the shelf is locked"));
        }
        let mut text = ResourceInfo::new("offers://text", "text");
        text.title = Some("A text\u{202e}".to_owned());
        text.mime_type = Some("text/plain".to_owned());
        text.size = Some(5);
        let mut listed = vec![text, ResourceInfo::new("offers://bytes", "bytes")];
        listed.extend((0..120).map(|number| {
            ResourceInfo::new(
                format!("offers://items/{number:03}"),
                format!("item {number}"),
            )
        }));
        Ok(listed)
    }

    fn read(_: &mut Context<'_, Self>, uri: &str) -> Result<Vec<ResourceContent>, ContextError> {
        let text = |text: String| Ok(vec![ResourceContent::text(uri, "text/plain", text)]);
        match uri {
            "offers://text" => text("hello".to_owned()),
            "offers://bytes" => Ok(vec![ResourceContent::blob(uri, "image/png", vec![0, 255])]),
            "offers://hidden" => text("found".to_owned()),
            "offers://empty" => Ok(Vec::new()),
            "offers://broken" => Err(ContextError::runtime("it is torn")),
            "offers://asks" => match ask::<Word>("Which word opens it?") {
                Ok(Answer::Accepted(Word { word })) => text(format!("opened by {word}")),
                Ok(_) => Err(ContextError::runtime("no word")),
                Err(error) => Err(ContextError::runtime(error)),
            },
            _ => match uri.strip_prefix("offers://places/") {
                Some(place) => text(format!("place {place}")),
                None => Err(ContextError::NotFound(uri.to_owned())),
            },
        }
    }

    fn complete_variable(
        _: &mut Context<'_, Self>,
        _: &str,
        variable: &str,
        typed: &str,
        others: &[Given],
    ) -> Result<Suggestions, ContextError> {
        Ok(match (variable, given(others, "country")) {
            ("country", _) => Suggestions::of(["france", "finland", "italy"], typed),
            ("town", Some("france")) => Suggestions::of(["paris", "pau"], typed),
            ("town", _) => Suggestions {
                values: (0..150).map(|number| format!("town {number}")).collect(),
                total: Some(150),
                more: false,
            },
            _ => Suggestions::none(),
        })
    }
}
