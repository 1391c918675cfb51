//! Attacks by the network, and on what a person approved.

use serde_json::Value;

use super::act::{Answers, Attack};
use super::arena::Arena;
use super::ended::Ended;
use super::process::{Place, host};
use super::server::Server;
use super::web::Web;

/// Starts a web server, and approves what the attacker is granted there.
pub(super) fn prepare(
    arena: &mut Arena,
    attack: &Attack,
    answers: Answers,
) -> Result<(Web, Server), String> {
    let web = Web::start(answers)?;
    arena.own_person()?;
    arena.plugins(attack.guests, &web.placed(attack.entries))?;
    for guest in attack.guests {
        trust(&arena.place, guest)?;
    }
    let server = Server::start(&arena.place)?;
    Ok((web, server))
}

/// Approves a plugin as the person would.
pub(super) fn trust(place: &Place, plugin: &str) -> Result<(), String> {
    run(place, &["grant", "trust", plugin])
}

/// Runs this program to a good end.
pub(super) fn run(place: &Place, words: &[&str]) -> Result<(), String> {
    let output = host(place, words)
        .and_then(|mut command| command.output())
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: {}", words.join(" "), said.trim()))
}

/// Calls the attacker, and looks at what came out at the server.
pub(super) fn call(
    place: &Place,
    server: &Server,
    web: &Web,
    (tool, arguments): (&str, &str),
    connections: usize,
) -> Result<Ended, String> {
    let arguments: Value =
        serde_json::from_str(&web.placed(arguments)).map_err(|error| error.to_string())?;
    let answer = server.call(tool, &arguments)?;
    if answer.to_string().contains(&place.secret) {
        return Err("the answer holds the secret".to_owned());
    }
    if web.was_sent(&place.secret) {
        return Err("the secret was sent".to_owned());
    }
    let ended = Ended::of_call(&answer);
    match web.connections() {
        came if came == connections => Ok(ended),
        came => Err(format!(
            "{came} connections came instead of {connections}; it ended: {} {}",
            ended.short(),
            ended.message
        )),
    }
}
