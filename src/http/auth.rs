//! Access control for the datastores: bearer tokens whose hashes are in a file, or that the API
//! server knows.
//!
//! Each line of the file is a token: a name, the SHA-256 of the token in hex, and optionally the
//! datastores that it may see. All hashes are compared, each in constant time, so that timing tells
//! nothing about any of them. A browser sends a token as the password of `Basic`.
//!
//! After too many wrong tokens from an address, further wrong ones are answered with 429, and the
//! API server is not asked about unknown ones for a while. Tokens that are known to be valid always
//! pass: many clients may share a proxy.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use uuid::Uuid;

use super::problem::Problem;
use super::token_review_cache::TokenReviewCache;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::store::{Backend, TokenAccess};

/// The size limit of a tokens file, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The number of wrong tokens that an address may send at once; then one per [`PAUSE`].
const FAILURES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(6);
/// The maximum number of addresses with remembered failures.
const ADDRESSES: usize = 10_000;

/// The hint with the right that token reviews need.
const DELEGATE: &str = "--auth kubernetes needs another right, which this command grants:\n\
    kubectl create clusterrolebinding ccx-serve --clusterrole=system:auth-delegator \
    --serviceaccount=NAMESPACE:NAME";

/// The datastores that a request may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DatastoreAccess {
    /// Every datastore.
    All,
    /// Only these datastores.
    These(Vec<Uuid>),
}

impl DatastoreAccess {
    /// Whether access to this datastore is allowed.
    pub(super) fn covers(&self, datastore: Uuid) -> bool {
        match self {
            DatastoreAccess::All => true,
            DatastoreAccess::These(datastores) => datastores.contains(&datastore),
        }
    }

    /// Refuses access to a datastore that is not covered.
    pub(super) fn check(&self, datastore: Uuid) -> std::result::Result<(), Problem> {
        if self.covers(datastore) {
            return Ok(());
        }
        let detail = "this token is not for that datastore";
        Err(Problem::new(StatusCode::FORBIDDEN, Code::Forbidden, detail))
    }
}

struct Token {
    name: String,
    hash: [u8; 32],
    access: DatastoreAccess,
}

/// The method of authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthMethod {
    /// Tokens whose hashes are in a file.
    Tokens(PathBuf),
    /// TokenReview and SubjectAccessReview by the cluster that is the store.
    Kubernetes,
}

impl FromStr for AuthMethod {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.strip_prefix("tokens:") {
            Some(path) if !path.is_empty() => Ok(AuthMethod::Tokens(path.into())),
            _ if text == "kubernetes" => Ok(AuthMethod::Kubernetes),
            _ => Err(Error::usage(Code::Auth, "unknown authentication method")
                .hint("give tokens:FILE, or kubernetes")),
        }
    }
}

enum TokenSource {
    Tokens(ArcSwap<Vec<Token>>),
    Reviews(TokenReviewCache),
}

/// Authentication of requests, with the recent failures of each address.
pub(super) struct Auth {
    known: TokenSource,
    /// For each address, the time at which its failures are forgotten, one per [`PAUSE`].
    failures: Mutex<HashMap<IpAddr, Instant>>,
}

impl Auth {
    /// Reads the tokens file, or checks that the cluster answers token reviews.
    ///
    /// # Errors
    /// Exit 3 when the file cannot be read or the cluster cannot be asked; exit 2 when a line of
    /// the file is invalid, it has no token, or the store is not a cluster.
    pub(super) fn open(method: &AuthMethod, store: &dyn Backend) -> Result<Self> {
        let known = match method {
            AuthMethod::Tokens(path) => TokenSource::Tokens(ArcSwap::from_pointee(read(path)?)),
            AuthMethod::Kubernetes => {
                store.review("nobody's", "/").map_err(|error| match error.code() {
                    Code::KubeForbidden => error.hint(DELEGATE),
                    _ => error,
                })?;
                TokenSource::Reviews(TokenReviewCache::default())
            }
        };
        Ok(Auth { known, failures: Mutex::default() })
    }

    /// Reads the tokens file again.
    ///
    /// # Errors
    /// As [`Auth::open`]; then the previous tokens stay in use.
    pub(super) fn reload(&self, path: &Path) -> Result<()> {
        if let TokenSource::Tokens(tokens) = &self.known {
            tokens.store(read(path)?.into());
        }
        Ok(())
    }

