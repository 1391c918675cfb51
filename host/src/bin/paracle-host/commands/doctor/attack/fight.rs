//! One attack, from its repository to its verdict.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::act::{Act, Attack, Ends, Tamper};
use super::arena::Arena;
use super::ended::Ended;
use super::judge::judge;
use super::neighbour::{Neighbour, greet, keep_calling};
use super::process::{Place, host};
use super::reach;
use super::report::Outcome;
use super::server::Server;

/// More memory than any attack may make the host take, in MiB: its default limit, twice, and room for the host itself.
const MOST_MEMORY: u64 = 1024;

/// Runs an attack. An error is not the attack's doing: the ground for it could not be laid.
pub(super) fn fight(attack: &Attack, cache: &Path) -> Result<Outcome, String> {
    let mut arena = Arena::new(cache)?;
    let mut wrong = Vec::new();
    let (server, fought) = match attack.act {
        Act::Call(tool, arguments) => {
            arena.arm(attack)?;
            let server = Server::start(&arena.place)?;
            let arguments = arguments_of(arguments, &arena)?;
            let fought = beside(&server, || {
                let answer = server.call(tool, &arguments)?;
                if answer.to_string().contains(&arena.place.secret) {
                    return Err("the answer holds what is another's".to_owned());
                }
                Ok(Ended::of_call(&answer))
            });
            (server, fought)
        }
        Act::Load => {
            let server = Server::start(&arena.place)?;
            let fought = beside(&server, || {
                arena.arm(attack)?;
                load(&arena.place, attack.ends)
            });
            (server, fought)
        }
        Act::Reach(tool, arguments, answers, connections) => {
            let (web, server) = reach::prepare(&mut arena, attack, answers)?;
            let request = (tool, arguments);
            let fought = beside(&server, || {
                reach::call(&arena.place, &server, &web, request, connections)
            });
            (server, fought)
        }
        Act::Change(before, plugin) => {
            arena.own_person()?;
            arena.plugins(&[before], "")?;
            reach::trust(&arena.place, plugin)?;
            let server = Server::start(&arena.place)?;
            let fought = beside(&server, || {
                arena.arm(attack)?;
                load(&arena.place, attack.ends)
            });
            (server, fought)
        }
        Act::Tamper(how) => {
            let server = tampered(&mut arena, attack, how)?;
            let fought = beside(&server, || {
                Ok(Ended {
                    how: "tampered with".to_owned(),
                    reason: None,
                    limit: None,
                    failed: None,
                    message: String::new(),
                    structured: Value::Null,
                })
            });
            (server, fought)
        }
    };
    let (ended, neighbour) = fought;
    let ended = match ended {
        Ok(ended) => {
            wrong.extend(judge(attack.ends, &ended));
            Some(ended)
        }
        Err(error) => {
            wrong.push(error);
            None
        }
    };
    wrong.extend(neighbour.wrong.clone());
    let peak_mib = server.peak_mib();
    if let Some(peak) = peak_mib.filter(|&peak| peak > MOST_MEMORY) {
        wrong.push(format!("the host took {peak} MiB"));
    }
    wrong.extend(lives(server).err());
    wrong.extend(arena.damage());
    Ok(Outcome {
        attack: *attack,
        ended,
        neighbour,
        peak_mib,
        wrong,
    })
}

/// Lets somebody attack while the neighbour is called.
fn beside<T: Send>(
    server: &Server,
    attack: impl FnOnce() -> Result<T, String> + Send,
) -> (Result<T, String>, Neighbour) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let neighbour = scope.spawn(|| keep_calling(server, &done));
        let ended = attack();
        done.store(true, Ordering::Release);
        let neighbour = neighbour.join().unwrap_or_else(|_| Neighbour {
            calls: 0,
            wrong: Some("the neighbour's caller broke".to_owned()),
        });
        (ended, neighbour)
    })
}

