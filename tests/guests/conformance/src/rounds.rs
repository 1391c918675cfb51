//! Tools whose call is answered with what is still needed, in one round or several.
//!
//! A guest does not know of rounds: it asks and goes on. The host makes the rounds of it, and seals what it remembers.

use paracle_plugin_sdk::host::ask::{self, Ability, Reply, Request};
use paracle_plugin_sdk::output::Output;
use paracle_plugin_sdk::tool::ToolError;
use serde_json::{Value, json};

use crate::asking::{form, one, sampling, told};
use crate::tools;

tools! {
    "Asks for a name." Elicitation "test_input_required_result_elicitation" => elicitation;
    "Asks the client's model for a capital." Sampling "test_input_required_result_sampling" => capital;
    "Asks for the client's folders." Roots "test_input_required_result_list_roots" => roots;
    "Asks for a confirmation." RequestState "test_input_required_result_request_state" => confirmed;
    "Asks three things at once." Several "test_input_required_result_multiple_inputs" => several;
    "Asks one thing after another." Rounds "test_input_required_result_multi_round" => rounds;
    "Asks for a confirmation whose state is changed on the way." Tampered "test_input_required_result_tampered_state" => confirmed;
    "Asks what the client can be asked for, and nothing else." Capabilities "test_input_required_result_capabilities" => capabilities;
}

fn elicitation() -> Result<Output, ToolError> {
    let name = text(&one("user_name", name("What is your name?"))?, "name");
    Ok(Output::text(format!("Hello, {name}!")))
}

fn capital() -> Result<Output, ToolError> {
    let said = one(
        "capital_question",
        sampling("What is the capital of France?", 100),
    )?;
    Ok(Output::text(told(&said)))
}

fn roots() -> Result<Output, ToolError> {
    let said = one("client_roots", Request::Roots)?;
    Ok(Output::text(format!("Roots: {}", told(&said))))
}

fn confirmed() -> Result<Output, ToolError> {
    let said = one(
        "confirm",
        form(
            "Please confirm",
            json!({
                "type": "object",
                "properties": { "ok": { "type": "boolean" } },
                "required": ["ok"],
            }),
        ),
    )?;
    Ok(Output::text(format!("state-ok: {}", told(&said))))
}

fn several() -> Result<Output, ToolError> {
    let replies = ask::all([
        ("user_name", name("What is your name?")),
        ("greeting", sampling("Generate a greeting", 50)),
        ("client_roots", Request::Roots),
    ])?;
    let told: Vec<String> = replies.iter().map(told).collect();
    Ok(Output::text(told.join("; ")))
}

fn rounds() -> Result<Output, ToolError> {
    let first = text(&one("step1", name("Step 1: What is your name?"))?, "name");
    let second = one(
        "step2",
        form(
            "Step 2: What is your favorite color?",
            json!({
                "type": "object",
                "properties": { "color": { "type": "string" } },
                "required": ["color"],
            }),
        ),
    )?;
    Ok(Output::text(format!(
        "{first} likes {}",
        text(&second, "color")
    )))
}

fn capabilities() -> Result<Output, ToolError> {
    let mut said = Vec::new();
    for ability in ask::abilities() {
        let reply = match ability {
            Ability::Form => one("user_name", name("What is your name?"))?,
            Ability::Sampling => one(
                "capital_question",
                sampling("What is the capital of France?", 100),
            )?,
            Ability::Url | Ability::Roots => continue,
        };
        said.push(told(&reply));
    }
    Ok(Output::text(said.join("; ")))
}

/// Makes the suite's question for a name.
fn name(message: &str) -> Request {
    form(
        message,
        json!({
            "type": "object",
            "properties": { "name": { "type": "string" } },
            "required": ["name"],
        }),
    )
}

/// Returns a field of an accepted form; what was said otherwise stands for it.
fn text(reply: &Reply, field: &str) -> String {
    let accepted = match reply {
        Reply::Form(ask) => ask::read::<Value>(ask.clone()).ok(),
        Reply::Url(_) | Reply::Sampling(_) | Reply::Roots(_) => None,
    };
    match accepted {
        Some(ask::Answer::Accepted(content)) => {
            content[field].as_str().unwrap_or_default().to_owned()
        }
        Some(ask::Answer::Declined | ask::Answer::Cancelled) | None => told(reply),
    }
}
