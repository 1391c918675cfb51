//! What stands behind one instance: its authority, and the account of what it takes.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::bindings::sockets::network::ErrorCode;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::WasiHttpCtx;

use super::account::Account;
use super::budget::Budget;
use super::imports::{Callbacks, GuestOutput, HttpHooks, Listed, Reach, SharedTree, sockets};
use crate::model::{Capability, Denied, LimitName, Members};
use crate::network::Outward;
use crate::observe::{Level, Sink};
use crate::policy;
use crate::workspace::GrantedDirectory;

/// Where a plugin finds its workspace.
pub(super) const MOUNT: &str = "/workspace";

/// The data of a store.
pub(super) struct State {
    pub(super) table: ResourceTable,
    pub(super) budget: Budget,
    pub(super) plugin: Arc<str>,
    pub(super) callbacks: Option<Arc<dyn Callbacks>>,
    pub(super) cancel: CancellationToken,
    pub(super) sink: Sink,
    pub(super) listed: Listed,
    pub(super) http: WasiHttpCtx,
    pub(super) hooks: HttpHooks,
    /// What the sockets that are open take of the connections that a call may have, by their number in the table.
    pub(super) places: HashMap<u32, OwnedSemaphorePermit>,
    workspace: Option<Members<SharedTree>>,
    directories: Vec<GrantedDirectory>,
    stdout: GuestOutput,
    stderr: GuestOutput,
    wasi: WasiCtx,
}

impl State {
    /// Makes the state of an instance that may do nothing but compute and log.
    pub(super) fn new(plugin: &str, account: Account, sink: Sink) -> Self {
        let plugin: Arc<str> = plugin.into();
        let output = |level| GuestOutput::new(plugin.clone(), level, sink.clone(), account.clone());
        let (stdout, stderr) = (output(Level::Info), output(Level::Warn));
        let mut table = ResourceTable::new();
        table.set_max_capacity(account.limits().most_here(LimitName::Handles));
        Self {
            table,
            budget: Budget::new(account),
            callbacks: None,
            cancel: CancellationToken::new(),
            workspace: None,
            directories: Vec::new(),
            wasi: wasi(&stdout, &stderr).build(),
            stdout,
            stderr,
            http: WasiHttpCtx::new(),
            hooks: HttpHooks::default(),
            places: HashMap::new(),
            sink,
            listed: Listed::default(),
            plugin,
        }
    }

    /// Adds the tree that the guest finds at [`MOUNT`], or several that it finds below.
    pub(super) fn with_workspace(mut self, trees: Option<Members<SharedTree>>) -> Self {
        self.workspace = trees;
        self
    }

    /// Adds the directories that the guest finds beside it.
    pub(super) fn with_directories(mut self, directories: Vec<GrantedDirectory>) -> Self {
        self.directories = directories;
        self
    }

    /// Returns the directories that were granted.
    pub(super) fn directories(&self) -> &[GrantedDirectory] {
        &self.directories
    }

    /// Begins another call, on an instance that lives on.
    pub(super) fn go_on(&mut self, account: &Account) {
        self.stdout.count_for(account.clone());
        self.stderr.count_for(account.clone());
        self.table
            .set_max_capacity(account.limits().most_here(LimitName::Handles));
        self.budget.go_on(account.clone());
    }

    /// Returns the account of the call that runs.
    pub(super) const fn account(&self) -> &Account {
        &self.budget.account
    }

    /// Adds what a call may reach, for an instance that is the call's alone.
    pub(super) fn with_reach(mut self, reach: Reach) -> Self {
        // Only with a grant is there a socket at all: each is a file descriptor of the process.
        let sockets = reach.has_sockets();
        self.hooks.set(Some(reach));
        if sockets && let Some(outward) = self.hooks.outward() {
            let mut builder = wasi(&self.stdout, &self.stderr);
            if sockets::open(&mut builder, outward) {
                self.wasi = builder.build();
            }
        }
        self
    }

    /// Returns what the call may reach; none while no call runs.
    pub(super) fn outward(&mut self) -> Option<&Arc<Outward>> {
        self.hooks.outward()
    }

    /// Takes one of the connections that the call may have open at once.
    pub(super) fn take_place(&mut self) -> Result<OwnedSemaphorePermit, ErrorCode> {
        let outward = self.outward().ok_or(ErrorCode::AccessDenied)?;
        outward.open().map_err(|_| ErrorCode::NewSocketLimit)
    }

    /// Returns the workspace, if there is one, and where the guest finds it.
    pub(super) fn workspace(&self) -> Option<(Members<SharedTree>, &'static str)> {
        self.workspace.clone().map(|trees| (trees, MOUNT))
    }

    /// Returns what the guest said of its own panic, if it panicked.
    pub(super) fn panic(&self) -> Option<String> {
        let lines = self.stderr.last_lines();
        let at = lines.iter().position(|line| line.contains("panicked at"))?;
        lines.get(at + 1).cloned()
    }

    /// Returns the refusal of a capability that this instance does not have.
    pub(super) fn denied(&self, capability: Capability) -> Denied {
        self.callbacks.as_ref().map_or_else(
            || policy::deny_unknown(capability, &self.plugin),
            |callbacks| callbacks.denied(capability),
        )
    }
}

/// Makes what WASI needs of an instance: output that is logged, and nothing else.
fn wasi(stdout: &GuestOutput, stderr: &GuestOutput) -> WasiCtxBuilder {
    let mut builder = WasiCtx::builder();
    builder
        .stdout(stdout.clone())
        .stderr(stderr.clone())
        .allow_tcp(false)
        .allow_udp(false)
        // Names are looked up by `imports::sockets` alone.
        .allow_ip_name_lookup(false);
    builder
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
