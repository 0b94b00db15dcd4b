//! The reaction of a server to the client certificate of one connection. Pure.

use super::{CaTrust, TrustBasis};
use crate::connection::failure::{FailureKind, alert_name};
use crate::connection::wire::Reception;
use crate::probe::observation::TlsAttempt;

/// The reaction of a server to a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateReaction {
    /// It went on after it had verified, or ignored, the certificate.
    Accepts,
    /// It refused the certificate by an alert, or asks for another.
    Refuses(String),
    /// It asked for no certificate.
    NotRequested,
    /// The connection ended for another reason, or without one.
    Unknown(String),
}

/// Returns the reaction in an attempt. Under TLS 1.3 a server refuses a certificate after the
/// handshake (RFC 8446, section 4.4.2.4): only a message of its protocol shows that it went on.
#[must_use]
pub fn of_attempt(attempt: &TlsAttempt) -> CertificateReaction {
    let seen = &attempt.seen;
    let is_whole = seen.version.is_some() && seen.holds_key;
    match &attempt.outcome {
        // The clocks differ, or the connection came too late: that says nothing about the CA.
        Err(failure) if is_about_dates(failure.kind) => CertificateReaction::Unknown(format!(
            "the server takes a new certificate for an expired one; compare the clocks: {}",
            failure.message
        )),
        Err(failure) if seen.asks_for_certificate && failure.is_about_client_certificate() => {
            CertificateReaction::Refuses(match failure.kind {
                FailureKind::TlsAlert(alert) => format!("TLS alert {}", alert_name(alert)),
                _ => failure.message.clone(),
            })
        }
        Err(failure) => CertificateReaction::Unknown(failure.message.clone()),
        Ok(_) if !is_whole => {
            CertificateReaction::Unknown("the server did not get through the handshake".to_owned())
        }
        Ok(_) if !seen.asks_for_certificate => CertificateReaction::NotRequested,
        Ok(Reception::CertificateRequired(said)) => CertificateReaction::Refuses(said.clone()),
        // A refusal in the protocol, such as of the probe's user, comes after TLS took the
        // certificate.
        Ok(Reception::Taken | Reception::NeedsLogin | Reception::Refused(_)) => {
            CertificateReaction::Accepts
        }
    }
}

/// Whether an alert refuses a certificate for its dates. Alerts have their names from RFC 8446.
fn is_about_dates(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::TlsAlert(alert) if alert_name(alert) == "certificate_expired")
}

/// Whether a server trusts a CA, from its reaction to a certificate of that CA, and to one of an
/// unrelated CA (`control`). `None` if it asks for none: the files decide.
#[must_use]
pub fn trust(
    canary: &CertificateReaction,
    control: Option<&CertificateReaction>,
) -> Option<CaTrust> {
    use CertificateReaction as R;
    let basis = TrustBasis::Wire;
    Some(match (canary, control) {
        (R::NotRequested, _) => return None,
        (R::Accepts, Some(R::Refuses(_))) => CaTrust::Trusts { basis },
        (R::Accepts, Some(R::Accepts)) => CaTrust::TakesAny,
        (R::Accepts, Some(R::Unknown(why))) => CaTrust::unknown(format!(
            "it is not known whether the server verifies client certificates: {why}"
        )),
        (R::Accepts, Some(R::NotRequested)) => {
            CaTrust::unknown("the server asked only one of two clients for a certificate")
        }
        (R::Accepts, None) => CaTrust::unknown("no certificate of an unrelated CA was tried"),
        (R::Refuses(said), _) => CaTrust::Refuses { basis, said: said.clone() },
        (R::Unknown(why), _) => CaTrust::unknown(why.clone()),
    })
}

