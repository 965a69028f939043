//! [`Guard`]: which addresses webhooks may go to.
//!
//! Whoever sets an endpoint up chooses an address that this server then speaks to. So nothing is sent to
//! addresses that only this server can reach: its own, its network's, its cloud's. An operator names networks
//! that may be reached all the same. Not here: resolving names. Invariant: an address is judged by where it
//! leads, also where IPv6 wraps an IPv4 address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network: an address and how many of its leading bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network; write it as 10.0.0.0/8, 127.0.0.1/32 or fd00::/8")]
pub struct NetworkError(String);

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let read = || {
            let (address, bits) = text.split_once('/')?;
            let address: IpAddr = address.parse().ok()?;
            let bits = bits.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            (bits <= most).then_some(Network { address, bits })
        };
        read().ok_or_else(|| NetworkError(text.to_owned()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Network {
        Network {
            address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            bits,
        }
    }

    const fn v6(first: u16, second: u16, third: u16, bits: u8) -> Network {
        Network {
            address: IpAddr::V6(Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0)),
            bits,
        }
    }

    /// Whether the address is in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                u64::from(own.to_bits()) >> shift == u64::from(other.to_bits()) >> shift
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                let differing = own.to_bits() ^ other.to_bits();
                differing.checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// The networks of IPv4 that are not the open internet (IANA's registry of special-purpose addresses), and what
/// they are.
const CLOSED_V4: [(Network, &str); 17] = [
    (Network::v4(0, 0, 0, 0, 8), "of this host"),
    (Network::v4(10, 0, 0, 0, 8), "private"),
    (Network::v4(100, 64, 0, 0, 10), "of a carrier's own network"),
    (Network::v4(127, 0, 0, 0, 8), "loopback"),
    (
        Network::v4(168, 63, 129, 16, 32),
        "of a cloud's own services",
    ),
    (Network::v4(169, 254, 0, 0, 16), "link-local"),
    (Network::v4(172, 16, 0, 0, 12), "private"),
    (Network::v4(192, 0, 0, 0, 24), "reserved"),
    (Network::v4(192, 0, 2, 0, 24), "for documentation"),
    (Network::v4(192, 88, 99, 0, 24), "reserved"),
    (Network::v4(192, 168, 0, 0, 16), "private"),
    (Network::v4(198, 18, 0, 0, 15), "for benchmarks"),
    (Network::v4(198, 51, 100, 0, 24), "for documentation"),
    (Network::v4(203, 0, 113, 0, 24), "for documentation"),
    (Network::v4(224, 0, 0, 0, 4), "multicast"),
    (Network::v4(240, 0, 0, 0, 4), "reserved"),
    (Network::v4(255, 255, 255, 255, 32), "broadcast"),
];

/// The same within `2000::/3`, outside of which nothing of IPv6 is open.
const CLOSED_V6: [(Network, &str); 3] = [
    (Network::v6(0x2001, 0, 0, 23), "reserved"),
    (Network::v6(0x2001, 0x0db8, 0, 32), "for documentation"),
    (Network::v6(0x3fff, 0, 0, 20), "for documentation"),
];

const OPEN_V6: Network = Network::v6(0x2000, 0, 0, 3);
/// Wraps an IPv4 address in its last 32 bits.
const NAT64: Network = Network::v6(0x0064, 0xff9b, 0, 96);
/// Wraps one behind its first 16 bits.
const SIX_TO_FOUR: Network = Network::v6(0x2002, 0, 0, 16);

/// Which addresses webhooks may go to.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Vec<Network>,
}

impl Guard {
    /// The open internet, and these networks.
    #[must_use]
    pub fn new(allowed: Vec<Network>) -> Guard {
        Guard { allowed }
    }

    /// Whether any network was named.
    #[must_use]
    pub fn has_named(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Whether the address is in a network that was named.
    #[must_use]
    pub fn is_named(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|own| own.contains(address))
    }

    /// Why nothing is sent to the address, unless something may be.
    #[must_use]
    pub fn objection(&self, address: IpAddr) -> Option<&'static str> {
        if self.is_named(address) {
            return None;
        }
        match address.to_canonical() {
            IpAddr::V4(address) => closed_v4(address),
            IpAddr::V6(address) => closed_v6(address),
        }
    }
}

fn closed_v4(address: Ipv4Addr) -> Option<&'static str> {
    let mut networks = CLOSED_V4.iter();
    let found = networks.find(|(own, _)| own.contains(IpAddr::V4(address)));
    found.map(|(_, what)| *what)
}

fn closed_v6(address: Ipv6Addr) -> Option<&'static str> {
    let whole = IpAddr::V6(address);
    let bytes = address.octets();
    let at = |from: usize| {
        let mut four = [0; 4];
        four.copy_from_slice(&bytes[from..from + 4]);
        Ipv4Addr::from(four)
    };
    if NAT64.contains(whole) {
        return closed_v4(at(12));
    }
    if SIX_TO_FOUR.contains(whole) {
        return closed_v4(at(2));
    }
    if address.is_loopback() {
        return Some("loopback");
    }
    if !OPEN_V6.contains(whole) {
        return Some("not of the open internet");
    }
    let mut networks = CLOSED_V6.iter();
    let found = networks.find(|(own, _)| own.contains(whole));
    found.map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_inside_is_refused_in_every_form() {
        let guard = Guard::default();
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2002:c0a8:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert!(guard.objection(address).is_some(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_ipv4_address_is_judged_alike_in_every_wrapping(bits: u32) {
            let guard = Guard::default();
            let address = Ipv4Addr::from(bits);
            let [a, b, c, d] = address.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let expected = guard.objection(IpAddr::V4(address));
            for wrapped in [
                address.to_ipv6_mapped(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            ] {
                proptest::prop_assert_eq!(guard.objection(IpAddr::V6(wrapped)), expected);
            }
        }
    }

    #[test]
    fn the_open_internet_is_open() {
        let guard = Guard::default();
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "2606:4700:4700::1111",
            "2a00:1450::1",
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(guard.objection(address), None, "{text}");
        }
    }

    #[test]
    fn a_named_network_is_open_and_no_other() {
        let named = ["10.1.0.0/16", "127.0.0.1/32", "fd12::/16"];
        let guard = Guard::new(named.map(|own| own.parse().unwrap()).to_vec());
        for (text, is_open) in [
            ("10.1.2.3", true),
            ("10.2.2.3", false),
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("127.0.0.2", false),
            ("fd12::5", true),
            ("fd13::5", false),
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(guard.objection(address).is_none(), is_open, "{text}");
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(Guard::new(vec![all]).is_named("192.168.0.1".parse().unwrap()));
        let all: Network = "::/0".parse().unwrap();
        assert!(Guard::new(vec![all]).is_named("::1".parse().unwrap()));
    }

    #[test]
    fn networks_are_read_or_refused() {
        for text in ["10.0.0.0/8", "fd00::/8", "0.0.0.0/0"] {
            let network: Network = text.parse().unwrap();
            assert_eq!(network.to_string(), text);
        }
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.0/33",
            "fd00::/129",
            "x/8",
            "10.0.0.0/-1",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
