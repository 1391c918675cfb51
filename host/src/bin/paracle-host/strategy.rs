//! The values of `--strategy`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use paracle_host::model::MergeStrategy;

/// Reads a strategy by its name.
pub(crate) fn strategy_values() -> impl TypedValueParser<Value = MergeStrategy> {
    PossibleValuesParser::new(MergeStrategy::ALL.map(|(name, _)| name))
        .try_map(|name| name.parse::<MergeStrategy>())
}
