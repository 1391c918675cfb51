//! Merging: by strategy, past checks, and what is left to a person where two sides do not fit.

mod checks;
mod conflicts;
mod cut_off;
mod endings;
mod hints;
mod rules;
mod work;
