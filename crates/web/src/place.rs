//! Where somebody comes from, as far as it can be told: for counting wrong passwords by place, and for nothing else.
//!
//! The address of a connection is the place, unless it is that of a proxy of the configuration: then it is what the proxy wrote last. What anybody
//! else writes into that header is not believed. From an address of a house's own network it says that a proxy stands there that is not
//! configured, behind which everybody would be one place, so no place is counted; whoever comes from the world with it is where they come from.

use std::net::{IpAddr, SocketAddr};

use axum::Extension;
use axum::extract::ConnectInfo;
use axum::http::HeaderMap;

/// The connection, where one was made: tests call the router without.
pub type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

const FORWARDED: &str = "x-forwarded-for";

/// The place of a request.
pub fn of(peer: &Peer, headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let Extension(ConnectInfo(peer)) = peer.as_ref()?;
    told(peer.ip().to_canonical(), headers, proxies)
}

fn told(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let written: Vec<&str> = headers
        .get_all(FORWARDED)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    if !proxies.contains(&peer) {
        return (written.is_empty() || !is_of_a_house(peer)).then_some(peer);
    }
    // Each proxy adds whom it heard at the end: the last that is none of ours is the place.
    for hop in written.iter().rev() {
        let hop: IpAddr = hop.trim().parse().ok()?;
        let hop = hop.to_canonical();
        if !proxies.contains(&hop) {
            return Some(hop);
        }
    }
    None
}

/// Whether an address is one that a house or its network gives out itself (RFC 1918, RFC 4193, RFC 6598), this machine's own included.
fn is_of_a_house(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let is_shared = matches!(address.octets(), [100, 64..128, ..]);
            address.is_private() || is_shared || address.is_loopback() || address.is_link_local()
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn written(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, axum::http::HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn only_a_proxy_of_the_configuration_is_believed() {
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        let place = |peer: &str, lines: &[&'static str]| told(ip(peer), &written(lines), &proxies);
        // Straight from somebody.
        assert_eq!(place("203.0.113.7", &[]), Some(ip("203.0.113.7")));
        // Somebody in the world who says that they are somebody else, and a proxy of the house that nobody has configured.
        assert_eq!(place("203.0.113.7", &["198.51.100.1"]), Some(ip("203.0.113.7")));
        for unknown in ["10.0.0.9", "172.18.0.2", "192.168.1.5", "127.0.0.1", "100.64.0.3", "fd00::2"] {
            assert_eq!(place(unknown, &["198.51.100.1"]), None);
        }
        assert_eq!(place("100.128.0.3", &["198.51.100.1"]), Some(ip("100.128.0.3")));
        // Through ours: what stands before the last was written by whoever it is about.
        assert_eq!(place("10.0.0.1", &["198.51.100.1, 203.0.113.7"]), Some(ip("203.0.113.7")));
        assert_eq!(
            place("10.0.0.1", &["198.51.100.1", "203.0.113.7, 10.0.0.2"]),
            Some(ip("203.0.113.7"))
        );
        assert_eq!(place("10.0.0.1", &["2001:db8::7"]), Some(ip("2001:db8::7")));
        for unclear in [&[][..], &["unknown"], &["198.51.100.1, x"], &["10.0.0.2"]] {
            assert_eq!(place("10.0.0.1", unclear), None, "{unclear:?}");
        }
    }
}
