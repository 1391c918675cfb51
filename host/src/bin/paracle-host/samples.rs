//! The sample plugins that travel inside the program, and the grants that each needs.

use paracle_host::flow::Sample;

/// The samples; none in a build without the feature `bundled-plugins`.
#[cfg(feature = "bundled-plugins")]
pub(crate) const SAMPLES: &[Sample] = {
    use paracle_sample_artifacts as artifacts;
    &[
        sample("hello", artifacts::HELLO, ""),
        sample("files", artifacts::FILES, "workspace: read-write"),
        sample(
            "repo-report",
            artifacts::REPO_REPORT,
            "workspace: read-write",
        ),
        sample("scripted", artifacts::SCRIPTED, ""),
        sample(
            "react",
            artifacts::REACT,
            "completions: [scripted], tools: [files__read, files__list, files__search]",
        ),
        sample("counter", artifacts::COUNTER, ""),
        sample("notes", artifacts::NOTES, ""),
        // Nothing: where these may go is for the person to say, and their first call teaches how.
        sample("web", artifacts::WEB, ""),
        sample("openai", artifacts::OPENAI, ""),
        sample("anthropic", artifacts::ANTHROPIC, ""),
        sample("ollama", artifacts::OLLAMA, ""),
    ]
};

/// The samples; none in this build.
#[cfg(not(feature = "bundled-plugins"))]
pub(crate) const SAMPLES: &[Sample] = &[];

#[cfg(feature = "bundled-plugins")]
const fn sample(name: &'static str, bytes: &'static [u8], grants: &'static str) -> Sample {
    Sample {
        name,
        bytes,
        grants,
    }
}

#[cfg(all(test, feature = "bundled-plugins"))]
mod tests {
    #[test]
    fn every_sample_is_bundled() {
        let mut bundled: Vec<_> = super::SAMPLES.iter().map(|sample| sample.name).collect();
        bundled.sort_unstable();
        let mut all: Vec<_> = paracle_sample_artifacts::ALL
            .iter()
            .map(|(name, _)| *name)
            .collect();
        all.sort_unstable();
        assert_eq!(bundled, all);
    }
}
