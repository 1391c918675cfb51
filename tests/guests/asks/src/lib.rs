//! A fixture that asks whoever calls, tells how far it is, and takes long.

mod job;

use std::thread::sleep;
use std::time::Duration;

use paracle_plugin_sdk::chat::{Message, Request as ChatRequest, Role};
use paracle_plugin_sdk::host::ask::{self, Answer, Reply, Request};
use paracle_plugin_sdk::host::{log, progress};
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::tool::Ability;

use job::{Job, Must};

struct Asks;

impl Plugin for Asks {
    const CAPABILITIES: &[Capability] = &[
        Capability::Ask,
        Capability::Completions,
        Capability::FileAccess,
    ];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// What it asks for.
#[derive(Deserialize, JsonSchema)]
struct Name {
    /// A name.
    name: String,
}

/// Returns what was answered to a form.
fn named(reply: Reply) -> Result<String, ToolError> {
    match reply {
        Reply::Form(answer) => Ok(match ask::read::<Name>(answer)? {
            Answer::Accepted(answer) => answer.name,
            Answer::Declined => "nobody, who declined".to_owned(),
            Answer::Cancelled => "nobody, who cancelled".to_owned(),
        }),
        other => Err(ToolError::runtime(format!("no form: {other:?}"))),
    }
}

fn form(message: &str) -> Request {
    Request::Form(ask::form::<Name>(message))
}

fn sampling(prompt: &str) -> ChatRequest {
    let mut request = ChatRequest::new("any", vec![Message::text(Role::User, prompt)]);
    request.max_tokens = Some(100);
    request
}

/// Asks for one thing.
#[derive(Deserialize, JsonSchema)]
struct One {
    /// `form`, `url`, `sampling` or `roots`.
    what: String,
}

impl Tool<Asks> for One {
    const NAME: &str = "one";
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        match self.what.as_str() {
            "form" => {
                let [reply] = ask::all([("who", form("Who are you?"))])?;
                Ok(format!("Hello, {}!", named(reply)?))
            }
            "url" => Ok(format!(
                "visited: {}",
                ask::visit("Sign in", "https://example.com/in")?
            )),
            "sampling" => Ok(ask::sample(&sampling("Say it"))?.to_text()),
            "roots" => {
                let roots = ask::roots()?;
                let uris: Vec<_> = roots.into_iter().map(|root| root.uri).collect();
                Ok(uris.join(" "))
            }
            other => Err(ToolError::invalid_value(
                "/what",
                format!("what is {other}?"),
            )),
        }
    }
}

/// Asks for several things at once.
#[derive(Deserialize, JsonSchema)]
struct Several {}

impl Tool<Asks> for Several {
    const NAME: &str = "several";
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        let [who, said, folders] = ask::all([
            ("who", form("Who are you?")),
            ("said", Request::Sampling(sampling("Say it"))),
            ("folders", Request::Roots),
        ])?;
        let (Reply::Sampling(said), Reply::Roots(folders)) = (said, folders) else {
            return Err(ToolError::runtime("the replies are not in order"));
        };
        Ok(format!(
            "{} said {} in {} folders",
            named(who)?,
            said.to_text(),
            folders.len()
        ))
    }
}

/// Asks several times, one after the other, and counts how often it began.
#[derive(Deserialize, JsonSchema)]
struct Rounds {
    rounds: usize,
}

impl Tool<Asks> for Rounds {
    const NAME: &str = "rounds";
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        let mut names = Vec::new();
        for round in 1..=self.rounds {
            let key = format!("step{round}");
            let [reply] = ask::all([(key.as_str(), form(&format!("Step {round}")))])?;
            names.push(named(reply)?);
        }
        Ok(names.join(", "))
    }
}

/// Tells how far it is, and logs at every level.
#[derive(Deserialize, JsonSchema)]
struct Tells {}

impl Tool<Asks> for Tells {
    const NAME: &str = "tells";
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        for step in 1..=3 {
            progress::report(step, Some(3), &format!("step {step}"));
        }
        for (level, said) in [
            (log::Level::Debug, "a detail"),
            (log::Level::Info, "some news"),
            (log::Level::Warn, "a warning"),
            (log::Level::Error, "an error"),
        ] {
            log::log(level, "", said);
        }
        Ok("told".to_owned())
    }
}

/// Says that it needs a caller who shows forms.
#[derive(Deserialize, JsonSchema)]
struct Needs {}

impl Tool<Asks> for Needs {
    const NAME: &str = "needs";
    const NEEDS: &[Ability] = &[Ability::Form, Ability::Roots];
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        Ok("needed".to_owned())
    }
}

/// Sleeps before it asks, and after.
#[derive(Deserialize, JsonSchema)]
struct Sleeps {
    ms: u64,
}

impl Tool<Asks> for Sleeps {
    const NAME: &str = "sleeps";
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        sleep(Duration::from_millis(self.ms));
        let [reply] = ask::all([("who", form("Who are you?"))])?;
        sleep(Duration::from_millis(self.ms));
        named(reply)
    }
}

/// Asks in given words.
#[derive(Deserialize, JsonSchema)]
struct Entitled {
    title: String,
}

impl Tool<Asks> for Entitled {
    const NAME: &str = "entitled";
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        let [reply] = ask::all([("who", form(&self.title))])?;
        named(reply)
    }
}

/// Goes on until its caller gives up.
#[derive(Deserialize, JsonSchema)]
struct Endless {}

impl Tool<Asks> for Endless {
    const NAME: &str = "endless";
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        progress::report(1, None, "begun");
        while !progress::cancelled() {
            sleep(Duration::from_millis(5));
        }
        Err(ToolError::Cancelled)
    }
}

paracle_plugin_sdk::export!(
    tools: [One, Several, Rounds, Tells, Entitled, Needs, Sleeps, Endless, Job, Must],
    plugin: Asks
);