/// Whether a server still trusts the old CA, from its reaction to a certificate of that CA, and to
/// one of the new CA, which differs from it by the signer alone. `None` if it asks for none.
#[must_use]
pub fn old_trust(old: &CertificateReaction, new: &CertificateReaction) -> Option<CaTrust> {
    use CertificateReaction as R;
    let basis = TrustBasis::Wire;
    Some(match (old, new) {
        (R::NotRequested, _) | (_, R::NotRequested) => return None,
        (R::Accepts, _) => CaTrust::Trusts { basis },
        (R::Refuses(said), R::Accepts) => CaTrust::Refuses { basis, said: said.clone() },
        (R::Refuses(_), R::Refuses(said)) => CaTrust::unknown(format!(
            "the server refuses certificates of the new CA too, so that its refusal proves \
             nothing: {said}"
        )),
        (R::Refuses(_), R::Unknown(why)) | (R::Unknown(why), _) => CaTrust::unknown(why.clone()),
    })
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;
    use crate::connection::failure::Failure;
    use crate::connection::tls::TlsObservation;
    use crate::probe::observation::Mark;
    use CertificateReaction as R;

    fn attempt(asks: bool, outcome: Result<Reception, Failure>) -> TlsAttempt {
        let seen = TlsObservation {
            holds_key: true,
            version: Some("TLSv1.3"),
            asks_for_certificate: asks,
            ..TlsObservation::default()
        };
        TlsAttempt { server: None, mark: Mark::default(), seen, outcome }
    }

    #[test]
    fn only_a_message_of_the_protocol_is_an_acceptance_and_only_an_alert_a_refusal() {
        let failed = |kind| Err(Failure::new(kind, "why"));
        let alert = |alert| failed(FailureKind::TlsAlert(alert));
        let of = |asks, outcome| of_attempt(&attempt(asks, outcome));
        assert_eq!(of(true, Ok(Reception::Taken)), R::Accepts);
        assert_eq!(of(true, Ok(Reception::NeedsLogin)), R::Accepts);
        assert_eq!(of(true, Ok(Reception::Refused("no such user".into()))), R::Accepts);
        assert_eq!(of(false, Ok(Reception::Taken)), R::NotRequested);
        assert_eq!(
            of(true, alert(AlertDescription::UnknownCA)),
            R::Refuses("TLS alert unknown_ca".into())
        );
        for unknown in [
            of(true, failed(FailureKind::Reset)),
            of(true, failed(FailureKind::Timeout)),
            of(true, alert(AlertDescription::InternalError)),
            of(false, alert(AlertDescription::UnknownCA)),
        ] {
            assert_eq!(unknown, R::Unknown("why".into()));
        }
        let mut without_key = attempt(true, Ok(Reception::Taken));
        without_key.seen.holds_key = false;
        assert!(matches!(of_attempt(&without_key), R::Unknown(_)));
    }

    #[test]
    fn an_acceptance_proves_nothing_unless_another_ca_is_refused() {
        let refuses = || R::Refuses("TLS alert unknown_ca".into());
        let unknown = || R::Unknown("reset".into());
        let wire = Some(CaTrust::Trusts { basis: TrustBasis::Wire });
        assert_eq!(trust(&R::Accepts, Some(&refuses())), wire);
        assert_eq!(trust(&R::Accepts, Some(&R::Accepts)), Some(CaTrust::TakesAny));
        for control in [None, Some(unknown()), Some(R::NotRequested)] {
            let trust = trust(&R::Accepts, control.as_ref());
            assert!(matches!(trust, Some(CaTrust::Unknown { .. })), "{control:?}");
        }
        assert!(matches!(trust(&refuses(), None), Some(CaTrust::Refuses { .. })));
        assert!(matches!(trust(&unknown(), None), Some(CaTrust::Unknown { .. })));
        assert_eq!(trust(&R::NotRequested, None), None);
    }

    #[test]
    fn a_refusal_proves_nothing_unless_the_new_ca_is_accepted() {
        let refuses = || R::Refuses("TLS alert unknown_ca".into());
        let unknown = || R::Unknown("reset".into());
        assert!(matches!(old_trust(&refuses(), &R::Accepts), Some(CaTrust::Refuses { .. })));
        assert!(matches!(old_trust(&R::Accepts, &R::Accepts), Some(CaTrust::Trusts { .. })));
        assert!(matches!(old_trust(&R::Accepts, &unknown()), Some(CaTrust::Trusts { .. })));
        for (old, new) in [(refuses(), refuses()), (refuses(), unknown()), (unknown(), R::Accepts)]
        {
            assert!(matches!(old_trust(&old, &new), Some(CaTrust::Unknown { .. })));
        }
        assert_eq!(old_trust(&R::NotRequested, &R::Accepts), None);
    }
}
