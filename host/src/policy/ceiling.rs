//! Cutting a grant down to what another one allows: nobody passes on more than they have.

use crate::model::{Grant, ToolPath, ToolPattern};

/// Returns what of a grant a ceiling allows, too.
pub fn cut(grant: &Grant, ceiling: &Grant) -> Grant {
    let tool = |pattern: &&ToolPattern| match pattern {
        ToolPattern::One(path) => covers_tool(ceiling, path),
        ToolPattern::Plugin(_) | ToolPattern::All => {
            ceiling.tools.contains(pattern) || ceiling.tools.contains(&ToolPattern::All)
        }
    };
    Grant {
        workspace: grant.workspace.min(ceiling.workspace),
        completions: only(&grant.completions, |provider| {
            ceiling.completions.contains(provider)
        }),
        tools: only(&grant.tools, |pattern| tool(&pattern)),
        network: only(&grant.network, |rule| {
            ceiling.network.iter().any(|own| own.contains(rule))
        }),
        sockets: only(&grant.sockets, |rule| {
            ceiling.sockets.iter().any(|own| own.contains(rule))
        }),
        directories: grant
            .directories
            .iter()
            .filter_map(|rule| ceiling.directories.iter().find_map(|own| rule.within(own)))
            .collect(),
        secrets: only(&grant.secrets, |rule| {
            ceiling.secrets.iter().any(|own| own.contains(rule))
        }),
        ask: grant.ask && ceiling.ask,
    }
}

/// Tells whether a grant allows all of what is needed.
pub(super) fn covers(grant: &Grant, need: &Grant) -> bool {
    cut(need, grant) == *need
}

/// Tells whether a grant allows a tool to be called.
pub(super) fn covers_tool(grant: &Grant, path: &ToolPath) -> bool {
    grant.tools.iter().any(|pattern| pattern.covers(path))
}

fn only<T: Clone>(of: &[T], keep: impl Fn(&T) -> bool) -> Vec<T> {
    of.iter().filter(|one| keep(one)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(text: &str) -> Grant {
        serde_saphyr::from_str(text).unwrap()
    }

    #[test]
    fn a_ceiling_lets_nothing_through_that_it_has_not_itself() {
        let wide = "{workspace: read-write, tools: ['*'], completions: [a, b], network: ['* https://*'], \
                    sockets: ['tcp://a.b:1'], directories: ['/d/sub:/d:rw'], secrets: ['K@a.b,c.d'], ask: true}";
        let narrow = "{workspace: read-only, tools: [x__*], completions: [b], network: ['https://a.b'], \
                      directories: ['/d:/e:ro'], secrets: ['K@a.b']}";
        assert_eq!(
            cut(&grant(wide), &grant(narrow)),
            grant("{workspace: read-only, completions: [b], directories: ['/d/sub:/d:ro']}")
        );
        assert_eq!(cut(&grant(narrow), &grant(narrow)), grant(narrow));
        assert_eq!(cut(&grant(wide), &Grant::default()), Grant::default());
        assert!(covers(
            &grant(wide),
            &grant("{network: ['POST https://x.y/z'], tools: [a__b], secrets: ['K@c.d']}")
        ));
        assert!(!covers(
            &grant(narrow),
            &grant("{network: ['POST https://a.b']}")
        ));
    }
}
