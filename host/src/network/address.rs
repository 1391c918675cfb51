//! What kind of place an address is: the whole world's, somebody's own network, or one that no name should lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How much it takes to connect to an address. Ordered: of two readings of one address, the worse counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Anybody's: a rule that covers the request is enough.
    Public,
    /// This machine, a local network, or reserved: the rule says `private`, or names the address itself.
    Private,
    /// A cloud's metadata service, every host at once, or none: only a rule that names the address itself.
    Special,
}

/// Where clouds answer with credentials to whoever asks from inside. Some lie in ranges that are public otherwise.
const METADATA_V4: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

/// Returns what kind of place an address is.
pub(super) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    if METADATA_V4.contains(&address)
        // "This network", which Linux takes for the machine itself.
        || a == 0
        || address.is_multicast()
        || address.is_broadcast()
    {
        return Reach::Special;
    }
    let own = address.is_loopback() || address.is_private() || address.is_link_local();
    let shared = a == 100 && (64..128).contains(&b);
    let reserved = matches!(
        (a, b, c),
        // Protocol assignments, documentation, the old 6to4 relay, benchmarks, and what was never given out.
        (192, 0, 0 | 2)
            | (198, 51, 100)
            | (203, 0, 113)
            | (192, 88, 99)
            | (198, 18 | 19, _)
            | (240..=255, _, _)
    );
    if own || shared || reserved {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let s = address.segments();
    if METADATA_V6.contains(&address) || address.is_unspecified() || address.is_multicast() {
        return Reach::Special;
    }
    if address.is_loopback() {
        return Reach::Private;
    }
    let at = |high: usize| v4(s[high], s[high + 1]);
    match s {
        // IPv4-mapped, IPv4-compatible, IPv4-translated, NAT64: the last 32 bits are where it goes.
        [0, 0, 0, 0, 0, 0xffff | 0, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, ..] => reach_v4(at(6)),
        // NAT64 with a prefix of one's own: it is a local network's, and may carry the address in either place.
        [0x64, 0xff9b, 1, ..] => {
            let octets = address.octets();
            let inside = Ipv4Addr::new(octets[6], octets[7], octets[9], octets[10]);
            // Where nothing stands, nothing is carried.
            [at(6), inside]
                .into_iter()
                .filter(|carried| !carried.is_unspecified())
                .map(reach_v4)
                .fold(Reach::Private, Reach::max)
        }
        // 6to4.
        [0x2002, ..] => reach_v4(at(1)),
        // Teredo: the server, and the client's address inverted.
        [0x2001, 0, ..] => reach_v4(at(2)).max(reach_v4(v4(!s[6], !s[7]))),
        // ISATAP in any network.
        [.., 0 | 0x200, 0x5efe, _, _] => plain_v6(s).max(reach_v4(at(6))),
        _ => plain_v6(s),
    }
}

/// Judges an address that carries no other one.
fn plain_v6(s: [u16; 8]) -> Reach {
    let global = (s[0] & 0xe000) == 0x2000;
    // Protocol assignments (2001::/23), documentation (2001:db8::/32, 3fff::/20). What is not 2000::/3 is unique local,
    // link-local, site-local, discarded, or was never given out.
    let reserved = matches!(
        (s[0], s[1]),
        (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000)
    );
    if global && !reserved {
        Reach::Public
    } else {
        Reach::Private
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: Reach, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn addresses_of_the_world_are_public() {
        check(
            Reach::Public,
            &[
                "1.1.1.1",
                "93.184.216.34",
                "100.63.0.1",
                "100.128.0.1",
                "172.15.0.1",
                "172.32.0.1",
                "192.0.1.1",
                "198.17.0.1",
                "2606:4700::1111",
                "2a00:1450:4001::1",
                "::ffff:1.1.1.1",
                "64:ff9b::1.1.1.1",
                "2002:101:101::1",
            ],
        );
    }

    #[test]
    fn what_is_somebodys_own_or_reserved_is_private_in_every_form() {
        check(
            Reach::Private,
            &[
                "127.0.0.1",
                "127.255.0.9",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.1.1",
                "100.64.0.1",
                "100.127.255.255",
                "192.0.2.1",
                "198.51.100.7",
                "203.0.113.9",
                "198.18.0.1",
                "198.19.255.255",
                "192.88.99.1",
                "240.0.0.1",
                "::1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd12:3456::1",
                "2001:db8::1",
                "3fff::1",
                "100::1",
                "2001:2::1",
                "4000::1",
                "::ffff:127.0.0.1",
                "::ffff:10.1.2.3",
                "::127.0.0.1",
                "::10.0.0.1",
                "::ffff:0:192.168.0.1",
                "64:ff9b::127.0.0.1",
                "64:ff9b::10.0.0.1",
                "64:ff9b:1::8.8.8.8",
                "64:ff9b:1:a00:1::",
                "2002:7f00:1::1",
                "2002:c0a8:101::1",
                "2001:0:7f00:1::1",
                "2001:0:101:101::f5ff:fffe",
                "2606:4700::5efe:10.0.0.1",
            ],
        );
    }

    #[test]
    fn metadata_everybody_and_nobody_are_special_in_every_form() {
        check(
            Reach::Special,
            &[
                "169.254.169.254",
                "169.254.170.2",
                "100.100.100.200",
                "168.63.129.16",
                "fd00:ec2::254",
                "0.0.0.0",
                "0.1.2.3",
                "224.0.0.1",
                "255.255.255.255",
                "::",
                "ff02::1",
                "::ffff:169.254.169.254",
                "::169.254.169.254",
                "64:ff9b::169.254.169.254",
                "64:ff9b:1::169.254.169.254",
                "2002:a9fe:a9fe::1",
                "::ffff:0.0.0.0",
                "2606:4700::200:5efe:169.254.169.254",
            ],
        );
    }
}
