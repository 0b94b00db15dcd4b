//! Checks a rotation in a store: the keys that it keeps, Secrets that were put back from a backup,
//! and whether it stands still.
//!
//! A lost key of the CA that does not sign shuts no gate: what signs now is sound. So these findings
//! are warnings; `ca check --rotation-keys` and `doctor` fail on them.

use jiff::{SignedDuration, Timestamp};

use crate::error::{Code, Error};
use crate::hint::Hint;
use crate::pki::finding::Finding;
use crate::shell::CommandLine;
use crate::store::bundle::Bundle;
use crate::store::ca::{StoredCa, authority_of, certificate_of};
use crate::store::rotation::{
    EndedRotation, Rotation, RotationPhase, STEP, is_of_rotation, next_name, previous_name,
};
use crate::store::secret::Secret;
use crate::store::{Backend, StoreAddress};

/// The longest pause.
const PAUSE: SignedDuration = SignedDuration::from_hours(48);
/// The longest exchange of the CA.
const EXCHANGE: SignedDuration = SignedDuration::from_hours(1);
/// The longest time for which a phase waits for a person or for nodes, after its own wait.
const PHASE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A Secret that a rotation keeps beside the CA's own two.
struct KeptSecret {
    name: String,
    /// Its content, if there is one; the error if it could not be read.
    read: Result<Option<Secret>, Error>,
}

/// Checks the rotation of a CA, and returns the findings. Reads the Secrets with its keys only if
/// there may be any.
#[must_use]
pub fn check(store: &dyn Backend, stored: &StoredCa) -> Vec<Finding> {
    let (Some(ca), Some(bundle)) = (&stored.ca, &stored.bundle) else { return Vec::new() };
    let Ok(bundle) = Bundle::from_secret(bundle) else { return Vec::new() };
    let signing = certificate_of(ca).ok();
    let is_known = signing.as_ref().is_none_or(|signing| bundle.lets_sign(signing));
    if bundle.rotation.is_none() && (is_known || !ca.annotations.contains_key(STEP)) {
        return Vec::new();
    }
    let names = [next_name(&stored.name), previous_name(&stored.name)];
    let kept = names.map(|name| KeptSecret { read: store.get(&name), name });
    let checked = CheckedRotation { stored, ca, bundle: &bundle, kept: &kept };
    match &bundle.rotation {
        Some(rotation) => checked.findings(rotation),
        None => vec![
            checked.ended(ca).map_or_else(|| checked.older_bundle(), |one| checked.older_ca(one)),
        ],
    }
}

/// The Secrets of a CA whose rotation is checked.
struct CheckedRotation<'a> {
    stored: &'a StoredCa,
    ca: &'a Secret,
    bundle: &'a Bundle,
    kept: &'a [KeptSecret; 2],
}

