//! Connects to the servers of a fleet, and collects the proofs.
//!
//! Each server gets a client with a certificate of the new CA. If it accepts that, a second client
//! has a certificate of an unrelated CA, or of the old one. Each refusal is a connect error for
//! MySQL and MariaDB: so no client comes whose answer is known.

use std::ops::ControlFlow;
use std::time::Duration;

use jiff::Timestamp;

use super::leaf::{self, LeafProof};
use super::reaction::{self, CertificateReaction};
use super::stored::StoredLook;
use super::{CaPair, CaSide, CaTrust, LeafLook, NodeProof, UnseenLeaf};
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::ClientIdentity;
use crate::error::{Reason, Result};
use crate::node::NodeId;
use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::probe::observation::{Observation, TlsAttempt};
use crate::probe::observe::ProbeOptions;
use crate::probe::scheduler::{self, Pace};
use crate::rotation::canary;

/// The number of servers for which a set of client certificates is used: with every second server
/// dead, they are done before the certificates end.
const BATCH: usize = 1024;

/// A server, its node, and the node's stored credentials.
#[derive(Debug, Clone)]
pub struct ProofTarget {
    /// The node.
    pub node: NodeId,
    /// The server.
    pub target: DatabaseTarget,
    /// The stored credentials.
    pub stored: StoredLook,
}

/// The CAs that sign client certificates for the servers.
pub struct CanaryAuthorities<'a> {
    /// The new one; `None` to present no certificate, which proves the server's certificate alone.
    pub new: Option<&'a Authority>,
    /// The old one, to see that it is refused.
    pub old: Option<&'a Authority>,
    /// Whether to see that an unrelated CA is refused.
    pub control: bool,
}

/// The options of a collection.
#[derive(Debug, Clone, Copy)]
pub struct ProofOptions {
    /// The number of servers at a time.
    pub jobs: usize,
    /// The time limit of each step.
    pub timeout: Duration,
}