/// Adds to a guest's arguments where it may look for what it must not find.
fn arguments_of(arguments: &str, arena: &Arena) -> Result<Value, String> {
    let mut arguments: Value =
        serde_json::from_str(arguments).map_err(|error| error.to_string())?;
    if arguments.get("paths").is_some() {
        arguments["paths"] = json!(arena.temptations());
    }
    Ok(arguments)
}

/// Lets two other processes meet the plugin: one that lists, for the reason; one that serves, which must do so as ever.
fn load(place: &Place, must: Ends) -> Result<Ended, String> {
    let mut list = host(place, &["plugin", "list", "--json"]).map_err(|error| error.to_string())?;
    let listed = if matches!(must, Ends::Unloaded("limit")) {
        // Both take as long as the limit is; anything else is quicker once the first has compiled it.
        std::thread::scope(|scope| {
            let listed = scope.spawn(move || list.output());
            serve(place, must)?;
            let listed = listed.join();
            listed.map_err(|_| "`plugin list` was not read".to_owned())
        })?
    } else {
        let listed = list.output();
        serve(place, must)?;
        listed
    }
    .map_err(|error| error.to_string())?;
    let list: Value = serde_json::from_slice(&listed.stdout)
        .map_err(|error| format!("`plugin list` answered no JSON: {error}"))?;
    Ok(Ended::of_load(&list))
}

/// What the host itself offers, whatever is loaded.
const OWN_TOOLS: &[&str] = &[
    "execution_diff",
    "execution_discard",
    "execution_list",
    "execution_log",
    "paracle_call",
    "paracle_find",
];

fn serve(place: &Place, must: Ends) -> Result<(), String> {
    let server = Server::start(place)?;
    let tools = server.request("tools/list", &json!({}))?;
    let listed = tools["result"]["tools"]
        .as_array()
        .ok_or("there is no list of tools")?;
    let of_neighbour = |tool: &&Value| tool["name"] == "hello__greet";
    // One that has the name of the host's own and is listed beside it is another.
    for name in OWN_TOOLS {
        let times = listed.iter().filter(|tool| tool["name"] == *name).count();
        if times != 1 {
            return Err(format!("{name} is listed {times} times"));
        }
    }
    let of_host = |tool: &&Value| OWN_TOOLS.iter().any(|own| tool["name"] == *own);
    let others: Vec<_> = listed
        .iter()
        .filter(|tool| !of_neighbour(tool) && !of_host(tool))
        .collect();
    let greets = listed.iter().filter(of_neighbour).count();
    if greets != 1 {
        return Err(format!("the neighbour's tool is listed {greets} times"));
    }
    if others.is_empty() == matches!(must, Ends::Clean) {
        return Err(format!("these tools are listed: {others:?}"));
    }
    // As JSON, so that control characters of the text itself are escaped and what is left is what a model reads.
    let text = tools.to_string();
    if let Some(hidden) = text.chars().find(|c| paracle_host::model::is_hidden(*c)) {
        return Err(format!("the list of tools holds {hidden:?}"));
    }
    greet(&server, 0)?;
    server.close()
}

/// Compiles, changes what was kept, and starts a server on it.
fn tampered(arena: &mut Arena, attack: &Attack, how: Tamper) -> Result<Server, String> {
    arena.own_cache();
    arena.arm(attack)?;
    let mut list = host(&arena.place, &["plugin", "list"]).map_err(|error| error.to_string())?;
    list.output().map_err(|error| error.to_string())?;
    arena.tamper(how)?;
    Server::start(&arena.place)
}

/// Checks that a host lives: it answers, it lists, nobody wrote into its channel, and it ends when it is asked to.
fn lives(server: Server) -> Result<(), String> {
    greet(&server, 0)?;
    let tools = server.request("tools/list", &json!({}))?;
    if tools["result"]["tools"]
        .as_array()
        .is_none_or(Vec::is_empty)
    {
        return Err(format!("the host lists {tools}"));
    }
    if let Some(line) = server.forged() {
        return Err(format!("somebody wrote into the protocol: {line}"));
    }
    server.close()
}
