//! Where traffic may go. Load on somebody else's machine is an attack, so everything is refused that is not known to
//! be ours: loopback, the stage's own names as long as they lead to private addresses, and what the user added.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::client::{Secure, Tls, TlsError, Verify};

/// The stage's names on a private network, as containers and Kubernetes services are called.
const STAGE_NAMES: [&str; 10] = [
    "frontend",
    "cart",
    "product-catalog",
    "payment-service",
    "checkout",
    "currency",
    "shipping",
    "ad-service",
    "recommendation",
    "inbox",
];

/// Why nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Not a URL of the form `http[s]://HOST[:PORT][/PATH]`.
    #[error("the target {url:?} is {problem}: give a URL such as http://127.0.0.1:8018")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Not on the allow list.
    #[error(
        "the target {host:?} is not on the allow list, which has this machine{}: `--allow-target {host}` adds it",
        if *.has_stage { " and the stage's own names" } else { "" }
    )]
    NotAllowed {
        /// Its host.
        host: String,
        /// Whether the stage's own names are on the list.
        has_stage: bool,
    },
    /// A name of the stage that leads outside.
    #[error(
        "the target {host:?} leads to {address}, which is not a private address: `--allow-target {host}` allows it all the same"
    )]
    Outside {
        /// Its host.
        host: String,
        /// Where it leads.
        address: IpAddr,
    },
    /// It can't be spoken to over TLS.
    #[error("the target {host:?} can't be reached over TLS: {reason}")]
    Tls {
        /// Its host.
        host: String,
        /// Why.
        reason: String,
    },
    /// The name has no address.
    #[error("the target {host:?} can't be resolved: {source}")]
    Resolve {
        /// Its host.
        host: String,
        /// Why.
        source: std::io::Error,
    },
}

/// A server to send to, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Over TLS: `https`.
    pub(crate) is_tls: bool,
    /// Lowercase, an IPv6 address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// For the `Host` header.
    pub(crate) authority: String,
    /// Path that stands before every step's, without a slash at its end; often empty.
    pub(crate) base_path: String,
}

impl Target {
    /// Parses `http[s]://HOST[:PORT][/PATH]`.
    pub(crate) fn parse(url: &str) -> Result<Self, TargetError> {
        let wrong = |problem| TargetError::Url { url: url.to_owned(), problem };
        let uri: http::Uri = url.trim().parse().map_err(|_| wrong("not a URL"))?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            Some(_) => return Err(wrong("neither http nor https")),
            None => return Err(wrong("without a scheme")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("without a host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("with credentials in it"));
        }
        if uri.query().is_some() {
            return Err(wrong("with a query"));
        }
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        if host.is_empty() {
            return Err(wrong("without a host"));
        }
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") | None => {
                if is_tls {
                    443
                } else {
                    80
                }
            }
            Some(_) => {
                authority.port_u16().filter(|port| *port > 0).ok_or_else(|| wrong("with a port that is none"))?
            }
        };
        Ok(Self {
            is_tls,
            host,
            port,
            authority: authority.as_str().to_owned(),
            base_path: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.is_tls { "https" } else { "http" }
    }

    /// What connections to it over TLS are made with.
    pub(crate) fn tls(&self, verify: Verify) -> Result<Tls, TlsError> {
        Tls::new(&Secure { host: self.host.clone(), verify })
    }

    /// Whether it is this machine, by its name alone.
    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// A target with the addresses that the allow list admitted for it; nothing is sent anywhere else.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) target: Target,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) protocol: Protocol,
}

/// How a target is spoken to.
#[derive(Debug, Clone)]
pub(crate) enum Protocol {
    Http1,
    /// With prior knowledge.
    Http2,
    /// The server chooses.
    Tls(Tls),
}

impl Destination {
    /// Of a target whose certificate, if it shows one, is signed by a public authority.
    pub(crate) fn new(target: Target, addresses: Vec<SocketAddr>) -> Result<Self, TlsError> {
        let protocol = if target.is_tls { Protocol::Tls(target.tls(Verify::PublicRoots)?) } else { Protocol::Http1 };
        Ok(Self { target, addresses, protocol })
    }
}

/// Which targets may be sent to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AllowList {
    added: Vec<String>,
    /// Whether the stage's own names are on it.
    has_stage: bool,
}

