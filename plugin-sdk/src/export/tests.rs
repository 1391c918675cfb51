//! The life of a plugin as the host sees it, without a host.

use super::slot::{Guest, Hosted, HostedTools, NOT_STARTED, Package, Slot};
use crate::bindings::life_cycle::exports::paracle::plugin::plugin::Guest as LifeCycle;
use crate::bindings::life_cycle::paracle::plugin::tool_types;
use crate::bindings::tool::exports::paracle::plugin::tool::Guest as Tools;
use crate::prelude::*;
use crate::tool::Entry;
use std::cell::RefCell;

#[derive(Deserialize, JsonSchema)]
struct Config {
    start: u32,
}

struct Tally(u32);

impl Plugin for Tally {
    const CAPABILITIES: &[Capability] = &[Capability::Ask];
    const STATEFUL: bool = true;
    type Config = Config;

    fn new(config: Config) -> Result<Self, InitError> {
        Ok(Self(config.start))
    }

    fn validate_config(config: &Config) -> Result<(), Vec<ConfigProblem>> {
        if config.start > 9 {
            return Err(vec![ConfigProblem::new("/start", "must be at most 9")]);
        }
        Ok(())
    }
}

/// Counts on.
#[derive(Deserialize, JsonSchema)]
struct Next {}

impl Tool<Tally> for Next {
    const NAME: &str = "next";
    type Output = String;

    fn call(self, cx: &mut Context<'_, Tally>) -> Result<String, ToolError> {
        cx.plugin().0 += 1;
        Ok(cx.plugin().0.to_string())
    }
}

struct Exported;

impl Hosted for Exported {
    type Plugin = Tally;
    const PACKAGE: Package = Package {
        name: "tally",
        version: "1.2.3",
        description: "Counts",
        authors: "A <a@b.c>:B",
        homepage: "",
        license: "",
    };
    const KIND: crate::plugin::Kind = crate::plugin::Kind::Tool;

    fn slot() -> &'static Slot<Tally> {
        thread_local! {
            static SLOT: RefCell<Option<Tally>> = const { RefCell::new(None) };
        }
        &SLOT
    }
}

impl HostedTools for Exported {
    const TOOLS: &'static [Entry<Tally>] = &[Entry::<Tally>::of::<Next>()];
}

type Host = Guest<Exported>;

fn next() -> Result<Output, ToolError> {
    let context = tool_types::Context {
        call_id: "1".into(),
        agent_id: None,
        execution_id: None,
        workspace: None,
        config: "{}".into(),
    };
    Host::execute("next".into(), context, "{}".into())
}

#[test]
fn metadata_is_complete_before_anything_is_granted() {
    let info = Host::metadata();
    assert_eq!(
        (info.name.as_str(), info.version.as_str()),
        ("tally", "1.2.3")
    );
    assert_eq!(info.author, "A <a@b.c>, B");
    assert_eq!(
        (info.license.as_str(), info.paracle_version.as_str()),
        ("MIT", ">=0.1.0")
    );
    assert_eq!(info.homepage, None);
    assert!(
        info.config_schema
            .is_some_and(|schema| schema.contains("start"))
    );
    assert_eq!(info.capabilities, [Capability::Ask]);
    assert!(info.stateful);
    let tools = Host::list_tools();
    assert_eq!(
        (tools[0].name.as_str(), tools[0].description.as_str()),
        ("next", "Counts on.")
    );
}

#[test]
fn a_plugin_keeps_its_state_from_start_to_end() {
    assert_eq!(next(), Err(ToolError::runtime(NOT_STARTED)));
    assert_eq!(Host::health().detail.as_deref(), Some(NOT_STARTED));
    assert_eq!(Host::initialize(r#"{"start": 4}"#.into()), Ok(()));
    assert_eq!(next(), Ok(Output::text("5")));
    assert_eq!(next(), Ok(Output::text("6")));
    assert_eq!(Host::health().status, crate::plugin::Status::Healthy);
    assert_eq!(Host::shutdown(), Ok(()));
    assert_eq!(next(), Err(ToolError::runtime(NOT_STARTED)));
}

#[test]
fn wrong_configurations_are_refused() {
    assert!(matches!(
        Host::initialize("{}".into()),
        Err(InitError::InvalidConfig(_))
    ));
    assert_eq!(Host::validate_config(r#"{"start": 9}"#.into()), Ok(()));
    assert_eq!(
        Host::validate_config(r#"{"start": 10}"#.into()),
        Err(vec![ConfigProblem::new("/start", "must be at most 9")])
    );
}

#[test]
fn unknown_tools_are_named() {
    let refused = Host::validate_parameters("other".into(), "{}".into());
    assert_eq!(refused, Err(ToolError::UnknownTool("other".into())));
    assert_eq!(
        Host::validate_parameters("next".into(), "{}".into()),
        Ok(())
    );
}
