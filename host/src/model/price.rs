//! What models cost, by the person's own word.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::chat::Usage;

/// What a model's tokens cost, in US dollars a million.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Price {
    input: f64,
    output: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    input_per_million: f64,
    output_per_million: f64,
}

impl TryFrom<Raw> for Price {
    type Error = &'static str;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let (input, output) = (raw.input_per_million, raw.output_per_million);
        if [input, output]
            .iter()
            .all(|one| one.is_finite() && *one >= 0.0)
        {
            Ok(Self { input, output })
        } else {
            Err("a price is US dollars for a million tokens, from 0 upwards")
        }
    }
}

/// Prices by the model's name, or by its beginning with `*` after it; the longest that fits counts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Prices(BTreeMap<String, Price>);

impl Prices {
    /// Returns what an answer cost, in US dollars; none where the model's price is not known.
    pub fn cost(&self, model: &str, usage: Usage) -> Option<f64> {
        let fits = |name: &str| match name.strip_suffix('*') {
            Some(beginning) => model.starts_with(beginning),
            None => name == model,
        };
        let known = self.0.iter().filter(|(name, _)| fits(name));
        let (_, price) = known.max_by_key(|(name, _)| (!name.ends_with('*'), name.len()))?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "exact up to 2^53 tokens, which nobody pays for"
        )]
        let cost = |tokens: u64, price: f64| tokens as f64 * price / 1e6;
        Some(cost(usage.prompt_tokens, price.input) + cost(usage.completion_tokens, price.output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_that_fits_is_what_a_model_costs() {
        let prices: Prices = serde_saphyr::from_str(
            "{big: {input_per_million: 2, output_per_million: 10}, 'big*': {input_per_million: 1, output_per_million: 1}, \
             'big-new*': {input_per_million: 4, output_per_million: 4}}",
        )
        .unwrap();
        let usage = Usage {
            prompt_tokens: 500_000,
            completion_tokens: 100_000,
            total_tokens: 600_000,
        };
        let cost = |model: &str| prices.cost(model, usage).map(|cost| (cost * 1e6).round());
        assert_eq!(cost("big"), Some(2e6));
        assert_eq!(cost("big-2"), Some(6e5));
        assert_eq!(cost("big-new-1"), Some(2.4e6));
        assert_eq!(cost("other"), None);
        for wrong in [
            "{a: {input_per_million: -1, output_per_million: 1}}",
            "{a: {input_per_million: 1}}",
        ] {
            assert!(serde_saphyr::from_str::<Prices>(wrong).is_err(), "{wrong}");
        }
    }
}
