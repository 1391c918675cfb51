//! Where an instance keeps its plugin between `initialize` and `shutdown`.

use crate::plugin::{Kind, Plugin};
use crate::tool::Entry;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::thread::LocalKey;

/// What `Cargo.toml` says about a plugin; empty where it says nothing.
pub struct Package {
    /// `package.name`.
    pub name: &'static str,
    /// `package.version`.
    pub version: &'static str,
    /// `package.description`.
    pub description: &'static str,
    /// `package.authors`, separated by colons.
    pub authors: &'static str,
    /// `package.homepage`.
    pub homepage: &'static str,
    /// `package.license`.
    pub license: &'static str,
}

/// A cell for the plugin, empty until it is initialised. An instance has one thread.
pub type Slot<P> = LocalKey<RefCell<Option<P>>>;

/// A plugin as the macro exports it.
pub trait Hosted: 'static {
    /// The plugin.
    type Plugin: Plugin;

    /// What `Cargo.toml` says about it.
    const PACKAGE: Package;

    /// Which of the contract's worlds it targets.
    const KIND: Kind;

    /// Returns its cell. In the plugin's crate, because a generic crate has no statics of its own.
    fn slot() -> &'static Slot<Self::Plugin>;
}

/// A tool plugin as the macro exports it.
pub trait HostedTools: Hosted {
    /// Its tools, in the order of the macro.
    const TOOLS: &'static [Entry<Self::Plugin>];
}

/// Implements the generated traits for whatever is hosted.
pub struct Guest<H>(PhantomData<H>);

/// What a plugin says that is called before `initialize`.
pub(crate) const NOT_STARTED: &str = "the plugin was not initialised";

/// Runs `f` on the plugin; none where it was not initialised.
pub(crate) fn with<H: Hosted, R>(f: impl FnOnce(&mut H::Plugin) -> R) -> Option<R> {
    H::slot().with_borrow_mut(|slot| slot.as_mut().map(f))
}
