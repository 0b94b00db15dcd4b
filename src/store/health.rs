//! Checks a CA in a store: the findings of `ca check`.

use jiff::Timestamp;

use crate::error::{Code, Error};
use crate::hint::Hint;
use crate::pki::certificate::Certificate;
use crate::pki::finding::{Finding, Level};
use crate::pki::{profile, renewal};
use crate::shell::CommandLine;
use crate::store::bundle::{Bundle, Role};
use crate::store::ca::{StoredCa, TLS, authority_of, certificate_of, replaced_hint};
use crate::store::secret::Secret;
use crate::store::{missing, phase};

/// Checks a CA and its bundle, and returns the findings, the worst first. A certificate that
/// expires before `soon` gets a finding.
#[must_use]
pub fn check(stored: &StoredCa, now: Timestamp, soon: Option<Timestamp>) -> Vec<Finding> {
    let Some(secret) = &stored.ca else {
        let mut found = vec![
            Finding::error(Code::CaMissing, format!("there is no Secret {}", stored.name))
                .hint(missing::elsewhere(&stored.address)),
        ];
        if stored.bundle.is_some() {
            found.push(
                Finding::error(
                    Code::BundleWithoutCa,
                    "clients have the bundle of a CA that is gone",
                )
                .hint(missing::restore()),
            );
        }
        return found;
    };
    let mut found = check_secret(stored, secret);
    let certificate = match certificate_of(secret) {
        Ok(certificate) => Some(certificate),
        Err(error) => {
            found.push(as_finding(&error));
            None
        }
    };
    if let Some(certificate) = &certificate {
        if let Err(error) = authority_of(secret) {
            found.push(as_finding(&error));
        }
        found.extend(profile::check_ca(certificate));
        found.extend(profile::check_dates(certificate, now, soon).into_iter().map(renewable));
    }
    found.extend(check_bundle(stored.bundle.as_ref(), certificate.as_ref(), now));
    found.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    found
}

fn check_secret(stored: &StoredCa, secret: &Secret) -> Vec<Finding> {
    let mut found = Vec::new();
    if !secret.is_ours() {
        found.push(
            Finding::warning(
                Code::SecretForeign,
                format!("{} was not made by ccx-sec", secret.name),
            )
            .hint(
                Hint::from("commands that change it refuse")
                    .then(stored.address.adoption(&secret.name)),
            ),
        );
    }
    if secret.kind != TLS {
        let message = format!("{} is of type {:?}, not {TLS}", secret.name, secret.kind);
        found.push(
            Finding::warning(Code::SecretType, message).hint("cert-manager requires this type"),
        );
    }
    if secret.data.get("ca.crt").is_none_or(|ca| secret.data.get("tls.crt") != Some(ca)) {
        let message = format!("ca.crt of {} is not the same as its tls.crt", secret.name);
        found.push(Finding::warning(Code::CaCrtDiffers, message));
    }
    found
}

/// Checks only the bundle and its active certificate, for an account that may not read the CA's
/// Secret.
#[must_use]
pub fn check_public(
    secret: Option<&Secret>,
    now: Timestamp,
    soon: Option<Timestamp>,
) -> Vec<Finding> {
    let Some(secret) = secret else {
        return vec![
            Finding::error(Code::BundleMissing, "the bundle, which clients read, is missing").hint(
                Hint::from(
                    "is the CA in another store or namespace, or does it have another name (--ca)?",
                )
                .then((
                    "with access to the CA, this command creates its bundle",
                    CommandLine::ccx_sec("ca check"),
                )),
            ),
        ];
    };
    let bundle = match Bundle::from_secret(secret) {
        Ok(bundle) => bundle,
        Err(error) => return vec![as_finding(&error)],
    };
    let mut found = check_members(secret, &bundle, now);
    match bundle.actives().as_slice() {
        [certificate] => {
            found.extend(profile::check_ca(certificate));
            found.extend(profile::check_dates(certificate, now, soon).into_iter().map(renewable));
        }
        [] => found.push(
            Finding::error(Code::BundleActive, "the bundle has no active certificate")
                .hint(("see what is wrong with it", CommandLine::ccx_sec("ca check"))),
        ),
        _ => found.push(several_active()),
    }
    found.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    found
}

