//! A fixture with the long calls that the conformance suite of the Model Context Protocol asks of a server that offers tasks.
//!
//! A plugin of its own, because one of its tools crashes. Each name is the suite's.

use std::thread::sleep;
use std::time::{Duration, Instant};

use paracle_plugin_sdk::host::ask::{self, Answer, AskError};
use paracle_plugin_sdk::host::progress;
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::tool::TaskSupport;

/// How long a call sleeps before it looks whether its caller gave up.
const NAP: Duration = Duration::from_millis(20);

struct Tasks;

impl Plugin for Tasks {
    const CAPABILITIES: &[Capability] = &[Capability::Ask];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Greets somebody by name, at once.
#[derive(Deserialize, JsonSchema)]
struct Greet {
    /// Whom to greet.
    name: String,
}

impl Tool<Tasks> for Greet {
    const NAME: &str = "greet";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = String;

    fn call(self, _: &mut Context<'_, Tasks>) -> Result<String, ToolError> {
        Ok(format!("Hello, {}!", self.name))
    }
}

/// Takes as long as it is told to.
#[derive(Deserialize, JsonSchema)]
struct SlowCompute {
    /// How long to take; at once where it is 0.
    seconds: f64,
    /// What to call the work.
    #[serde(default)]
    label: String,
}

impl Tool<Tasks> for SlowCompute {
    const NAME: &str = "slow_compute";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    const TASK: TaskSupport = TaskSupport::Optional;
    type Output = String;

    fn call(self, cx: &mut Context<'_, Tasks>) -> Result<String, ToolError> {
        let Self { seconds, label } = self;
        let time = Duration::try_from_secs_f64(seconds).map_err(ToolError::runtime)?;
        if !time.is_zero() {
            progress::continue_as_task();
            rest(cx, time)?;
        }
        Ok(format!("{label}: computed for {seconds} s"))
    }
}

/// Works for a second, and fails.
#[derive(Deserialize, JsonSchema)]
struct FailingJob {}

impl Tool<Tasks> for FailingJob {
    const NAME: &str = "failing_job";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    const TASK: TaskSupport = TaskSupport::Required;
    type Output = String;

    fn call(self, cx: &mut Context<'_, Tasks>) -> Result<String, ToolError> {
        progress::continue_as_task();
        rest(cx, Duration::from_secs(1))?;
        Err(ToolError::runtime("This job always fails"))
    }
}

/// Works for a moment, and crashes.
#[derive(Deserialize, JsonSchema)]
struct ProtocolErrorJob {}

impl Tool<Tasks> for ProtocolErrorJob {
    const NAME: &str = "protocol_error_job";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    const TASK: TaskSupport = TaskSupport::Optional;
    type Output = String;

    fn call(self, cx: &mut Context<'_, Tasks>) -> Result<String, ToolError> {
        progress::continue_as_task();
        rest(cx, Duration::from_millis(100))?;
        std::process::abort();
    }
}

/// Deletes nothing, once the person confirmed it.
#[derive(Deserialize, JsonSchema)]
struct ConfirmDelete {
    /// What would be deleted.
    filename: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirmed {
    /// Whether to delete it.
    confirm: bool,
}

impl Tool<Tasks> for ConfirmDelete {
    const NAME: &str = "confirm_delete";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    const TASK: TaskSupport = TaskSupport::Optional;
    type Output = String;

    fn call(self, _: &mut Context<'_, Tasks>) -> Result<String, ToolError> {
        progress::continue_as_task();
        let filename = self.filename;
        Ok(
            match ask::ask::<Confirmed>(&format!("Delete {filename}?"))? {
                Answer::Accepted(Confirmed { confirm: true }) => format!("Deleted {filename}"),
                Answer::Accepted(Confirmed { confirm: false })
                | Answer::Declined
                | Answer::Cancelled => {
                    format!("Kept {filename}")
                }
            },
        )
    }
}

/// Asks two things at once.
#[derive(Deserialize, JsonSchema)]
struct MultiInput {}

#[derive(Deserialize, JsonSchema)]
struct Name {
    /// A name.
    name: String,
}

impl Tool<Tasks> for MultiInput {
    const NAME: &str = "multi_input";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    const TASK: TaskSupport = TaskSupport::Optional;
    type Output = String;

    fn call(self, _: &mut Context<'_, Tasks>) -> Result<String, ToolError> {
        progress::continue_as_task();
        let replies = ask::all([
            (
                "first",
                ask::Request::Form(ask::form::<Name>("What is the first name?")),
            ),
            (
                "second",
                ask::Request::Form(ask::form::<Name>("What is the second name?")),
            ),
        ])?;
        let mut names = Vec::new();
        for reply in replies {
            names.push(name(reply)?);
        }
        Ok(names.join(" and "))
    }
}

/// Asks for a name, and works on with it.
#[derive(Deserialize, JsonSchema)]
struct WithTask {}

impl Tool<Tasks> for WithTask {
    const NAME: &str = "test_tool_with_task";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    const TASK: TaskSupport = TaskSupport::Required;
    type Output = String;

    fn call(self, cx: &mut Context<'_, Tasks>) -> Result<String, ToolError> {
        let question = ask::Request::Form(ask::form::<Name>("What is your name?"));
        let [reply] = ask::all([("user_name", question)])?;
        let name = name(reply)?;
        progress::continue_as_task();
        rest(cx, Duration::from_millis(100))?;
        Ok(format!("Hello, {name}!"))
    }
}

/// Sleeps, and stops where the caller gave up.
fn rest(cx: &Context<'_, Tasks>, time: Duration) -> Result<(), ToolError> {
    let start = Instant::now();
    while let Some(left) = time.checked_sub(start.elapsed()) {
        sleep(left.min(NAP));
        cx.check_cancelled()?;
    }
    Ok(())
}

/// Returns the name that a person gave.
fn name(reply: ask::Reply) -> Result<String, ToolError> {
    let ask::Reply::Form(answer) = reply else {
        return Err(AskError::Unreadable("another question was answered".into()).into());
    };
    match ask::read::<Name>(answer)? {
        Answer::Accepted(Name { name }) => Ok(name),
        Answer::Declined | Answer::Cancelled => Err(ToolError::runtime("the person gave no name")),
    }
}

paracle_plugin_sdk::export!(
    tools: [Greet, SlowCompute, FailingJob, ProtocolErrorJob, ConfirmDelete, MultiInput, WithTask],
    plugin: Tasks
);
