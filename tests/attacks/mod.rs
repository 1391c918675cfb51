//! What hostile guests try, and what the host still keeps.

mod promises;
mod suite;

pub(crate) use promises::{
    a_plugin_that_keeps_its_instance_does_not_hold_up_others,
    an_observer_that_never_comes_back_does_not_hold_up_the_end, no_tool_writes_what_grants,
};
pub(crate) use suite::every_attack_of_the_table_has_a_test;
