//! The demands of the gates on one node.

use std::path::Path;

use super::Gate;
use super::gap::{Gap, GapCode};
use crate::engine::Engine;
use crate::hint::{Hint, Verbatim};
use crate::node::directory::CredentialKind;
use crate::rotation::proof::leaf::LeafProof;
use crate::rotation::proof::stored::{StoredLook, StoredProof};
use crate::rotation::proof::{CaSide, CaTrust, LeafLook, NodeProof, TrustBasis, UnseenLeaf};
use crate::shell::{CommandLine, Placeholder};

/// The demands of `gate` that a node does not meet.
pub(super) fn gaps(gate: Gate, proof: &NodeProof) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = match gate {
        Gate::Switched => of_trust(proof).into_iter().collect(),
        Gate::Reissued | Gate::Removed => {
            let shown = of_leaf(proof);
            let stored = of_stored(&proof.node, &proof.stored);
            shown.into_iter().chain(stored).collect()
        }
        Gate::Distrusted => of_old_trust(proof).into_iter().collect(),
    };
    gaps.iter_mut().for_each(|gap| gap.node = Some(proof.node.clone()));
    gaps
}

/// Whether the evidence for `gate` is a file.
pub(super) fn is_by_file(gate: Gate, proof: &NodeProof) -> bool {
    let by_file = |trust: &CaTrust| {
        matches!(
            trust,
            CaTrust::Trusts { basis: TrustBasis::File }
                | CaTrust::Refuses { basis: TrustBasis::File, .. }
        )
    };
    match gate {
        Gate::Switched => by_file(&proof.trusts_new),
        Gate::Reissued | Gate::Removed => false,
        Gate::Distrusted => proof.trusts_old.as_ref().is_some_and(by_file),
    }
}

/// The gap of a server that was not seen.
fn of_unseen(proof: &NodeProof) -> Option<Gap> {
    let LeafLook::Unseen(UnseenLeaf { message, is_fault, .. }) = &proof.leaf else { return None };
    let verify = CommandLine::ccx_sec("verify").argument(proof.url.as_str());
    Some(if *is_fault {
        Gap::fail(GapCode::NoTls, message.clone()).hint(("look at it alone", verify))
    } else {
        Gap::unknown(GapCode::Unreachable, message.clone()).hint(
            Hint::from(("is it running, and reachable from here? look again", verify)).then(
                format!(
                    "or, if it is gone for good or nobody uses it: --exclude {}=REASON",
                    proof.node
                ),
            ),
        )
    })
}

/// Whether the server trusts the new CA.
fn of_trust(proof: &NodeProof) -> Option<Gap> {
    if let Some(gap) = of_unseen(proof) {
        return Some(gap);
    }
    if let LeafLook::Seen(leaf) = &proof.leaf
        && leaf.signer == CaSide::Old
        && !leaf.verifies.both
    {
        return Some(refused_by_clients(proof, leaf));
    }
    match &proof.trusts_new {
        CaTrust::Trusts { .. } => None,
        CaTrust::Refuses { said, .. } => {
            let message = format!("the server does not trust the new CA: {said}");
            Some(
                Gap::fail(GapCode::CaNotTrusted, message)
                    .hint(take_files(proof, |stored| stored.holds_new)),
            )
        }
        CaTrust::TakesAny => Some(takes_any()),
        CaTrust::Unknown { why } => {
            let message = format!("it is not known whether the server trusts the new CA: {why}");
            Some(Gap::unknown(GapCode::TrustUnknown, message).hint(look_into_files()))
        }
    }
}

fn takes_any() -> Gap {
    let message = "the server takes client certificates of any CA, so that it proves nothing";
    Gap::unknown(GapCode::TakesAny, message.to_owned()).hint(
        "let it verify client certificates, or ask for none; a proxy in front of it may be what \
         takes them",
    )
}

fn look_into_files() -> Hint {
    Hint::from(
        "for a server that asks for no client certificate, name the directory of the fleet's files \
         (--dir DIR), or keep its credentials in a Secret",
    )
}

/// Whether the server shows a certificate of the new CA.
fn of_leaf(proof: &NodeProof) -> Option<Gap> {
    let leaf = match &proof.leaf {
        LeafLook::Seen(leaf) => leaf,
        LeafLook::Unseen(_) => return of_unseen(proof),
    };
    let message = |text: &str| format!("the server shows {text}: {}", short(leaf));
    match leaf.signer {
        CaSide::Old => {
            let gap = Gap::fail(GapCode::OldCertificate, message("a certificate of the old CA"));
            Some(gap.hint(take_files(proof, |stored| stored.signer == CaSide::New)))
        }
        CaSide::Other => {
            let gap = Gap::fail(
                GapCode::UnknownCertificate,
                message("a certificate that neither CA signed"),
            );
            Some(gap.hint(take_files(proof, |stored| stored.signer == CaSide::New)))
        }
        CaSide::New if !(leaf.verifies.both && leaf.verifies.new) => {
            Some(refused_by_clients(proof, leaf))
        }
        CaSide::New => None,
    }
}

/// The gap of a server whose certificate does not verify.
fn refused_by_clients(proof: &NodeProof, leaf: &LeafProof) -> Gap {
    let why = leaf.fault.as_ref().map_or("", |fault| fault.message.as_str());
    let text = format!("the server shows a certificate that clients refuse: {why}");
    let verify = CommandLine::ccx_sec("verify").argument(proof.url.as_str());
    Gap::fail(GapCode::BadCertificate, text).hint(("look at it alone", verify))
}

