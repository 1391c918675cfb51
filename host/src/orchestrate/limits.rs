//! What a run took, beside what it may take.

use serde::{Deserialize, Serialize};

use super::AgentError;
use crate::model::{Agent, chat};

/// What a run took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// How often a model was asked.
    pub turns: u32,
    /// How often tools were called.
    pub calls: u32,
    /// Tokens that models read.
    pub prompt_tokens: u64,
    /// Tokens that models wrote.
    pub completion_tokens: u64,
    /// US dollars, where each model's price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

impl Spent {
    /// Counts one answer of a model.
    pub(super) fn asked(&mut self, usage: chat::Usage, cost: Option<f64>) {
        // Nothing is known of the whole where nothing is known of a part.
        self.cost = match (self.turns, self.cost, cost) {
            (0, _, cost) => cost,
            (_, Some(before), Some(cost)) => Some(before + cost),
            (_, _, _) => None,
        };
        self.turns = self.turns.saturating_add(1);
        self.prompt_tokens = self.prompt_tokens.saturating_add(usage.prompt_tokens);
        self.completion_tokens = self
            .completion_tokens
            .saturating_add(usage.completion_tokens);
    }

    /// Adds up what several took. Of costs, what is not known of one with a model is not known of all.
    pub(super) fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum.cost = match (sum.turns, one.turns) {
                (_, 0) => sum.cost,
                (0, _) => one.cost,
                (_, _) => sum.cost.zip(one.cost).map(|(sum, one)| sum + one),
            };
            sum.turns = sum.turns.saturating_add(one.turns);
            sum.calls = sum.calls.saturating_add(one.calls);
            sum.prompt_tokens = sum.prompt_tokens.saturating_add(one.prompt_tokens);
            sum.completion_tokens = sum.completion_tokens.saturating_add(one.completion_tokens);
        }
        sum
    }

    /// Returns all tokens.
    pub const fn tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// Refuses another turn of an agent that took all that it may.
    pub(super) fn check(&self, agent: &Agent) -> Result<(), AgentError> {
        let limits = &agent.limits;
        let reached = |limit: String, key| {
            Err(AgentError::Limit {
                agent: agent.id.to_string(),
                limit,
                key,
            })
        };
        if self.turns >= limits.turns {
            return reached(format!("{} turns", limits.turns), "turns");
        }
        if self.tokens() >= limits.tokens {
            return reached(format!("{} tokens", limits.tokens), "tokens");
        }
        match (limits.cost, self.cost) {
            (Some(most), Some(cost)) if cost >= most => {
                reached(format!("{most} US dollars"), "cost")
            }
            (_, _) => Ok(()),
        }
    }
}