impl CheckedRotation<'_> {
    fn findings(&self, rotation: &Rotation) -> Vec<Finding> {
        let mut found = Vec::new();
        for kept in self.kept {
            match &kept.read {
                Err(error) => found.push(unread(kept, error)),
                Ok(Some(secret)) => found.extend(self.stranger(rotation, secret)),
                Ok(None) => {}
            }
        }
        found.extend(self.misplaced(rotation));
        let is_unread = self.kept.iter().any(|kept| kept.read.is_err());
        let is_going = |sha256: &String| rotation.forgetting && *sha256 == rotation.from;
        for sha256 in [&rotation.target, &rotation.from] {
            if !is_unread && !is_going(sha256) && !self.has_key(sha256) {
                found.push(self.lost(rotation, sha256));
            }
        }
        found
    }

    /// The Secrets that were read, the CA's own first.
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let kept = self.kept.iter().filter_map(|kept| kept.read.as_ref().ok()?.as_ref());
        [self.ca].into_iter().chain(kept)
    }

    fn has_key(&self, sha256: &str) -> bool {
        self.secrets()
            .filter_map(|secret| authority_of(secret).ok())
            .any(|authority| authority.certificate().sha256() == sha256)
    }

    /// The finding about a kept Secret that holds no CA of this rotation, or lacks its mark.
    fn stranger(&self, rotation: &Rotation, secret: &Secret) -> Option<Finding> {
        let name = &secret.name;
        let certificate = certificate_of(secret).ok();
        let is_of_these = certificate.as_ref().is_some_and(|certificate| {
            [&rotation.from, &rotation.target].contains(&&certificate.sha256())
        });
        if !is_of_rotation(secret, &self.stored.name) {
            let message = format!("{name} lacks the annotations of the rotation, which refuses it");
            let finding = Finding::warning(Code::RotationKey, message);
            return Some(match is_of_these {
                true => finding.hint(
                    "it holds a key of this rotation, so somebody copied it: put it back from a \
                     backup with its labels and annotations",
                ),
                false => finding.hint("find out whose it is, and move it to another name"),
            });
        }
        match (certificate, is_of_these) {
            (_, true) => None,
            (Some(other), false) => Some(
                Finding::warning(
                    Code::RotationKey,
                    format!(
                        "{name} keeps the CA {}, which is none of this rotation: it was put back \
                         from a backup of another rotation",
                        other.subject()
                    ),
                )
                .hint("save it under another name; then put back the one of this rotation, if it had one"),
            ),
            (None, false) => {
                Some(Finding::warning(Code::RotationKey, format!("{name} is damaged")).hint(
                    "put it back from a backup; the finding about the lost key, if there is one, \
                     says what else helps",
                ))
            }
        }
    }

    /// The finding about a CA's Secret that does not fit the phase: what was put back, and the
    /// steps that mend it.
    fn misplaced(&self, rotation: &Rotation) -> Option<Finding> {
        let signing = certificate_of(self.ca).ok()?.sha256();
        let expected = match rotation.phase {
            RotationPhase::Switching => return None,
            RotationPhase::Staged => &rotation.from,
            RotationPhase::Switched | RotationPhase::Reissued | RotationPhase::Removed => {
                &rotation.target
            }
        };
        if signing == *expected {
            return None;
        }
        let (phase, bundle) = (rotation.phase.name(), self.stored.bundle.as_ref()?);
        let ca = &self.ca.name;
        if let Some((id, step)) = written_in(self.ca)
            && (id != rotation.id || step > rotation.step)
            && self.ended(self.ca).is_none()
        {
            return Some(self.older_bundle());
        }
        let holder = self.secrets().skip(1).find(|secret| {
            authority_of(secret).is_ok_and(|one| one.certificate().sha256() == *expected)
        });
        let message = format!(
            "{ca} was put back from a backup, or changed by hand: the phase is {phase} since {}, and \
             the CA of {} does not sign in it",
            rotation.since, ca
        );
        let finding = Finding::error(Code::RotationDamaged, message);
        Some(match holder {
            Some(holder) => finding.hint(self.copy_hint(&holder.name)),
            None => finding.hint(format!(
                "put back {ca} from a backup of this phase; {} stays as it is",
                bundle.name
            )),
        })
    }

    /// The rotation in which a Secret was written last, if the bundle knows its end.
    fn ended(&self, secret: &Secret) -> Option<&EndedRotation> {
        let (id, _) = written_in(secret)?;
        self.bundle.rotations.iter().find(|ended| ended.id == id)
    }

    /// The finding about a CA's Secret that is older than the bundle, which knows of no rotation
    /// under way.
    fn older_ca(&self, of: &EndedRotation) -> Finding {
        let ca = &self.ca.name;
        let last = self.bundle.rotations.last().unwrap_or(of);
        let message = format!(
            "{ca} was put back from a backup: a rotation wrote it that ended at {}, and the last one \
             ended at {}",
            of.ended, last.ended
        );
        Finding::error(Code::RotationDamaged, message).hint(format!(
            "put back {ca} from a backup of the time after {}; the bundle stays as it is",
            last.ended
        ))
    }

    /// The finding about a bundle that is older than the CA's Secret.
    fn older_bundle(&self) -> Finding {
        let bundle = self.stored.bundle.as_ref().map_or("", |bundle| bundle.name.as_str());
        let record = match &self.bundle.rotation {
            Some(rotation) => format!("its record is of the phase {}", rotation.phase.name()),
            None => "it knows of no rotation".to_owned(),
        };
        let message = format!(
            "{bundle} was put back from a backup: {record}, and a rotation wrote {} later",
            self.ca.name
        );
        let finding = Finding::error(Code::RotationDamaged, message).hint(format!(
            "put back a {bundle} of the time after the switch; {} and the keys beside it stay as \
             they are",
            self.ca.name
        ));
        let older = self.secrets().skip(1).find(|secret| {
            self.bundle.rotation.as_ref().is_some_and(|rotation| {
                certificate_of(secret).is_ok_and(|one| one.sha256() == rotation.from)
            })
        });
        match older {
            // Old and new CA are in the bundle, and both keys are there: back to the record.
            Some(older) => finding.hint(
                Hint::from("if there is no such backup, go back to the state of the record, and switch again:")
                    .then(self.copy_hint(&older.name)),
            ),
            None => finding,
        }
    }

    /// The steps that put the CA of the Secret `holder` into the CA's own.
    fn copy_hint(&self, holder: &str) -> Hint {
        let ca = &self.ca.name;
        match &self.stored.address {
            StoreAddress::K8s { namespace, .. } => {
                let value = |key: &str| format!("\"{key}\":\"{{{{index .data \"{key}\"}}}}\"");
                let values = ["tls.crt", "tls.key", "ca.crt"].map(value).join(",");
                let read = CommandLine::kubectl("get secret")
                    .option("-n", namespace)
                    .argument(holder)
                    .option("-o", format!("go-template={{\"data\":{{{values}}}}}"));
                let write = CommandLine::kubectl("patch secret")
                    .option("-n", namespace)
                    .argument(ca)
                    .option("--patch-file", "/dev/stdin");
                let how = format!("{holder} holds the right one; copy its three values into {ca}");
                Hint::from((how, read.pipe(write)))
            }
            StoreAddress::Dir { path } => Hint::from(format!(
                "{holder} holds the right one: copy the values of tls.crt, tls.key and ca.crt from \
                 {path}/{holder}.yaml to {path}/{ca}.yaml"
            )),
        }
    }

    /// The finding about a key that no Secret holds.
    fn lost(&self, rotation: &Rotation, sha256: &str) -> Finding {
        let [next, previous] = self.kept;
        let short = &sha256[..sha256.len().min(8)];
        let is_started = !rotation.has_switched() && sha256 == rotation.target;
        let (name, what) = match is_started {
            true => (&next.name, "the next CA"),
            false if sha256 == rotation.target => (&self.ca.name, "the CA that has to sign"),
            false => (&previous.name, "the CA that signed before"),
        };
        let message = format!("no Secret holds the key of {what}, {short}: {name} lost it");
        let finding = Finding::warning(Code::RotationKey, message)
            .hint(format!("put {name} back from a backup of this rotation"));
        if is_started {
            return finding.hint((
                "without a backup, end the rotation, whose CA has signed nothing, and start another",
                CommandLine::ccx_sec("ca rotate rollback"),
            ));
        }
        let switch = rotation.history.iter().rev().find(|entry| {
            matches!(entry.phase, RotationPhase::Switching | RotationPhase::Switched)
        });
        match (sha256 == rotation.from, switch) {
            (true, Some(switch)) => finding.hint(format!(
                "without it, nothing leads back; a backup of {} from before {} holds the same key: \
                 put that back under the name {name}, with the label and the annotations of {}",
                self.ca.name, switch.at, next.name
            )),
            _ => finding,
        }
    }
}