impl AllowList {
    /// Loopback, the stage's names, and the hosts in `added`: `HOST` or `HOST:PORT`.
    pub(crate) fn stage_and(added: &[String]) -> Self {
        Self { has_stage: true, ..Self::loopback_and(added) }
    }

    /// Loopback and the hosts in `added`.
    pub(crate) fn loopback_and(added: &[String]) -> Self {
        let plain = |host: &String| host.trim().trim_matches(['[', ']']).to_ascii_lowercase();
        let added = added.iter().map(plain).filter(|host| !host.is_empty()).collect();
        Self { added, has_stage: false }
    }

    /// Whether `target` is on the list, as far as its name can say.
    pub(crate) fn check(&self, target: &Target) -> Result<(), TargetError> {
        self.standing(target).map(|_| ())
    }

    /// The addresses of `target` if all of them may be sent to. Looks the name up once: what is sent later goes there
    /// and nowhere else, whatever the name means by then.
    pub(crate) async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, TargetError> {
        // Before the lookup: not even a name server hears of a target that is refused.
        let standing = self.standing(target)?;
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
        let addresses: Vec<SocketAddr> =
            found.map_err(|source| TargetError::Resolve { host: target.host.clone(), source })?.collect();
        self.admit(target, standing, &addresses)?;
        Ok(addresses)
    }

    fn standing(&self, target: &Target) -> Result<Standing, TargetError> {
        let with_port = format!("{}:{}", target.host, target.port);
        if self.added.iter().any(|host| *host == target.host || *host == with_port) {
            return Ok(Standing::Added);
        }
        let host = target.host.as_str();
        if target.is_loopback() {
            return Ok(Standing::Loopback);
        }
        if self.has_stage && is_stage_name(host) {
            return Ok(Standing::Stage);
        }
        Err(TargetError::NotAllowed { host: host.to_owned(), has_stage: self.has_stage })
    }

    fn admit(&self, target: &Target, standing: Standing, addresses: &[SocketAddr]) -> Result<(), TargetError> {
        let fits = |address: IpAddr| match standing {
            Standing::Added => true,
            Standing::Loopback => address.is_loopback(),
            Standing::Stage => is_private(address),
        };
        let outside = addresses.iter().map(SocketAddr::ip).find(|address| !fits(*address));
        outside.map_or(Ok(()), |address| Err(TargetError::Outside { host: target.host.clone(), address }))
    }
}

/// Why a host is on the list, and so what its addresses may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Added,
    Loopback,
    Stage,
}

/// `frontend`, `frontend.NAMESPACE`, and the two longer forms of Kubernetes.
fn is_stage_name(host: &str) -> bool {
    let mut labels = host.split('.');
    let is_ours = labels.next().is_some_and(|first| STAGE_NAMES.contains(&first));
    let rest: Vec<&str> = labels.collect();
    is_ours && matches!(rest.as_slice(), [] | [_] | [_, "svc"] | [_, "svc", "cluster", "local"])
}

