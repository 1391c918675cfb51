//! The wall of Linux: Landlock.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessError, AccessFs, AccessNet, BitFlags, CompatError, CompatLevel,
    Compatible as _, HandleAccessError, HandleAccessesError, LandlockStatus, NetPort, PathBeneath,
    PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetError,
    Scope,
};

use super::{Plan, Ports, WallError, system};

/// The least that a kernel must have: the first version cannot let files move between folders, as git's objects do.
const LEAST: ABI = ABI::V2;

/// The newest version whose rights were tried out. What later kernels can refuse beyond it, such as UDP, stays possible.
const TRIED: ABI = ABI::V7;

/// Takes from this process, for good, all that the plan does not keep. Returns the version of the kernel's Landlock.
///
/// It binds the calling thread and those started later, so it refuses where other threads are there already.
pub fn raise(plan: &Plan) -> Result<u32, WallError> {
    let others = other_threads();
    if others > 0 {
        return Err(WallError::Threads { others });
    }
    let refused = |error: RulesetError| WallError::Refused {
        reason: error.to_string(),
    };
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(LEAST))
        .map_err(|error| too_little(&error).unwrap_or_else(|| refused(error)))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(TRIED))
        .and_then(|ruleset| ruleset.handle_access(network(&plan.connect)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(TRIED)))
        .and_then(Ruleset::create)
        .map_err(refused)?;
    let status = allow(ruleset, plan)
        .and_then(RulesetCreated::restrict_self)
        .map_err(refused)?;
    match status.landlock {
        LandlockStatus::Available {
            effective_abi,
            kernel_abi,
        } => Ok(kernel_abi
            .and_then(|abi| u32::try_from(abi).ok())
            .unwrap_or(effective_abi as u32)),
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => Err(WallError::NoLandlock),
    }
}

/// Listening is nothing that the host does.
fn network(connect: &Ports) -> BitFlags<AccessNet> {
    match connect {
        Ports::All => AccessNet::BindTcp.into(),
        Ports::These(_) => AccessNet::BindTcp | AccessNet::ConnectTcp,
    }
}

fn allow(mut ruleset: RulesetCreated, plan: &Plan) -> Result<RulesetCreated, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let run = read | AccessFs::Execute;
    let write = read
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::MakeSym
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer;
    let configuration = if rustix::process::geteuid().is_root() {
        system::CONFIGURATION
    } else {
        // Nothing that others than root can read there is a secret.
        &["/etc"]
    };
    let names = if plan.connect.is_none() {
        &[]
    } else {
        system::NAMES
    };
    for (paths, access) in [
        (system::PROGRAMS, run),
        (configuration, read),
        (names, read),
        (system::KERNEL, read),
        (system::READ_DEVICES, read),
        (
            system::WRITE_DEVICES,
            AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate,
        ),
    ] {
        ruleset = beneath(ruleset, paths, access)?;
    }
    for (paths, access) in [
        (&plan.read, read),
        (&plan.list, AccessFs::ReadDir.into()),
        (&plan.run, run),
        (&plan.write, write),
    ] {
        ruleset = beneath(ruleset, paths, access)?;
    }
    if let Ports::These(ports) = &plan.connect {
        for port in ports {
            ruleset = ruleset.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
        }
    }
    Ok(ruleset)
}

fn beneath(
    mut ruleset: RulesetCreated,
    paths: impl IntoIterator<Item = impl AsRef<Path>>,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    for path in paths {
        let path = path.as_ref();
        // What cannot be opened now is out of reach behind the wall, too.
        let Ok(opened) = PathFd::new(path) else {
            continue;
        };
        let access = if path.is_dir() {
            access
        } else {
            access & AccessFs::from_file(TRIED)
        };
        if !access.is_empty() {
            ruleset = ruleset.add_rule(PathBeneath::new(opened, access))?;
        }
    }
    Ok(ruleset)
}

/// Tells a kernel that cannot do the least from one that fails.
fn too_little(error: &RulesetError) -> Option<WallError> {
    let RulesetError::HandleAccesses(HandleAccessesError::Fs(HandleAccessError::Compat(
        CompatError::Access(error),
    ))) = error
    else {
        return None;
    };
    match error {
        AccessError::Incompatible { .. } => Some(WallError::NoLandlock),
        AccessError::PartiallyCompatible { .. } => Some(WallError::TooOld),
        AccessError::Empty | AccessError::Unknown { .. } => None,
    }
}

/// Counts the threads beside this one; none where the system does not say.
fn other_threads() -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "the kernel lists a process's threads as a folder"
    )]
    let threads = std::fs::read_dir("/proc/self/task");
    threads.map_or(0, |threads| threads.count().saturating_sub(1))
}
