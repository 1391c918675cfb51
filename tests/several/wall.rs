//! The second wall, and what no plugin may have, around several repositories.

use super::work::Two;

#[test]
#[cfg(target_os = "linux")]
fn the_wall_lets_each_repository_through() {
    let two = Two::new();
    let receipt = two.write_both("both", &["--merge", "--wall", "required"]);
    assert_eq!(receipt["wall"]["state"], "enforced", "{receipt}");
    assert_eq!(
        two.readmes(),
        ("of a call".to_owned(), "of a call".to_owned())
    );
}

/// Grants `reach` a directory, and returns how a call of one repository and one of both end.
fn granted(two: &Two, place: &std::path::Path) -> [crate::common::Output; 2] {
    let yaml = format!(
        "plugins: [{{name: reach, grants: {{workspace: read-write, directories: ['{}:/data:rw']}}}}]",
        place.display()
    );
    two.env.write(".parac/config/plugins.yaml", &yaml);
    two.env.trust(&["reach"]);
    let words = ["run", "reach__try", "--args", r#"{"steps":[]}"#];
    [two.env.run(&words), two.run(&words)]
}

#[test]
fn no_grant_gives_what_steers_one_of_the_repositories() {
    let two = Two::new();
    // Granted while it was none of those that are worked in.
    let [alone, both] = granted(&two, &two.lib);
    alone.exits(0);
    both.exits(2).says(&["cannot be given (rule `host`)"]);
}
