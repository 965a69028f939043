//! [`Target`]: the parts of an endpoint's URL.
//!
//! Invariant: a target has no credentials in it, and plain `http` only where networks were named.

use std::net::IpAddr;

use axum::http::Uri;

use super::guard::Guard;
use crate::limits::WEBHOOK_URL_BYTES_MAX;

/// Where a message is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Whether the connection is encrypted.
    pub(crate) is_tls: bool,
    /// A name, or an address without brackets.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// The value of `Host`.
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) path: String,
}

/// Why a URL is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("it has more than {WEBHOOK_URL_BYTES_MAX} bytes")]
    TooLong,
    #[error("it is not a URL: {0}")]
    NotAUrl(String),
    #[error("it is not of the form https://host/path")]
    Form,
    #[error("`{0}` is not spoken here; use https")]
    Scheme(String),
    #[error(
        "plain http is only for networks that the server was told of (`piecework serve --webhooks-allow`); use \
         https"
    )]
    Plain,
    #[error("it has credentials in it; leave them out: messages are signed")]
    Credentials,
    #[error("it has a fragment (`#…`), which is never sent; leave it out")]
    Fragment,
    #[error("{address} is {what}, and nothing is sent there (`piecework serve --webhooks-allow`)")]
    Closed {
        /// The address.
        address: IpAddr,
        /// What it is.
        what: &'static str,
    },
}

impl Target {
    /// The target of a URL.
    pub(crate) fn parse(url: &str, guard: &Guard) -> Result<Target, TargetError> {
        if url.len() > WEBHOOK_URL_BYTES_MAX {
            return Err(TargetError::TooLong);
        }
        if url.contains('#') {
            return Err(TargetError::Fragment);
        }
        let uri: Uri = url
            .parse()
            .map_err(|error| TargetError::NotAUrl(format!("{error}")))?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if guard.has_named() => false,
            Some("http") => return Err(TargetError::Plain),
            Some(other) => return Err(TargetError::Scheme(other.to_owned())),
            None => return Err(TargetError::Form),
        };
        let authority = uri.authority().ok_or(TargetError::Form)?;
        if authority.as_str().contains('@') {
            return Err(TargetError::Credentials);
        }
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|own| own.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() {
            return Err(TargetError::Form);
        }
        // The port of a URL is a number below 65,536, or there is none.
        let told = authority.as_str().rsplit_once(':').map(|(_, port)| port);
        let port = match (authority.port_u16(), told) {
            (Some(port), _) => port,
            (None, Some(port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(TargetError::Form);
            }
            (None, _) => {
                if is_tls {
                    443
                } else {
                    80
                }
            }
        };
        let target = Target {
            is_tls,
            host: host.to_ascii_lowercase(),
            port,
            authority: authority.as_str().to_owned(),
            path: uri
                .path_and_query()
                .map_or("/", |own| own.as_str())
                .to_owned(),
        };
        if let Ok(address) = target.host.parse() {
            target.check(address, guard)?;
        }
        Ok(target)
    }

    /// Refuses an address of the host to which nothing is sent.
    pub(crate) fn check(&self, address: IpAddr, guard: &Guard) -> Result<(), TargetError> {
        if let Some(what) = guard.objection(address) {
            return Err(TargetError::Closed { address, what });
        }
        if !self.is_tls && !guard.is_named(address) {
            return Err(TargetError::Plain);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let guard = Guard::default();
        let parse = |url: &str| Target::parse(url, &guard).unwrap();
        let own = parse("https://Hooks.Example.com/a/b?c=d");
        assert_eq!((own.host.as_str(), own.port), ("hooks.example.com", 443));
        assert_eq!(own.path, "/a/b?c=d");
        assert_eq!(own.authority, "Hooks.Example.com");
        let own = parse("https://hooks.example.com:8443");
        assert_eq!((own.port, own.path.as_str()), (8443, "/"));
        let own = parse("https://[2606:4700::1]:8443/x");
        assert_eq!((own.host.as_str(), own.port), ("2606:4700::1", 8443));
        assert_eq!(own.authority, "[2606:4700::1]:8443");
        let own = parse("https://[2606:4700::1]/x");
        assert_eq!(own.port, 443);
    }

    #[test]
    fn what_is_no_target_is_refused() {
        let long = format!("https://a.example/{}", "x".repeat(WEBHOOK_URL_BYTES_MAX));
        let guard = Guard::default();
        for (url, says) in [
            ("", "not a URL"),
            ("hooks.example.com", "form"),
            ("/hook", "form"),
            ("https://", "not a URL"),
            ("ftp://a.example/", "not spoken"),
            ("file:///etc/passwd", "not a URL"),
            ("http://a.example/", "plain http"),
            ("https://user:word@a.example/", "credentials"),
            ("https://a.example@b.example/", "credentials"),
            ("https://a.example/#x", "fragment"),
            ("https://a.example:99999/", "URL"),
            ("https://a .example/", "not a URL"),
            ("https://127.0.0.1/", "loopback"),
            ("https://[::1]/", "loopback"),
            ("https://[::ffff:10.0.0.1]/", "private"),
            ("https://169.254.169.254/latest/meta-data/", "link-local"),
            (long.as_str(), "bytes"),
        ] {
            let refused = Target::parse(url, &guard).unwrap_err().to_string();
            assert!(refused.contains(says) || says == "URL", "{url}: {refused}");
        }
    }

    #[test]
    fn plain_http_is_for_named_networks() {
        let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(Target::parse("http://127.0.0.1:8000/", &guard).is_ok());
        let own = Target::parse("http://hooks.example/", &guard).unwrap();
        let open = "8.8.8.8".parse().unwrap();
        assert_eq!(own.check(open, &guard), Err(TargetError::Plain));
        assert!(Target::parse("http://8.8.8.8/", &guard).is_err());
        assert!(Target::parse("https://8.8.8.8/", &guard).is_ok());
    }
}
