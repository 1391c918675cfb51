//! What every program needs of the system it runs on.

/// Where systems keep programs and their libraries.
pub(super) const PROGRAMS: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
];

/// What `git` and the C library read, where /etc as a whole is not for this user: root is shown no shadow file.
pub(super) const CONFIGURATION: &[&str] = &[
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/gai.conf",
    "/etc/gitattributes",
    "/etc/gitconfig",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/locale.alias",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
];

/// Where names are looked up, for a process that may connect to anything at all.
pub(super) const NAMES: &[&str] = &[
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager/resolv.conf",
];

/// What the process and its runtime read of the kernel: its own memory map, how many processors it has.
pub(super) const KERNEL: &[&str] = &[
    "/proc/self",
    "/proc/sys/vm/overcommit_memory",
    "/sys/fs/cgroup",
    "/sys/devices/system/cpu",
];

/// Devices without content of their own.
pub(super) const READ_DEVICES: &[&str] = &["/dev/urandom", "/dev/random", "/dev/zero"];

/// Where output goes that nobody wants.
pub(super) const WRITE_DEVICES: &[&str] = &["/dev/null"];
