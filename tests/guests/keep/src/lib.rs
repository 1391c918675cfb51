//! A fixture of a tool plugin that keeps its instance: what one call counts, the next one sees, and can wait for.

use std::hint::black_box;

use paracle_plugin_sdk::host::tools;
use paracle_plugin_sdk::prelude::*;

#[derive(Default)]
struct Keep {
    calls: u64,
}

impl Plugin for Keep {
    const CAPABILITIES: &[Capability] = &[Capability::Tools];
    const STATEFUL: bool = true;
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self::default())
    }
}

/// Counts its calls since the instance began.
#[derive(Deserialize, JsonSchema)]
struct Count {}

#[derive(Serialize, JsonSchema)]
struct Counted {
    /// How many, this one included.
    calls: u64,
}

impl Tool<Keep> for Count {
    const NAME: &str = "count";
    type Output = Json<Counted>;

    fn call(self, cx: &mut Context<'_, Keep>) -> Result<Json<Counted>, ToolError> {
        let keep = cx.plugin();
        keep.calls += 1;
        Ok(Json::new(Counted { calls: keep.calls }))
    }
}

/// Greets somebody by name, as `hello` does in a fresh instance.
#[derive(Deserialize, JsonSchema)]
struct Greet {
    /// Whom to greet.
    name: String,
}

impl Tool<Keep> for Greet {
    const NAME: &str = "greet";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = String;

    fn call(self, _: &mut Context<'_, Keep>) -> Result<String, ToolError> {
        Ok(format!("Hello, {}!", self.name))
    }
}

/// Says that it began, and never ends.
#[derive(Deserialize, JsonSchema)]
struct Hold {}

impl Tool<Keep> for Hold {
    const NAME: &str = "hold";
    type Output = String;

    fn call(self, _: &mut Context<'_, Keep>) -> Result<String, ToolError> {
        println!("holding");
        loop {
            black_box(0);
        }
    }
}

/// Calls itself, which waits for itself.
#[derive(Deserialize, JsonSchema)]
struct Again {}

impl Tool<Keep> for Again {
    const NAME: &str = "again";
    type Output = String;

    fn call(self, _: &mut Context<'_, Keep>) -> Result<String, ToolError> {
        tools::call("keep__again", &json!({}))?;
        Ok("again".into())
    }
}

paracle_plugin_sdk::export!(tools: [Count, Greet, Hold, Again], plugin: Keep);
