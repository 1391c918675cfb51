//! The promise, tried a few times; `cargo xtask crash-test` tries it often.

use std::path::PathBuf;

use super::table::{Phase, Table};
use super::world::{Random, World};
use crate::common::TestEnv;

/// How many processes are killed.
const KILLS: &str = "PARACLE_CRASH_KILLS";
/// Which instants, and which deeds.
const SEED: &str = "PARACLE_CRASH_SEED";
/// More repositories, cloned before anything is done; paths with `:` between them.
const REPOSITORIES: &str = "PARACLE_CRASH_REPOSITORIES";

/// Kills of the short form.
const FEW: u64 = 12;
/// From how many kills on each phase has to be hit.
const MANY: u64 = 200;

#[test]
fn killed_at_any_instant_nothing_is_lost_half_done_or_stuck() {
    let variable = |name: &str| std::env::var(name).ok();
    let number = |name: &str| variable(name).and_then(|text| text.parse::<u64>().ok());
    let kills = number(KILLS).unwrap_or(FEW);
    let seed = number(SEED).unwrap_or(1);
    let mut random = Random::new(seed);
    let mut worlds = vec![
        World::new("a small one, others' branch", TestEnv::new(), false),
        World::new("this one, main checked out", TestEnv::real(), true),
    ];
    let more = variable(REPOSITORIES).unwrap_or_default();
    for path in more.split(':').filter(|path| !path.is_empty()) {
        worlds.push(World::clone_of(&PathBuf::from(path)));
    }
    let mut table = Table::default();
    // One that ended before its instant came was not killed.
    let mut killed = 0;
    while killed < kills {
        let world = random.below(worlds.len());
        let world = &mut worlds[world];
        eprint!("{SEED}={seed}, kill {}: ", killed + 1);
        let phase = world.round(&mut random);
        eprintln!("{phase:?} in {}", world.name);
        table.add(&world.name, phase);
        killed += u64::from(phase != Phase::Over);
    }
    eprintln!("\n{kills} killed, seed {seed}\n{table}");
    for phase in Phase::ASKED {
        assert!(
            kills < MANY || table.hits(phase) > 0,
            "{phase:?} was never hit"
        );
    }
}
