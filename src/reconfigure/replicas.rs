//! Checks whether the new settings would refuse the next connection of a connected replica. An open
//! connection stays, so the refusal would come as a surprise later.

use crate::engine::reload::ReplicaAdvice;
use crate::engine::settings::ServerMode;
use crate::error::{Code, Error, Result};

/// A replica that is connected over TCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replica {
    /// Its name, user and host, as the server reports them.
    pub(super) name: String,
    /// Whether its connection uses TLS.
    pub(super) tls: ReplicaTls,
    /// Whether it showed a client certificate.
    pub(super) certificate: ReplicaTls,
}

/// Whether a replica uses TLS, or a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReplicaTls {
    /// It does.
    Yes,
    /// It does not, though the server offers TLS, or asks for a certificate.
    No,
    /// The server does not report it, or did not offer it to the replica.
    Unknown,
}

impl ReplicaTls {
    /// Judges whether the replica uses TLS, or a certificate, from whether the server offers it.
    pub(super) fn seen(uses: bool, offered: bool) -> Self {
        match (uses, offered) {
            (true, _) => ReplicaTls::Yes,
            (false, true) => ReplicaTls::No,
            (false, false) => ReplicaTls::Unknown,
        }
    }
}

/// Checks that no replica would be refused; returns a warning about replicas that may be.
///
/// # Errors
/// Exit 4 when replicas are connected without what `mode` demands. A replica without a client
/// certificate counts also where the server has not asked for one so far.
pub(super) fn check(
    advice: &ReplicaAdvice,
    mode: ServerMode,
    replicas: &[Replica],
) -> Result<Option<String>> {
    let names = |of: &[&Replica]| {
        of.iter().map(|replica| replica.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let for_certificate = advice.certificate.filter(|_| mode == ServerMode::VerifyCa);
    let demands_certificates = for_certificate.is_some();
    let lack = |replica: &&Replica| match demands_certificates {
        true => replica.certificate != ReplicaTls::Yes,
        false => replica.tls == ReplicaTls::No,
    };
    let lacking: Vec<&Replica> = replicas.iter().filter(lack).collect();
    if !lacking.is_empty() {
        let was_asked = lacking.iter().any(|replica| replica.certificate != ReplicaTls::Unknown);
        let what = match (demands_certificates, was_asked) {
            (true, true) => {
                "replicas are connected without a client certificate, and would be refused at \
                 their next connection"
            }
            (true, false) => {
                "the server has not asked for client certificates so far, and would refuse \
                 replicas without one at their next connection"
            }
            (false, _) => {
                "replicas are connected without TLS, and would be refused at their next connection"
            }
        };
        let message = format!("{what}: {}", names(&lacking));
        return Err(Error::refused(Code::ReplicasRefused, message)
            .hint(for_certificate.unwrap_or(advice.tls))
            .hint("then, or to go on all the same, add --ignore-replicas"));
    }
    let unsure: Vec<&Replica> =
        replicas.iter().filter(|replica| replica.tls == ReplicaTls::Unknown).collect();
    let warning = || {
        format!(
            "replicas are connected of which it is not known whether they use TLS at their next \
             connection, and without it they are refused: {}",
            names(&unsure)
        )
    };
    Ok((!unsure.is_empty()).then(warning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    fn refusal(
        engine: Engine,
        mode: ServerMode,
        tls: ReplicaTls,
        certificate: ReplicaTls,
    ) -> &'static str {
        let replica = Replica { name: "one".to_owned(), tls, certificate };
        let advice = &engine.facts().install.as_ref().expect("an engine to install on").replicas;
        match check(advice, mode, &[replica]) {
            Err(error) => {
                assert_eq!((error.code().name(), error.exit().code()), ("replicas-refused", 4));
                "refused"
            }
            Ok(Some(warning)) => {
                assert!(warning.ends_with(": one"), "{warning}");
                "warned"
            }
            Ok(None) => "fine",
        }
    }

    #[test]
    fn a_replica_without_what_is_demanded_is_found() {
        use ReplicaTls::{No, Unknown, Yes};
        use ServerMode::{Required, VerifyCa};
        let postgresql =
            |mode, tls, certificate| refusal(Engine::Postgresql, mode, tls, certificate);
        assert_eq!(postgresql(Required, Yes, No), "fine");
        assert_eq!(postgresql(Required, No, No), "refused");
        assert_eq!(postgresql(Required, Unknown, Unknown), "warned");
        assert_eq!(postgresql(VerifyCa, Yes, Yes), "fine");
        assert_eq!(postgresql(VerifyCa, Yes, No), "refused");
        assert_eq!(postgresql(VerifyCa, Yes, Unknown), "refused");
        for engine in [Engine::Mysql, Engine::Mariadb] {
            assert_eq!(refusal(engine, VerifyCa, Yes, No), "fine");
            assert_eq!(refusal(engine, VerifyCa, No, No), "refused");
            assert_eq!(refusal(engine, Required, Unknown, Unknown), "warned");
        }
    }
}
