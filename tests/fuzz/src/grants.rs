//! Grants: what is read is what is written, and nothing is read that was not granted.

use std::str::FromStr as _;

use paracle_host::model::{Grant, ToolPath, ToolPattern};

/// Reads the bytes as a grant in YAML, and each line as a pattern of tools.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(grant) = serde_saphyr::from_str::<Grant>(text) {
        assert!(!grant.to_string().is_empty());
        let json = serde_json::to_string(&grant).expect("a grant is JSON");
        let again: Grant = serde_json::from_str(&json).expect("what was written is read");
        assert_eq!(grant, again);
        // JSON is YAML: the same words mean the same there.
        let again: Grant = serde_saphyr::from_str(&json).expect("JSON is YAML");
        assert_eq!(grant, again);
    }
    for line in text.lines() {
        check_pattern(line);
    }
}

fn check_pattern(line: &str) {
    let Ok(pattern) = ToolPattern::from_str(line) else {
        return;
    };
    assert_eq!(pattern.to_string(), line);
    let ours: ToolPath = "ours__tool".parse().expect("it is one");
    let covers = match &pattern {
        ToolPattern::All => line == "*",
        ToolPattern::Plugin(plugin) => plugin.as_str() == "ours",
        ToolPattern::One(one) => {
            // It names one tool, and covers that one.
            assert!(pattern.covers(one));
            line == "ours__tool"
        }
    };
    assert_eq!(pattern.covers(&ours), covers, "{line}");
}