/// The finding about a Secret that could not be read.
fn unread(kept: &KeptSecret, error: &Error) -> Finding {
    let message = format!("the key of the rotation in {} was not checked: {error}", kept.name);
    let finding = Finding::warning(Code::RotationKeyUnread, message);
    match error.code() {
        Code::KubeForbidden => finding.hint(
            "certificates are issued without it; check it with an account that may read it, such as \
             that of the job check in Kubernetes",
        ),
        _ => error.hints().iter().cloned().fold(finding, Finding::hint),
    }
}

/// The rotation and the step in which a Secret was written last.
fn written_in(secret: &Secret) -> Option<(&str, u64)> {
    let (id, step) = secret.annotations.get(STEP)?.rsplit_once('/')?;
    Some((id, step.parse().ok()?))
}

/// The reason why a rotation stands still, if it does.
#[must_use]
pub fn standstill(rotation: &Rotation, now: Timestamp) -> Option<Finding> {
    let ramp = &rotation.ramp;
    let window = i64::try_from(ramp.window_seconds).unwrap_or(i64::MAX);
    let window = SignedDuration::from_secs(window);
    let follows = matches!(rotation.phase, RotationPhase::Switching | RotationPhase::Switched);
    let after =
        |begin: Timestamp, time: SignedDuration| begin.checked_add(time).is_ok_and(|end| now > end);
    let paused_at = ramp.paused_at.unwrap_or(rotation.since);
    let since = rotation.since;
    let message = match rotation.phase {
        _ if ramp.paused && follows && after(paused_at, PAUSE) => {
            format!("it is paused since {paused_at}: no node takes a new certificate")
        }
        RotationPhase::Staged if after(rotation.earliest_switch, PHASE) => {
            format!("the switch was possible from {} on", rotation.earliest_switch)
        }
        RotationPhase::Switching if after(since, EXCHANGE) => {
            format!("the switch was interrupted at {since}")
        }
        RotationPhase::Switched if !ramp.paused => {
            let begin = ramp.widened_at.map_or(Ok(since), |at| at.checked_add(window));
            let begin = begin.unwrap_or(Timestamp::MAX);
            match after(begin, PHASE) {
                true => format!("nodes have had the time to follow since {begin}"),
                false => return None,
            }
        }
        RotationPhase::Reissued | RotationPhase::Removed if after(since, PHASE) => {
            format!("it is {} since {since}", rotation.phase.name())
        }
        _ => return None,
    };
    let finding = Finding::warning(
        Code::RotationStalled,
        format!("the rotation of the CA stands still: {message}"),
    );
    Some(finding.hint(("see what comes next", CommandLine::ccx_sec("ca rotate status"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rotation::{Operator, Ramp, RotationKind};

    #[test]
    fn a_rotation_stands_still_after_its_waits_and_a_margin() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a timestamp");
        let begin = at("2026-01-01T00:00:00Z");
        let operator = Operator { name: "ops".to_owned(), at: begin };
        let ramp = Ramp {
            canary_permille: 10,
            window_seconds: 7 * 86_400,
            widened_at: None,
            paused: false,
            paused_at: None,
            order: None,
            round: 0,
        };
        let cas = ("a".repeat(64), "b".repeat(64));
        let earliest = at("2026-01-31T00:00:00Z");
        let kind = RotationKind::Planned;
        let mut rotation = Rotation::staged("5f".to_owned(), kind, cas, earliest, ramp, &operator);
        let is_still = |rotation: &Rotation, now: &str| standstill(rotation, at(now)).is_some();
        assert!(!is_still(&rotation, "2026-02-13T00:00:00Z"));
        assert!(is_still(&rotation, "2026-02-15T00:00:00Z"));
        for (phase, before, after) in [
            (RotationPhase::Switching, "2026-01-01T00:59:00Z", "2026-01-01T01:01:00Z"),
            (RotationPhase::Switched, "2026-01-14T00:00:00Z", "2026-01-16T00:00:00Z"),
            (RotationPhase::Reissued, "2026-01-14T00:00:00Z", "2026-01-16T00:00:00Z"),
            (RotationPhase::Removed, "2026-01-14T00:00:00Z", "2026-01-16T00:00:00Z"),
        ] {
            rotation.enter(phase, &operator, None, Vec::new());
            assert!(!is_still(&rotation, before) && is_still(&rotation, after), "{phase:?}");
        }
        rotation.enter(RotationPhase::Switched, &operator, None, Vec::new());
        rotation.ramp.widened_at = Some(at("2026-01-05T00:00:00Z"));
        assert!(!is_still(&rotation, "2026-01-25T00:00:00Z"));
        assert!(is_still(&rotation, "2026-01-27T00:00:00Z"));
        (rotation.ramp.paused, rotation.ramp.paused_at) = (true, Some(at("2026-01-06T00:00:00Z")));
        assert!(!is_still(&rotation, "2026-01-07T23:00:00Z"));
        assert!(is_still(&rotation, "2026-01-08T01:00:00Z"));
    }
}