fn is_private(address: IpAddr) -> bool {
    match address {
        // 100.64/10 is what some clusters number their pods with. Link-local is left out: clouds keep credentials there.
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_loopback() || v4.is_private() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_private(IpAddr::V4(v4)),
            None => v6 == Ipv6Addr::LOCALHOST || v6.is_unique_local(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(list: &AllowList, url: &str, leads_to: &str) -> Result<(), TargetError> {
        let target = Target::parse(url)?;
        let standing = list.standing(&target)?;
        let address = SocketAddr::new(leads_to.parse().expect("an address"), target.port);
        list.admit(&target, standing, &[address])
    }

    #[test]
    fn only_loopback_and_the_stages_own_private_names_are_allowed_by_default() {
        let list = AllowList::stage_and(&[]);
        let table = [
            ("http://127.0.0.1:8018", "127.0.0.1", true),
            ("http://127.9.9.9:8018/shop/", "127.9.9.9", true),
            ("http://[::1]:8018", "::1", true),
            ("http://localhost:8018", "127.0.0.1", true),
            ("http://LOCALHOST", "127.0.0.1", true),
            ("http://localhost:8018", "93.184.216.34", false),
            ("http://frontend:8018", "10.0.0.7", true),
            ("http://frontend:8018", "fd00::7", true),
            ("http://frontend:8018", "93.184.216.34", false),
            ("http://frontend.shop.svc.cluster.local:8018", "172.20.1.1", true),
            ("http://frontend.shop.svc:8018", "100.64.3.3", true),
            ("http://frontend.example.com", "10.0.0.7", false),
            ("http://frontend.com", "93.184.216.34", false),
            ("http://frontend:8018", "169.254.169.254", false),
            ("http://10.0.0.7:8018", "10.0.0.7", false),
            ("http://example.com", "93.184.216.34", false),
            ("http://127.0.0.1.example.com", "127.0.0.1", false),
            ("http://0.0.0.0:8018", "0.0.0.0", false),
        ];
        for (url, leads_to, allowed) in table {
            let outcome = verdict(&list, url, leads_to);
            assert_eq!(outcome.is_ok(), allowed, "{url} at {leads_to}: {outcome:?}");
        }
    }

    #[test]
    fn a_load_test_of_somebodys_system_knows_no_stage() {
        let list = AllowList::loopback_and(&["checkout.test".into()]);
        assert!(verdict(&list, "http://127.0.0.1:8018", "127.0.0.1").is_ok());
        assert!(verdict(&list, "http://checkout.test", "10.0.0.7").is_ok());
        for url in ["http://frontend:8018", "http://checkout.prod", "http://cart.prod.svc.cluster.local"] {
            assert!(matches!(verdict(&list, url, "10.0.0.7"), Err(TargetError::NotAllowed { .. })), "{url}");
        }
    }

    #[test]
    fn an_added_host_is_allowed_wherever_it_leads() {
        let list = AllowList::stage_and(&["Shop.Example.com".into(), "10.0.0.7:8018".into(), "[2001:db8::1]".into()]);
        assert!(verdict(&list, "http://shop.example.com/x", "93.184.216.34").is_ok());
        assert!(verdict(&list, "http://10.0.0.7:8018", "10.0.0.7").is_ok());
        assert!(verdict(&list, "http://10.0.0.7:8019", "10.0.0.7").is_err());
        assert!(verdict(&list, "http://[2001:db8::1]:80", "2001:db8::1").is_ok());
    }

    #[test]
    fn what_is_no_http_url_is_named() {
        for url in [
            "",
            "frontend:8018",
            "ws://127.0.0.1",
            "ftp://127.0.0.1",
            "http://",
            "http://a:b@127.0.0.1",
            "http://127.0.0.1/?x=1",
            "http://127.0.0.1:99999",
            "http://127.0.0.1:0",
            "http://127.0.0.1:",
            "http://[::1]:x",
        ] {
            assert!(matches!(Target::parse(url), Err(TargetError::Url { .. })), "{url:?}");
        }
    }

    #[tokio::test]
    async fn a_refused_target_is_refused_before_it_is_looked_up() {
        let target = Target::parse("http://no-such-name.invalid").expect("a URL");
        let outcome = AllowList::default().resolve(&target).await;
        assert!(matches!(outcome, Err(TargetError::NotAllowed { .. })), "{outcome:?}");
    }
}
