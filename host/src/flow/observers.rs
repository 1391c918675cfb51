//! Telling observer plugins what happened, each from a queue and a task of its own, away from the calls.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::Host;
use crate::model::{Event, Kind, PluginName};
use crate::observe::{Listener, Message};

/// Events that wait for one observer; what comes while they wait is lost to it, and counted.
const WAITING: usize = 1024;

/// How many events in a row an observer may fail at before it is left alone for a while.
const FAILURES: u32 = 3;

/// How long an observer is left alone at first, and at the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What stands in an observer's queue.
enum Post {
    Event(Arc<Event>),
    /// Answered once all that stood before it was told.
    Flush(oneshot::Sender<()>),
}

/// The way to one observer.
struct Lane {
    queue: mpsc::Sender<Post>,
    losses: Losses,
}

/// The events that an observer did not get because it was behind.
#[derive(Default)]
struct Losses(u64);

impl Losses {
    /// Counts one, and says so each time that there are twice as many.
    fn count(&mut self, plugin: &PluginName) {
        self.0 = self.0.saturating_add(1);
        if self.0.is_power_of_two() {
            let lost = self.0;
            tracing::warn!(%plugin, lost, "an observer is too slow, and loses events");
        }
    }
}

/// Starts telling events as they come, for as long as the host lives.
pub(super) fn start(host: &Arc<Host>, mut listener: Listener) {
    let host: Weak<Host> = Arc::downgrade(host);
    tokio::spawn(async move {
        let mut lanes = HashMap::new();
        while let Some(told) = listener.next().await {
            match told {
                Message::Event(event) => {
                    let Some(host) = host.upgrade() else {
                        return;
                    };
                    hand_out(&host, &mut lanes, &Arc::new(*event));
                }
                Message::Flush(done) => flush(&lanes, done),
            }
        }
    });
}

/// Puts an event into the queue of each observer. Waits for none of them.
fn hand_out(host: &Arc<Host>, lanes: &mut HashMap<PluginName, Lane>, event: &Arc<Event>) {
    let registry = host.registry();
    let is_one = |name: &PluginName| {
        let plugin = registry.get(name);
        plugin.is_some_and(|plugin| plugin.info.kind == Kind::Observer)
    };
    lanes.retain(|name, _| is_one(name));
    let observers = registry
        .plugins()
        .filter(|plugin| plugin.info.kind == Kind::Observer);
    for plugin in observers {
        let name = &plugin.info.name;
        let lane = lanes
            .entry(name.clone())
            .or_insert_with(|| open(host, name.clone()));
        if lane.queue.try_send(Post::Event(event.clone())).is_err() {
            lane.losses.count(name);
        }
    }
}

/// Answers once each observer was told what stands in its queue.
fn flush(lanes: &HashMap<PluginName, Lane>, done: oneshot::Sender<()>) {
    let queues: Vec<_> = lanes.values().map(|lane| lane.queue.clone()).collect();
    tokio::spawn(async move {
        let mut heard = Vec::new();
        for queue in queues {
            let (told, answer) = oneshot::channel();
            // A queue that is full may be one of an observer that hangs: the others do not wait behind it.
            heard.push(tokio::spawn(async move {
                if queue.send(Post::Flush(told)).await.is_ok() {
                    answer.await.unwrap_or_default();
                }
            }));
        }
        for one in heard {
            // An error says that the runtime ends: there is nothing to wait for.
            one.await.unwrap_or_default();
        }
        // Who flushed may have gone away meanwhile.
        done.send(()).unwrap_or_default();
    });
}

fn open(host: &Arc<Host>, name: PluginName) -> Lane {
    let (queue, posts) = mpsc::channel(WAITING);
    tokio::spawn(tell(Arc::downgrade(host), name, posts));
    Lane {
        queue,
        losses: Losses::default(),
    }
}

/// Tells one observer its events, one after the other. One that fails again and again is left alone for longer each time.
async fn tell(host: Weak<Host>, name: PluginName, mut posts: mpsc::Receiver<Post>) {
    let (mut failures, mut pause) = (0, FIRST_PAUSE);
    while let Some(post) = posts.recv().await {
        let event = match post {
            Post::Event(event) => event,
            Post::Flush(done) => {
                done.send(()).unwrap_or_default();
                continue;
            }
        };
        // The host may end while an observer is told something.
        let Some((sandbox, registry)) = host
            .upgrade()
            .map(|host| (host.sandbox().clone(), host.registry()))
        else {
            return;
        };
        let Some(plugin) = registry.get(&name) else {
            continue;
        };
        let Err(error) = sandbox.observe(plugin, &event).await else {
            (failures, pause) = (0, FIRST_PAUSE);
            continue;
        };
        failures += 1;
        if failures < FAILURES {
            tracing::warn!(plugin = %name, %error, "an observer did not take an event");
            continue;
        }
        let seconds = pause.as_secs();
        tracing::warn!(plugin = %name, %error, seconds, "an observer fails again and again, and is told nothing for a while");
        let lost = rest(&mut posts, pause).await;
        if lost > 0 {
            tracing::warn!(plugin = %name, lost, "an observer lost what happened meanwhile");
        }
        failures = FAILURES - 1;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// Leaves an observer alone for a time, and returns how many events it lost by that. Whoever waits until it was told all of
/// them does not wait for it.
async fn rest(posts: &mut mpsc::Receiver<Post>, pause: Duration) -> u64 {
    let until = Instant::now() + pause;
    let mut lost = 0;
    while let Ok(Some(post)) = tokio::time::timeout_at(until, posts.recv()).await {
        match post {
            Post::Event(_) => lost += 1,
            Post::Flush(done) => done.send(()).unwrap_or_default(),
        }
    }
    lost
}
