//! PURE: chooses the proxy between this machine and the API server, by the rules of kubectl.
//!
//! `proxy-url` in the kubeconfig applies to its cluster and overrides the environment. Otherwise
//! HTTPS_PROXY (HTTP_PROXY for a server without TLS) names the proxy, and NO_PROXY the servers that
//! are reached without it. The environment's proxy is never used for loopback addresses. These are
//! the rules of Go's `golang.org/x/net/http/httpproxy`.

use std::env;
use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;

use crate::error::{Code, Error, Result};

/// The proxy variables of the environment; the upper-case spelling of each wins.
#[derive(Debug, Clone, Default)]
pub(super) struct ProxyVariables {
    https_proxy: Option<String>,
    http_proxy: Option<String>,
    no_proxy: Option<String>,
}

impl ProxyVariables {
    /// Reads the variables from the environment of this process.
    pub(super) fn read() -> Self {
        let read = |name: &str| {
            let spellings = [name.to_owned(), name.to_lowercase()];
            spellings.iter().find_map(|name| env::var(name).ok().filter(|text| !text.is_empty()))
        };
        ProxyVariables {
            https_proxy: read("HTTPS_PROXY"),
            http_proxy: read("HTTP_PROXY"),
            no_proxy: read("NO_PROXY"),
        }
    }
}

/// Chooses the proxy for `server`; `None` for a direct connection. `proxy_url` comes from the
/// kubeconfig.
///
/// # Errors
/// Exit 3 when the address of the proxy is invalid or has an unsupported scheme.
pub(super) fn choose(
    proxy_url: Option<&str>,
    variables: &ProxyVariables,
    server: &Uri,
) -> Result<Option<Uri>> {
    if let Some(text) = proxy_url.filter(|text| !text.is_empty()) {
        let proxy = text.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
        let known = ["http", "https", "socks5"];
        return match proxy {
            Some(proxy) if known.contains(&proxy.scheme_str().unwrap_or_default()) => {
                Ok(Some(proxy))
            }
            _ => Err(wrong("proxy-url in the kubeconfig")),
        };
    }
    let is_plain = server.scheme_str() == Some("http");
    let (name, text) = match is_plain {
        true => ("HTTP_PROXY", &variables.http_proxy),
        false => ("HTTPS_PROXY", &variables.https_proxy),
    };
    let Some(text) = text else { return Ok(None) };
    if !is_proxied(server, variables.no_proxy.as_deref().unwrap_or_default()) {
        return Ok(None);
    }
    // An address without a scheme is that of an HTTP proxy.
    let whole = |text: &str| text.parse::<Uri>().ok().filter(|uri| uri.scheme().is_some());
    let proxy = whole(text).or_else(|| whole(&format!("http://{text}")));
    let proxy = proxy.filter(|uri| uri.host().is_some()).ok_or_else(|| wrong(name))?;
    match proxy.scheme_str() {
        Some("http" | "https" | "socks5") => Ok(Some(proxy)),
        // The proxy resolves host names with socks5 as well.
        Some("socks5h") => {
            let socks5 = proxy.to_string().replacen("socks5h", "socks5", 1);
            socks5.parse().map(Some).map_err(|_| wrong(name))
        }
        _ => Err(wrong(name)),
    }
}

/// The error for an invalid address. It does not quote the value, which may hold a password.
fn wrong(origin: &str) -> Error {
    Error::failed(Code::KubeProxy, format!("{origin} is not the address of a proxy"))
        .hint("give http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT")
}

/// Whether the environment's proxy is used for a server, given NO_PROXY.
fn is_proxied(server: &Uri, no_proxy: &str) -> bool {
    let host = server.host().unwrap_or_default().to_lowercase();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let usual = if server.scheme_str() == Some("http") { 80 } else { 443 };
    let port = server.port_u16().unwrap_or(usual);
    let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return false;
    }
    let mut entries = no_proxy.split(',').map(|entry| entry.trim().to_lowercase());
    !entries.any(|entry| matches(&entry, host, address, port))
}

