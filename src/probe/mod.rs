//! What a client would meet at a database server, found out on the wire. Knows no store and
//! prints nothing: a command hands it what it needs, and shows what comes out.
//!
//! ```text
//! target    which server, from a URL         dial     names, TCP, the deadline of a step
//! observe   one server, looked at            wire/    one file a protocol: before TLS and after
//! fleet     many of them at a time           tls      a handshake that takes any certificate
//! verdict   what that means, mode by mode    hello    a ClientHello made by hand
//! accounts  the same of accounts             offers   what a server takes of TLS, listed
//! remedy    what to do about it              suites   cipher suites and groups, by name
//! failure   what went wrong on the way       login/   accounts that log in
//! floor     the least of TLS that is wanted   other_ports   of Redis, those without TLS
//! loaded    the stored certificate, compared with the served one
//! mysql_ports   of MySQL and MariaDB, those beside the one for clients
//! plaintext what makes a refusal             scope    for whom a verdict holds
//! clients   what real clients do with that, each told in its own words
//! ```
//!
//! [`session`] is an administrator's, for who has statements to put. [`presented`] is for who
//! wants to see certificates alone, of any server with TLS.
//!
//! A probe makes as few connections as it can: one over TLS, from which the modes with TLS are
//! judged, and one without. Where that is refused, both come once more, and at PostgreSQL
//! two that ask for replication: a single refusal may be that of one server among several. It
//! sends no password, and ends every conversation so that the server does not count it as an
//! attack (see [`wire`]). Where accounts shall log in as well, [`login`] does that, on connections
//! of its own, and to servers that are trusted alone.

mod accounts;
pub mod clients;
pub(crate) mod dial;
pub mod failure;
pub mod fleet;
pub mod floor;
mod hello;
pub mod loaded;
pub mod login;
pub mod mysql_ports;
pub mod observe;
pub mod offers;
pub mod other_ports;
pub(crate) mod plaintext;
pub(crate) use plaintext::rules;
pub mod presented;
mod remedy;
pub mod scope;
pub mod session;
pub mod suites;
pub mod target;
pub mod tls;
pub mod verdict;
pub mod wire;