/// Whether the stored credentials of a node are of the new CA. A node without any meets the demand:
/// the server itself was seen.
fn of_stored(node: &str, stored: &StoredLook) -> Option<Gap> {
    match stored {
        StoredLook::Read(proof) if proof.signer != CaSide::New => {
            let message = match proof.signer {
                CaSide::Old => format!("{} holds a certificate of the old CA", proof.place),
                _ => format!("{} holds a certificate that neither CA signed", proof.place),
            };
            Some(Gap::fail(GapCode::StoredOld, message).of(node).hint(("renew it", renew(proof))))
        }
        StoredLook::Unreadable { why } => {
            let message = format!("the stored credentials cannot be read: {why}");
            Some(Gap::unknown(GapCode::StoredUnknown, message).of(node))
        }
        StoredLook::Read(_) | StoredLook::Absent { .. } => None,
    }
}

/// Whether the stored credentials of a node outside the fleet are of the old CA. Those of neither
/// CA belong to another fleet.
pub(super) fn of_other_node(node: &str, stored: &StoredLook) -> Option<Gap> {
    let is_of_another = stored.read().is_some_and(|proof| proof.signer == CaSide::Other);
    if is_of_another { None } else { of_stored(node, stored) }
}

/// Whether the stored bundle of a node outside the fleet holds the new CA. Nobody asks its server.
pub(super) fn of_other_trust(node: &str, stored: &StoredLook) -> Option<Gap> {
    match stored {
        StoredLook::Read(proof) if proof.signer != CaSide::Other && !proof.holds_new => {
            let message = format!(
                "the node is not among those that were asked, and the bundle in {} lacks the new CA",
                proof.place
            );
            let gap = Gap::fail(GapCode::CaNotTrusted, message).of(node);
            Some(gap.hint(("let it take the bundle", renew(proof))))
        }
        StoredLook::Unreadable { .. } => of_stored(node, stored),
        StoredLook::Read(_) | StoredLook::Absent { .. } => None,
    }
}

/// Whether the server refuses the old CA, after it was removed.
fn of_old_trust(proof: &NodeProof) -> Option<Gap> {
    if let Some(gap) = of_unseen(proof) {
        return Some(gap);
    }
    match proof.trusts_old.as_ref().unwrap_or(&CaTrust::unknown("nobody tried")) {
        CaTrust::Refuses { .. } => None,
        CaTrust::Trusts { .. } => {
            let message = "the server still trusts the old CA".to_owned();
            let gap = Gap::fail(GapCode::OldCaTrusted, message);
            Some(gap.hint(take_files(proof, |stored| !stored.holds_old)))
        }
        CaTrust::TakesAny => Some(takes_any()),
        CaTrust::Unknown { why } => {
            let message =
                format!("it is not known whether the server still trusts the old CA: {why}");
            Some(Gap::unknown(GapCode::TrustUnknown, message).hint(look_into_files()))
        }
    }
}

/// The command that renews stored credentials.
fn renew(stored: &StoredProof) -> CommandLine {
    match stored.place.strip_prefix("the Secret ").filter(|_| stored.is_secret) {
        Some(name) => CommandLine::ccx_sec("cert renew").option("--secret", name),
        None => CommandLine::ccx_sec("cert renew").option("--dir", stored.place.as_str()),
    }
}

/// The remedy for a server without the newest files: to load them, if they are `ready`, or else to
/// renew them first.
fn take_files(proof: &NodeProof, ready: impl FnOnce(&StoredProof) -> bool) -> Hint {
    match proof.stored.read() {
        Some(stored) if ready(stored) => reload(proof, stored),
        Some(stored) => Hint::from(("renew the files", renew(stored))).then(load(proof)),
        None => Hint::from((
            "on the node, renew the files",
            CommandLine::ccx_sec("cert renew").option("--dir", Placeholder("DIR")),
        ))
        .then(load(proof)),
    }
}

/// The remedy for a server that has not loaded its files.
fn reload(proof: &NodeProof, stored: &StoredProof) -> Hint {
    let wait = "wait until the kubelet has updated the mounted Secret (a minute or two; a subPath \
                mount never is: restart the pod)";
    match (stored.is_secret, stored.is_mounted) {
        (true, true) => Hint::from(wait).then(load(proof)),
        (true, false) => Hint::from((
            "the files of the server are not those of the Secret: give --dir DIR, as cert issue \
             --out has it, or renew them on the node",
            CommandLine::ccx_sec("cert renew").option("--dir", Placeholder("DIR")),
        ))
        .then(load(proof)),
        (false, _) => load(proof),
    }
}

/// Lets the server load its files, with their names if they are known.
fn load(proof: &NodeProof) -> Hint {
    let Ok(engine) = proof.engine.parse::<Engine>() else {
        return Hint::from("let the server read the files");
    };
    let remedies = engine.facts().remedies;
    let directory = proof.stored.read().filter(|stored| !stored.is_secret);
    let statement = match directory.map(|stored| Path::new(&stored.place)) {
        Some(directory) => {
            let kind = CredentialKind::Server;
            remedies.reload_files(&directory.join(kind.certificate()), &directory.join(kind.key()))
        }
        None => remedies.reload().to_owned(),
    };
    Hint::from((
        format!("let the server read the files, in a session of {engine}"),
        Verbatim(statement),
    ))
}

fn short(leaf: &LeafProof) -> String {
    format!("sha256 {}…, valid until {}", leaf.sha256.get(..8).unwrap_or_default(), leaf.not_after)
}