/// Connects to all servers, and proves what can be proved. Calls `tick` for each server; if that
/// breaks, returns `None`.
///
/// # Errors
/// Exit 4 when a CA cannot sign at that time; exit 3 when the system refuses what an event loop
/// needs.
pub fn collect(
    targets: &[ProofTarget],
    cas: &CaPair,
    authorities: &CanaryAuthorities<'_>,
    options: ProofOptions,
    now: &dyn Fn() -> Timestamp,
    tick: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Vec<NodeProof>>> {
    let mut proofs = Vec::new();
    for batch in targets.chunks(BATCH) {
        let at = now();
        let Some(found) = collect_batch(batch, cas, authorities, options, at, tick)? else {
            return Ok(None);
        };
        proofs.extend(found);
    }
    Ok(Some(proofs))
}

fn collect_batch(
    targets: &[ProofTarget],
    cas: &CaPair,
    authorities: &CanaryAuthorities<'_>,
    options: ProofOptions,
    at: Timestamp,
    tick: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Vec<NodeProof>>> {
    let identity = |authority: Option<&Authority>| {
        authority.map(|authority| canary::issue(authority, at)).transpose()
    };
    let all: Vec<usize> = (0..targets.len()).collect();
    let mut round = |numbers: &[usize], identity: Option<ClientIdentity>| {
        connect(targets, numbers, identity, options, tick)
    };
    let Some(first) = round(&all, identity(authorities.new)?)? else { return Ok(None) };
    let accepted: Vec<usize> = all
        .iter()
        .copied()
        .filter(|number| {
            first[*number].as_ref().is_some_and(|seen| {
                reaction::of_attempt(&seen.secured) == CertificateReaction::Accepts
            })
        })
        .collect();
    let has_new = authorities.new.is_some();
    let mut further = |identity: Option<ClientIdentity>| match identity {
        Some(identity) if has_new => round(&accepted, Some(identity)),
        _ => Ok(Some(targets.iter().map(|_| None).collect())),
    };
    let control = authorities.control.then(|| canary::unrelated(at)).transpose()?;
    let Some(control) = further(control)? else { return Ok(None) };
    let Some(old) = further(identity(authorities.old)?)? else { return Ok(None) };
    let proofs = targets.iter().zip(first).zip(control.into_iter().zip(old));
    let proof = |((target, first), (control, old)): ((&ProofTarget, _), (_, _))| {
        let looks = ServerLooks { first, control, old };
        let asks_old = authorities.old.is_some();
        looks.prove(target, cas, at, has_new, asks_old)
    };
    Ok(Some(proofs.map(proof).collect()))
}

/// Connects to the servers of these numbers with a client certificate; `None` if `tick` broke.
fn connect(
    targets: &[ProofTarget],
    numbers: &[usize],
    identity: Option<ClientIdentity>,
    options: ProofOptions,
    tick: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Vec<Option<Observation>>>> {
    let mut seen: Vec<Option<Observation>> = targets.iter().map(|_| None).collect();
    let servers: Vec<DatabaseTarget> =
        numbers.iter().map(|number| targets[*number].target.clone()).collect();
    let probe = ProbeOptions { identity, ..ProbeOptions::nobody(options.timeout) };
    let pace =
        Pace { jobs: options.jobs, deadline: None, all_addresses: false, interruptible: false };
    let mut is_broken = false;
    scheduler::run(&servers, &probe, pace, |number, observations, _| {
        seen[numbers[number]] = observations.into_iter().next();
        let flow = tick();
        is_broken = flow.is_break();
        flow
    })?;
    Ok((!is_broken).then_some(seen))
}

/// The connections to one server.
struct ServerLooks {
    /// With a certificate of the new CA.
    first: Option<Observation>,
    /// With one of an unrelated CA.
    control: Option<Observation>,
    /// With one of the old CA.
    old: Option<Observation>,
}

impl ServerLooks {
    fn prove(
        self,
        target: &ProofTarget,
        cas: &CaPair,
        at: Timestamp,
        has_new: bool,
        asks_old: bool,
    ) -> NodeProof {
        let unreached = || {
            let failure = Failure::new(FailureKind::Unreachable, "the server was not reached");
            Observation::failed(None, failure)
        };
        let first = self.first.clone().unwrap_or_else(unreached);
        let stored = |side| target.stored.trust(side);
        let new = reaction::of_attempt(&first.secured);
        let trusts_new = if has_new {
            let control = self.control.as_ref().map(|control| self.reaction(control));
            reaction::trust(&new, control.as_ref()).unwrap_or_else(|| stored(CaSide::New))
        } else {
            CaTrust::unknown("the new CA cannot sign yet")
        };
        let trusts_old = asks_old.then(|| match &self.old {
            Some(old) => reaction::old_trust(&self.reaction(old), &new)
                .unwrap_or_else(|| stored(CaSide::Old)),
            None if new == CertificateReaction::NotRequested => stored(CaSide::Old),
            None => CaTrust::unknown(format!(
                "the server took no certificate of the new CA: {}",
                match new {
                    CertificateReaction::Refuses(said) => said,
                    CertificateReaction::Unknown(why) => why,
                    _ => "no further client came".to_owned(),
                }
            )),
        });
        NodeProof {
            node: target.node.to_string(),
            url: target.target.to_string(),
            engine: target.target.engine.to_string(),
            address: first.address.map(|address| address.to_string()),
            at,
            leaf: look(&first.secured, target, cas, at),
            trusts_new,
            trusts_old,
            names_new: names(&first.secured, &cas.new),
            stored: target.stored.clone(),
        }
    }

    /// The reaction to a later client, which must have met the same server as the first.
    fn reaction(&self, later: &Observation) -> CertificateReaction {
        let shown = |seen: &Observation| seen.secured.seen.chain.first().cloned();
        let found = reaction::of_attempt(&later.secured);
        if shown(later).is_some() && shown(later) != self.first.as_ref().and_then(shown) {
            return CertificateReaction::Unknown(
                "two connections were shown different certificates: there are several servers, or \
                 one loaded its files in between"
                    .to_owned(),
            );
        }
        found
    }
}

/// The certificate of a server, from the first connection.
fn look(secured: &TlsAttempt, target: &ProofTarget, cas: &CaPair, at: Timestamp) -> LeafLook {
    let seen = &secured.seen;
    if seen.chain.is_empty() {
        let failure = match &secured.outcome {
            Err(failure) => failure.clone(),
            Ok(_) => Failure::new(FailureKind::NoTls, "the server showed no certificate"),
        };
        return LeafLook::Unseen(UnseenLeaf {
            reason: failure.kind.reason().name().to_owned(),
            is_fault: is_fault(failure.kind),
            message: failure.message,
        });
    }
    if !seen.holds_key {
        return LeafLook::Unseen(UnseenLeaf {
            reason: Reason::KeyNotProved.name().to_owned(),
            message: "the server did not prove that it holds the key of its certificate".to_owned(),
            is_fault: true,
        });
    }
    let name = target.target.server_name().ok();
    let proof: std::result::Result<LeafProof, UnseenLeaf> =
        leaf::prove(&seen.chain, cas, name.as_ref(), at);
    match proof {
        Ok(proof) => LeafLook::Seen(proof),
        Err(unseen) => LeafLook::Unseen(unseen),
    }
}

/// Whether a failure is the server's answer, and not one of the way to it.
fn is_fault(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::NoTls
            | FailureKind::WeakProtocol
            | FailureKind::WeakCipher
            | FailureKind::TlsAlert(_)
            | FailureKind::TlsFailed
            | FailureKind::PlaintextInjected
    )
}

/// Whether the server names `ca` in its request for a client certificate; `None` if it names no CA.
fn names(secured: &TlsAttempt, ca: &Certificate) -> Option<bool> {
    let named = &secured.seen.named_cas;
    (!named.is_empty()).then(|| named.iter().any(|name| *name == ca.parsed().subject().as_raw()))
}