    /// The token and object that the store must review before this request is answered; `None` if
    /// the answer is cached, no review is needed, or the address has to wait.
    pub(super) fn pending_token_review(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
    ) -> Option<[String; 2]> {
        let TokenSource::Reviews(reviews) = &self.known else { return None };
        let (token, object) = (token_of(&head.headers)?, object(head.uri.path())?);
        let is_new = reviews.get(&token, &object).is_none();
        let may_ask = is_new
            && (reviews.was_allowed(&token, &object)
                || peer.and_then(|peer| self.must_wait(peer)).is_none());
        may_ask.then_some([token, object])
    }

    /// Has the store review a token, and caches the verdict.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be asked; then access is refused.
    pub(super) fn review(&self, store: &dyn Backend, token: &str, object: &str) -> Result<()> {
        if let TokenSource::Reviews(reviews) = &self.known {
            reviews.insert(token, object, store.review(token, object)?);
        }
        Ok(())
    }

    /// Authenticates a request, and returns the datastores that it may see.
    pub(super) fn check(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
    ) -> std::result::Result<DatastoreAccess, Problem> {
        if !head.headers.contains_key(AUTHORIZATION) {
            return Err(Problem::unauthorized("the datastores need a bearer token", false));
        }
        let wait = peer.and_then(|peer| self.must_wait(peer));
        let granted = match (token_of(&head.headers), &self.known) {
            (None, _) => None,
            (Some(token), TokenSource::Tokens(tokens)) => granted(&tokens.load(), &token),
            (Some(token), TokenSource::Reviews(reviews)) => {
                let object = object(head.uri.path()).unwrap_or_default();
                match reviews.get(&token, &object) {
                    Some(TokenAccess::Allowed) => Some(DatastoreAccess::All),
                    Some(TokenAccess::Forbidden) => {
                        let detail = format!("the owner of this token may not get {object}");
                        return Err(Problem::new(StatusCode::FORBIDDEN, Code::Forbidden, detail)
                            .hint(
                                "grant it with a ClusterRole that has nonResourceURLs and the verb get",
                            ));
                    }
                    Some(TokenAccess::Unknown) => None,
                    None => {
                        return Err(wait.map_or_else(Problem::auth_unavailable, Problem::too_many));
                    }
                }
            }
        };
        match (granted, wait) {
            (Some(access), _) => Ok(access),
            (None, Some(seconds)) => Err(Problem::too_many(seconds)),
            (None, None) => {
                peer.into_iter().for_each(|peer| self.failed(peer));
                Err(Problem::unauthorized("this token is not valid", true))
            }
        }
    }

    /// The name of the request's token in the tokens file. A wrong token is no failure here: the
    /// answer is the same for everybody.
    pub(super) fn name(&self, head: &Parts) -> Option<String> {
        let TokenSource::Tokens(tokens) = &self.known else { return None };
        find(&tokens.load(), &token_of(&head.headers)?).map(|token| token.name.clone())
    }

    /// The names of all tokens of the tokens file.
    pub(super) fn names(&self) -> Vec<String> {
        match &self.known {
            TokenSource::Tokens(tokens) => tokens.load().iter().map(|t| t.name.clone()).collect(),
            TokenSource::Reviews(_) => Vec::new(),
        }
    }

    /// The seconds that an address has to wait until its next wrong token is checked.
    fn must_wait(&self, peer: IpAddr) -> Option<u64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let left = failures.get(&network(peer))?.checked_duration_since(Instant::now())?;
        let wait = left.checked_sub(PAUSE * (FAILURES - 1))?;
        Some(wait.as_secs() + 1)
    }

    fn failed(&self, peer: IpAddr) {
        let now = Instant::now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= ADDRESSES {
            failures.retain(|_, forgotten| *forgotten > now);
        }
        if failures.len() >= ADDRESSES {
            failures.clear(); // so many addresses at once are not slowed down by this anyway
        }
        let forgotten = failures.entry(network(peer)).or_insert(now);
        *forgotten = (*forgotten).max(now) + PAUSE;
    }
}

/// The unit that failures are counted for: an IPv4 address, or an IPv6 network of 2^64 addresses,
/// which any customer gets.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() >> 64 << 64;
            IpAddr::V6(bits.into())
        }
        v4 => v4,
    }
}

