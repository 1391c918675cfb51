//! A workflow's graph, shown.

use paracle_host::model::Does;
use paracle_host::orchestrate::Plan;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Shows a workflow, and which of its steps can begin together.
pub(crate) fn show(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let workflow = &plan.workflow;
    let waves = plan.waves();
    if context.json {
        let waves: Vec<Vec<_>> = waves
            .iter()
            .map(|wave| wave.iter().map(|step| &step.id).collect())
            .collect();
        return output::json(&json!({
            "workflow": workflow,
            "file": workflow.file,
            "waves": waves,
            "warnings": plan.warnings,
        }));
    }
    let mut lines = vec![match &workflow.description {
        Some(description) => format!("{}: {description}", workflow.id),
        None => workflow.id.to_string(),
    }];
    for input in &workflow.inputs {
        let default = match &input.default {
            Some(value) => format!(" [default: {value}]"),
            None if input.required => " (required)".to_owned(),
            None => String::new(),
        };
        let what = input.description.as_deref().unwrap_or_default();
        lines.push(format!(
            "input   {} ({}) {what}{default}",
            input.name,
            input.kind.name()
        ));
    }
    for (at, wave) in waves.iter().enumerate() {
        for step in wave {
            let by = match &step.does {
                Does::Agent { agent, .. } => format!("agent {}", agent.value),
                Does::Tool(tool) => format!("tool {}", tool.value),
            };
            let needs: Vec<&str> = plan
                .needs_of(&step.id)
                .iter()
                .map(|id| id.as_str())
                .collect();
            let after = if needs.is_empty() {
                String::new()
            } else {
                format!(", after {}", needs.join(", "))
            };
            lines.push(format!("{:>5}   {} by {by}{after}", at + 1, step.id));
        }
    }
    for one in &workflow.outputs {
        lines.push(format!("output  {} = {}", one.name, one.source.value));
    }
    output::text(&lines.join("\n"))
}
