//! One question: its words to the terminal, the person's words back.

use std::io::{self, BufRead as _, Read as _};

use paracle_host::flow::check_form;
use paracle_host::model::{Answer, ClientReply, ClientRequest, NotAvailable, Question};
use serde_json::{Map, Value};

use super::field::Field;
use crate::{log, output};

/// A longer line is no answer that a person typed.
const LONGEST: u64 = 64 << 10;

/// Asks the person, and waits as long as they think.
pub(super) fn ask(question: &Question) -> Result<ClientReply, NotAvailable> {
    match &question.request {
        ClientRequest::Form { message, schema } => Ok(ClientReply::Form(form(message, schema)?)),
        ClientRequest::Url { message, url } => Ok(ClientReply::Url(visit(message, url)?)),
        ClientRequest::Sampling(_) | ClientRequest::Roots => {
            Err(NotAvailable::unable(question.request.ability()))
        }
    }
}

fn form(message: &str, schema: &Map<String, Value>) -> Result<Answer<Value>, NotAvailable> {
    let unable = |why| NotAvailable { why };
    check_form(schema, None).map_err(unable)?;
    let fields = Field::all(schema).map_err(unable)?;
    say(message);
    if fields.is_empty() {
        return Ok(match agreed("Yes?")? {
            Answer::Accepted(()) => Answer::Accepted(Value::Object(Map::new())),
            Answer::Declined => Answer::Declined,
            Answer::Cancelled => Answer::Cancelled,
        });
    }
    say("(Ctrl-D declines, Ctrl-C ends the call)");
    loop {
        let mut filled = Map::new();
        for field in &fields {
            match fill(field)? {
                Filled::With(value) => {
                    filled.insert(field.name.clone(), value);
                }
                Filled::Nothing => {}
                Filled::Declined => return Ok(Answer::Declined),
            }
        }
        let filled = Value::Object(filled);
        match check_form(schema, Some(&filled)) {
            Ok(()) => return Ok(Answer::Accepted(filled)),
            Err(why) => say(&format!("{why}; once more, please")),
        }
    }
}

enum Filled {
    With(Value),
    Nothing,
    Declined,
}

fn fill(field: &Field) -> Result<Filled, NotAvailable> {
    for line in field.describe() {
        say(&line);
    }
    loop {
        prompt(&field.prompt());
        let Some(typed) = read()? else {
            return Ok(Filled::Declined);
        };
        match field.read(typed.trim()) {
            Ok(Some(value)) => return Ok(Filled::With(value)),
            Ok(None) => return Ok(Filled::Nothing),
            Err(why) => say(&format!("  {why}")),
        }
    }
}

/// Shows an address, and never opens it: the person sees whole where it leads.
fn visit(message: &str, url: &str) -> Result<Answer<()>, NotAvailable> {
    say(message);
    let uri: Option<http::Uri> = url.parse().ok();
    match uri.as_ref().and_then(http::Uri::host) {
        Some(host) => say(&format!("  it leads to {host}:")),
        None => {
            return Err(NotAvailable {
                why: format!("{url:?} is no address that leads to a host"),
            });
        }
    }
    say(&format!("  {url}"));
    agreed("Did you open it?")
}

fn agreed(question: &str) -> Result<Answer<()>, NotAvailable> {
    loop {
        prompt(&format!("{question} [y/n] "));
        match read()?.as_deref().map(str::trim) {
            Some("y" | "Y" | "yes") => return Ok(Answer::Accepted(())),
            Some("n" | "N" | "no") => return Ok(Answer::Declined),
            None => return Ok(Answer::Cancelled),
            Some(_) => say("  y or n"),
        }
    }
}

/// Reads a line; none where the person ended the input.
fn read() -> Result<Option<String>, NotAvailable> {
    let mut typed = String::new();
    let mut input = io::stdin().lock().take(LONGEST);
    match input.read_line(&mut typed) {
        Ok(0) => {
            prompt("\n");
            Ok(None)
        }
        Ok(_) => Ok(Some(typed)),
        Err(error) => Err(NotAvailable {
            why: format!("what was typed cannot be read: {error}"),
        }),
    }
}

/// Writes a line of what is asked: a plugin's words cannot steer the terminal.
fn say(words: &str) {
    for line in words.lines() {
        log::tell(&output::line(line));
    }
}

fn prompt(words: &str) {
    log::prompt(words);
}