/// The object of an access review: `/ccx-sec/datastores`, or a datastore below it. Not the path of
/// the request, because every account of a cluster may get all of `/api/…` (`system:discovery`).
fn object(path: &str) -> Option<String> {
    const ALL: &str = "/ccx-sec/datastores";
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        ["api", "v1", "datastores" | "holders"] => Some(ALL.to_owned()),
        ["api", "v1", "datastores", one, ..] | ["datastores", one, ..] => {
            let one = crate::node::datastore(one).ok();
            Some(one.map_or(ALL.to_owned(), |one| format!("{ALL}/{one}")))
        }
        _ => None,
    }
}

/// The token of a request: that of `Bearer`, or the password of `Basic`, which browsers send after
/// a challenge (RFC 7617). The user name is ignored.
fn token_of(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.trim().to_owned())
}

fn granted(tokens: &[Token], token: &str) -> Option<DatastoreAccess> {
    find(tokens, token).map(|token| token.access.clone())
}

/// The first entry of a token. All are compared, also behind it.
fn find<'a>(tokens: &'a [Token], token: &str) -> Option<&'a Token> {
    let given = digest(&SHA256, token.as_bytes());
    let is_it = |token: &&Token| verify_slices_are_equal(&token.hash, given.as_ref()).is_ok();
    tokens.iter().filter(is_it).fold(None, |found, token| found.or(Some(token)))
}

fn read(path: &Path) -> Result<Vec<Token>> {
    let bytes = files::read(path, MAX_BYTES)?;
    let text = std::str::from_utf8(&bytes).unwrap_or("?");
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let tokens: Vec<Token> = lines
        .map(|(at, line)| {
            token(line).ok_or_else(|| {
                let place = path.display();
                let message = format!("line {at} of the tokens file {place} cannot be read");
                Error::usage(Code::TokensFile, message).hint(
                    "a line is NAME SHA256 [DATASTORE,…], with the hash of the token without a \
                     line end: printf %s TOKEN | sha256sum",
                )
            })
        })
        .collect::<Result<_>>()?;
    if tokens.is_empty() {
        let message = format!("the tokens file {} holds no token", path.display());
        return Err(Error::usage(Code::TokensFile, message)
            .hint("without --auth, everybody can see the datastores"));
    }
    Ok(tokens)
}