/// Whether one entry of NO_PROXY matches a server.
fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Ok(network) = entry.parse::<IpNet>() {
        return address.is_some_and(|address| network.contains(&address));
    }
    let (name, number) = match entry.parse::<IpAddr>() {
        Ok(_) => (entry, None),
        Err(_) => match entry.rsplit_once(':') {
            Some((name, number)) => (name, Some(number)),
            None => (entry, None),
        },
    };
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    if name.is_empty() || number.is_some_and(|n| !n.is_empty() && n != port.to_string()) {
        return false;
    }
    if let Ok(named) = name.parse::<IpAddr>() {
        return address == Some(named.to_canonical());
    }
    // `.example.com` and `*.example.com` match the hosts below; `example.com` also matches itself.
    let name = name.strip_prefix('*').filter(|name| name.starts_with('.')).unwrap_or(name);
    match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => host == name || host.strip_suffix(name).is_some_and(|left| left.ends_with('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_is_read_as_go_reads_it() {
        let server = |server: &str| server.parse::<Uri>().expect(server);
        for (no_proxy, address, expected) in [
            ("", "https://api.example.com:6443", true),
            ("*", "https://api.example.com", false),
            ("/var/run/docker.sock,,", "https://api.example.com", true),
            ("api.example.com", "https://api.example.com:6443", false),
            (" API.example.COM ,x", "https://Api.Example.com:6443", false),
            ("example.com", "https://api.example.com", false),
            ("example.com", "https://notexample.com", true),
            (".example.com", "https://api.example.com", false),
            (".example.com", "https://example.com", true),
            ("*.example.com", "https://api.example.com", false),
            ("*.example.com", "https://example.com", true),
            ("*example.com", "https://api.example.com", true),
            ("api.example.com:6443", "https://api.example.com:6443", false),
            ("api.example.com:443", "https://api.example.com", false),
            ("api.example.com:80", "http://api.example.com", false),
            ("api.example.com:443", "https://api.example.com:6443", true),
            (":6443", "https://api.example.com:6443", true),
            ("10.0.0.0/8", "https://10.1.2.3:6443", false),
            ("10.0.0.0/8", "https://11.1.2.3:6443", true),
            ("10.1.2.3", "https://10.1.2.3:6443", false),
            ("10.1.2.3:6443", "https://10.1.2.3:6443", false),
            ("10.1.2.3:1", "https://10.1.2.3:6443", true),
            ("10.1.2", "https://10.1.2.3:6443", true),
            ("10.0.0.0/33", "https://10.1.2.3:6443", true),
            ("fd00::/8", "https://[fd00::1]:6443", false),
            ("fd00::1", "https://[fd00::1]:6443", false),
            ("[fd00::1]:6443", "https://[fd00::1]:6443", false),
            ("[fd00::1]", "https://[fd00::1]:6443", true),
            ("fd00::2", "https://[fd00::1]:6443", true),
            ("", "https://127.0.0.1:6443", false),
            ("", "https://127.9.9.9:6443", false),
            ("", "https://localhost:6443", false),
            ("", "https://[::1]:6443", false),
        ] {
            assert_eq!(is_proxied(&server(address), no_proxy), expected, "{no_proxy} {address}");
        }
    }

    #[test]
    fn the_kubeconfig_wins_and_loopback_is_proxied_for_it_alone() {
        let variables = ProxyVariables {
            https_proxy: Some("proxy:3128".into()),
            http_proxy: Some("socks5h://plain".into()),
            no_proxy: Some("*.internal".into()),
        };
        let chosen = |proxy_url: Option<&str>, server: &str| {
            let server = server.parse().expect("a server");
            let proxy = choose(proxy_url, &variables, &server).map_err(|error| error.code().name());
            proxy.map(|proxy| proxy.map(|uri| uri.to_string()).unwrap_or_default())
        };
        let text = |text: &str| Ok(text.to_owned());
        assert_eq!(chosen(None, "https://api:6443"), text("http://proxy:3128/"));
        assert_eq!(chosen(Some(""), "https://api:6443"), text("http://proxy:3128/"));
        assert_eq!(chosen(None, "http://api:6443"), text("socks5://plain/"));
        assert_eq!(chosen(None, "https://api.internal:6443"), text(""));
        assert_eq!(chosen(None, "https://127.0.0.1:6443"), text(""));
        let own = Some("socks5://10.0.0.1:1080");
        assert_eq!(chosen(own, "https://api.internal:6443"), text("socks5://10.0.0.1:1080/"));
        assert_eq!(chosen(own, "https://127.0.0.1:6443"), text("socks5://10.0.0.1:1080/"));
        for wrong in ["proxy:3128", "ftp://proxy", "socks5h://proxy", "http://"] {
            assert_eq!(chosen(Some(wrong), "https://api"), Err("kube-proxy"), "{wrong}");
        }
    }
}