fn check_bundle(
    secret: Option<&Secret>,
    certificate: Option<&Certificate>,
    now: Timestamp,
) -> Vec<Finding> {
    let Some(secret) = secret else {
        return vec![
            Finding::error(Code::BundleMissing, "the bundle, which clients read, is missing").hint(
                (
                    "with the verb create on secrets, this command creates it",
                    CommandLine::ccx_sec("ca check"),
                ),
            ),
        ];
    };
    let bundle = match Bundle::from_secret(secret) {
        Ok(bundle) => bundle,
        Err(error) => return vec![as_finding(&error)],
    };
    let mut found = check_members(secret, &bundle, now);
    if let Some(certificate) = certificate {
        let actives = bundle.actives();
        if !bundle.holds(certificate) {
            let message = "the bundle does not hold the CA: the CA or the bundle was replaced";
            found.push(
                Finding::error(Code::BundleLacksCa, message)
                    .hint(replaced_hint(&bundle, certificate)),
            );
        } else if !bundle.lets_sign(certificate) {
            let message = "the active certificate of the bundle is not the CA's";
            found.push(Finding::error(Code::BundleActive, message).hint(
                "one of the two Secrets was put back from a backup, or changed by hand; put back the \
                 two that belong together",
            ));
        } else if actives.len() > 1 {
            found.push(several_active());
        } else if let [active] = actives.as_slice()
            && *active != certificate
        {
            found.push(unfinished(bundle.rotation.is_some(), certificate, active));
        }
    }
    if let Err(contradiction) = phase::check(&bundle) {
        let message =
            format!("the record of the rotation contradicts the bundle: it {contradiction}");
        found.push(
            Finding::error(Code::RotationDamaged, message).hint("restore the bundle from a backup"),
        );
    }
    found
}

/// A change of the CA was interrupted between its writes. Certificates that are issued now verify
/// with the bundle, so this shuts no gate.
fn unfinished(is_rotation: bool, signing: &Certificate, active: &Certificate) -> Finding {
    if !is_rotation && let Err(difference) = renewal::check_unfinished(signing, active) {
        let message = format!("the active certificate of the bundle {difference}");
        return Finding::error(Code::BundleActive, message)
            .hint("somebody changed the bundle; restore it from a backup");
    }
    match is_rotation {
        true => Finding::warning(Code::RotationSwitching, "the signing CA is being exchanged")
            .hint((
                "if no command is doing it, see how to finish",
                CommandLine::ccx_sec("ca rotate status"),
            )),
        false => Finding::warning(
            Code::RenewalUnfinished,
            "the renewal of the CA certificate was interrupted",
        )
        .hint(("finish it", CommandLine::ccx_sec("ca renew"))),
    }
}

fn several_active() -> Finding {
    Finding::error(Code::BundleActive, "the bundle has several active certificates")
}

/// Checks that ccx-sec made the bundle, and that members that do not sign have not expired.
fn check_members(secret: &Secret, bundle: &Bundle, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    if !secret.is_ours() {
        found.push(Finding::warning(
            Code::SecretForeign,
            format!("{} was not made by ccx-sec", secret.name),
        ));
    }
    for member in bundle.members.iter().filter(|member| member.role != Role::Active) {
        // If the active certificate renewed this one, verifiers pass by it.
        let is_renewed = bundle.is_active_key(&member.certificate);
        if now > member.certificate.not_after() && !is_renewed {
            let role = member.role.name();
            found.push(Finding::warning(
                Code::BundleExpiredMember,
                format!(
                    "the {role} certificate of the bundle expired at {}",
                    member.certificate.not_after()
                ),
            ));
        }
    }
    found
}

fn renewable(finding: Finding) -> Finding {
    match finding.hints.is_empty() {
        false => finding,
        true => finding.hint((
            "renew it, with the same name and key, and give clients the new certificate",
            CommandLine::ccx_sec("ca renew"),
        )),
    }
}

fn as_finding(error: &Error) -> Finding {
    let finding =
        Finding { level: Level::Error, ..Finding::error(error.code(), error.to_string()) };
    error.hints().iter().cloned().fold(finding, Finding::hint)
}