fn token(line: &str) -> Option<Token> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (name, hash, datastores) = match words.as_slice() {
        [name, hash] => (*name, hash, None),
        [name, hash, datastores] => (*name, hash, Some(datastores)),
        _ => return None,
    };
    let byte = |at: usize| u8::from_str_radix(hash.get(2 * at..2 * at + 2)?, 16).ok();
    if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let hash: Vec<u8> = (0..32).map(byte).collect::<Option<_>>()?;
    let access = match datastores {
        None => DatastoreAccess::All,
        Some(list) => DatastoreAccess::These(
            list.split(',').map(|one| crate::node::datastore(one).ok()).collect::<Option<_>>()?,
        ),
    };
    Some(Token { name: name.to_owned(), hash: hash.try_into().ok()?, access })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::sha256_hex;

    const ONE: &str = "7f1c9d3e-5b7a-4c53-9e7d-0b7f7f6f0a01";

    fn auth(text: &str) -> Result<Auth> {
        let at = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(at.path(), text).expect("written");
        let known = TokenSource::Tokens(ArcSwap::from_pointee(read(at.path())?));
        Ok(Auth { known, failures: Mutex::default() })
    }

    fn header(value: &str) -> Parts {
        let request = http::Request::builder().header(AUTHORIZATION, value).body(());
        request.expect("a request").into_parts().0
    }

    #[test]
    fn a_token_is_known_by_its_hash_and_for_what_it_is_for() {
        let all = sha256_hex(b"secret");
        let some = sha256_hex(b"other");
        let auth = auth(&format!("# who\n\nplatform {all}\nshop {some} {ONE}\n")).expect("tokens");
        let one: Uuid = ONE.parse().expect("a UUID");
        assert_eq!(
            auth.check(&header("Bearer secret"), None).expect("known"),
            DatastoreAccess::All
        );
        let access = auth.check(&header("bearer other"), None).expect("known");
        assert_eq!(access, DatastoreAccess::These(vec![one]));
        assert!(access.check(one).is_ok() && access.check(Uuid::nil()).is_err());
        for wrong in ["Bearer", "Bearer ", "Bearer Secret", "Basic secret", &all, "Bearer sécret"]
        {
            assert!(auth.check(&header(wrong), None).is_err(), "{wrong}");
        }
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for right in ["anybody:secret", ":secret"] {
            assert_eq!(
                auth.check(&header(&basic(right)), None).expect(right),
                DatastoreAccess::All
            );
        }
        for wrong in ["secret", "secret:", "secret:guess", "a:b:secret"] {
            assert!(auth.check(&header(&basic(wrong)), None).is_err(), "{wrong}");
        }
        let bare = http::Request::new(()).into_parts().0;
        assert!(auth.check(&bare, None).is_err());
    }

    #[test]
    fn after_ten_wrong_ones_wrong_ones_of_an_address_wait_and_right_ones_do_not() {
        let auth = auth(&format!("platform {}\n", sha256_hex(b"secret"))).expect("tokens");
        let peer = |text: &str| Some(text.parse::<IpAddr>().expect("an address"));
        let status = |token: &str, from: &str| {
            let checked = auth.check(&header(&format!("Bearer {token}")), peer(from));
            checked.map_err(|problem| problem.status().as_u16()).err()
        };
        for _ in 0..FAILURES {
            assert_eq!(status("guess", "2001:db8::1"), Some(401));
        }
        assert_eq!(status("guess", "2001:db8::2"), Some(429), "the same network");
        assert_eq!(status("secret", "2001:db8::1"), None, "behind the same proxy");
        assert_eq!(status("guess", "2001:db8:0:1::1"), Some(401));
        assert_eq!(status("guess", "192.0.2.1"), Some(401));
    }

    #[test]
    fn the_cluster_is_not_asked_about_many_wrong_tokens_but_about_one_that_was_right() {
        let reviews = TokenReviewCache::default();
        reviews.insert("right", "/ccx-sec/datastores", TokenAccess::Allowed);
        let auth = Auth { known: TokenSource::Reviews(reviews), failures: Mutex::default() };
        let peer = Some("192.0.2.1".parse().expect("an address"));
        let request = |token: &str| {
            let mut head = header(&format!("Bearer {token}"));
            head.uri = "/api/v1/datastores".parse().expect("an address");
            head
        };
        for at in 0..FAILURES {
            let token = format!("guess{at}");
            assert!(auth.pending_token_review(&request(&token), peer).is_some(), "{token}");
            if let TokenSource::Reviews(reviews) = &auth.known {
                reviews.insert(&token, "/ccx-sec/datastores", TokenAccess::Unknown);
            }
            assert!(auth.check(&request(&token), peer).is_err());
        }
        assert!(auth.pending_token_review(&request("another"), peer).is_none());
        let status = |token: &str| {
            auth.check(&request(token), peer).map_err(|problem| problem.status().as_u16())
        };
        assert_eq!(status("another"), Err(429));
        assert_eq!(status("right"), Ok(DatastoreAccess::All));
        if let TokenSource::Reviews(reviews) = &auth.known {
            reviews.expire_all();
        }
        assert!(
            auth.pending_token_review(&request("right"), peer).is_some(),
            "it was right before"
        );
    }

    #[test]
    fn what_the_cluster_is_asked_about_is_never_a_path_of_its_own() {
        for (path, expected) in [
            ("/api/v1/datastores", Some("")),
            ("/api/v1/holders", Some("")),
            (&format!("/api/v1/datastores/{ONE}"), Some(ONE)),
            (&format!("/api/v1/datastores/{}/ca.pem", ONE.to_uppercase()), Some(ONE)),
            (&format!("/datastores/{ONE}/settings"), Some(ONE)),
            ("/api/v1/datastores/../../x", Some("")),
            ("/api/v1/ca", None),
            ("/", None),
        ] {
            let slash = |one: &str| if one.is_empty() { String::new() } else { format!("/{one}") };
            let expected = expected.map(|one| format!("/ccx-sec/datastores{}", slash(one)));
            assert_eq!(object(path), expected, "{path}");
        }
    }

    #[test]
    fn a_file_that_is_not_understood_lets_nobody_in() {
        let hash = sha256_hex(b"x");
        for text in [
            "",
            "# nothing\n",
            "name\n",
            "name abc\n",
            &format!("name {hash}0\n"),
            &format!("name {hash} x\n"),
            &format!("{hash}\n"),
            &format!("name é{}\n", &hash[2..]),
        ] {
            assert_eq!(
                auth(text).map(|_| ()).map_err(|e| e.code().name()),
                Err("tokens-file"),
                "{text}"
            );
        }
    }
}
