//! May the addresses of a host be connected to: the one rule for requests and for raw sockets.

use std::net::IpAddr;

use super::address::{Reach, reach};
use crate::model::HostPattern;

/// What the addresses of a host are to the rules that cover it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict<R> {
    /// Each may be connected to.
    Allowed,
    /// This rule would allow it.
    Needs(R),
    /// No rule of the name would allow it.
    Prohibited,
}

/// Decides over all addresses of a host at once: a name that leads to a private address beside a public one is refused as a
/// whole. Such names rebind, or were set up by mistake; to use the public address alone would hide both.
///
/// `covering` are the rules that allow it but for its addresses: the host of each, and whether it says `private`. `rule` makes
/// the rule that would be enough.
pub(super) fn of<'a, R>(
    host: &HostPattern,
    found: &[IpAddr],
    covering: impl Iterator<Item = (&'a HostPattern, bool)>,
    rule: impl FnOnce(bool) -> R,
) -> Verdict<R> {
    let by_address = matches!(host, HostPattern::Address(_));
    let (mut covered, mut literal, mut private) = (false, false, false);
    for (named, says_private) in covering {
        covered = true;
        literal |= by_address && named == host;
        private |= says_private;
    }
    let mut worst = found
        .iter()
        .copied()
        .map(reach)
        .max()
        .unwrap_or(Reach::Public);
    if host.is_local() {
        worst = worst.max(Reach::Private);
    }
    let allowed = match worst {
        Reach::Public => covered,
        Reach::Private => literal || private,
        Reach::Special => literal,
    };
    match (allowed, worst) {
        (true, _) => Verdict::Allowed,
        (false, Reach::Public) => Verdict::Needs(rule(false)),
        // The rule names the address itself.
        (false, Reach::Private | Reach::Special) if by_address => Verdict::Needs(rule(false)),
        (false, Reach::Private) => Verdict::Needs(rule(true)),
        (false, Reach::Special) => Verdict::Prohibited,
    }
}
