//! By which rule a directory is not granted for writing, or not without a word of its own.

/// What a place decides: why a plugin that may write there is more than its grants say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceRule {
    /// What steers this host: its cache, components, `.parac`, and the repository that it works in.
    Host,
    /// The settings of git, which the host itself runs, and the hooks that they name.
    Git,
    /// A git directory, bare or not, of any repository.
    Repository,
    /// The person's keys, and the settings of what uses them.
    Keys,
    /// The home directory as a whole.
    Home,
    /// A folder where programs are looked for.
    Programs,
    /// A folder of what runs at a log-in, in a shell or in an editor.
    StartUp,
}

impl PlaceRule {
    /// Returns the name that errors and the documentation give it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Git => "git",
            Self::Repository => "repository",
            Self::Keys => "keys",
            Self::Home => "home",
            Self::Programs => "programs",
            Self::StartUp => "start-up",
        }
    }

    /// Says what changes with the place.
    pub(super) const fn decides(self) -> &'static str {
        match self {
            Self::Host => "what plugins may do",
            Self::Git => "what git obeys and runs, here as well",
            Self::Repository => "what git obeys and runs there",
            Self::Keys => "who may act as you, and what runs where your keys are used",
            Self::Home => "what your shell, git and ssh obey and run",
            Self::Programs => "which programs run by their names",
            Self::StartUp => "what runs when you log in, or open a shell or an editor",
        }
    }

    /// Tells whether a person's word is enough to grant it all the same.
    pub const fn yields(self) -> bool {
        match self {
            Self::Host | Self::Git | Self::Repository | Self::Keys | Self::Home => false,
            Self::Programs | Self::StartUp => true,
        }
    }

    /// Tells whether what lies in the place decides, too, or only the place with what is directly in it.
    pub(super) const fn reaches_down(self) -> bool {
        match self {
            Self::Host | Self::Git | Self::Repository | Self::Keys | Self::StartUp => true,
            Self::Home | Self::Programs => false,
        }
    }
}
