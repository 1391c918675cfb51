//! Tools whose schema is what is looked at.

use paracle_plugin_sdk::output::Output;
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::tool::ToolInfo;

use crate::Fixtures;

/// Tool with JSON Schema 2020-12 features
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Vocabulary {
    #[serde(default)]
    name: String,
}

impl Tool<Fixtures> for Vocabulary {
    const NAME: &str = "json_schema_2020_12_tool";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Output;

    fn describe(info: &mut ToolInfo) {
        info.parameters = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": {
                "address": {
                    "$anchor": "addressDef",
                    "type": "object",
                    "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
                },
            },
            "properties": {
                "name": { "type": "string" },
                "address": { "$ref": "#/$defs/address" },
                "contactMethod": { "type": "string", "enum": ["phone", "email"] },
                "phone": { "type": "string" },
                "email": { "type": "string" },
            },
            "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
            "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
            "then": { "required": ["phone"] },
            "else": { "required": ["email"] },
            "additionalProperties": false,
        })
        .to_string();
    }

    fn call(self, _: &mut Context<'_, Fixtures>) -> Result<Output, ToolError> {
        Ok(Output::text(format!(
            "JSON Schema 2020-12 tool called by {:?}",
            self.name
        )))
    }
}

/// Takes arguments that an HTTP client repeats as headers.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct CustomHeaders {
    /// Repeated as the header `Mcp-Param-Region`.
    #[schemars(extend("x-mcp-header" = "Region"))]
    region: String,
    /// Repeated as the header `Mcp-Param-Priority`.
    #[schemars(extend("x-mcp-header" = "Priority"))]
    priority: i64,
    /// Repeated as the header `Mcp-Param-Verbose`.
    #[serde(default)]
    #[schemars(extend("x-mcp-header" = "Verbose"))]
    verbose: bool,
    /// Not repeated.
    query: String,
}

impl Tool<Fixtures> for CustomHeaders {
    const NAME: &str = "test_custom_headers";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Output;

    fn call(self, _: &mut Context<'_, Fixtures>) -> Result<Output, ToolError> {
        let Self {
            region,
            priority,
            verbose,
            query,
        } = self;
        Ok(Output::text(format!(
            "region={region} priority={priority} verbose={verbose} query={query}"
        )))
    }
}
