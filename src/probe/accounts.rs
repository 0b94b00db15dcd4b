//! Judges the logins of accounts, mode by mode. Pure.

use crate::connection::wire::Reception;
use crate::db_client::channel::ChannelError;
use crate::db_client::{LoginMethod, LoginOutcome};
use crate::engine::Engine;
use crate::engine::protocol::AdmissionRule;
use crate::error::Reason;
use crate::probe::account_logins::{AccountLogins, Attempt};
use crate::probe::finding::{FindingDetail, ModeFinding};
use crate::probe::mode::Answer;

/// The plugin whose accounts may log in without TLS under `--exception`.
const EXCEPTED: &str = "mysql_native_password";

/// Whether the engine decides about plaintext by account. Then the logins of accounts show more
/// than the probe's dummy login.
pub(crate) fn decide(engine: Engine) -> bool {
    engine.facts().protocol.admission == AdmissionRule::Account
}

/// Judges whether an account gets in without TLS. With `exception`, accounts of the plugin
/// `mysql_native_password` may.
pub(crate) fn without_tls(
    engine: Engine,
    accounts: &[AccountLogins],
    exception: bool,
) -> Option<ModeFinding> {
    worst(accounts.iter().filter_map(|account| one_without_tls(engine, account, exception)))
}

fn one_without_tls(
    engine: Engine,
    account: &AccountLogins,
    exception: bool,
) -> Option<ModeFinding> {
    let AccountLogins { user, tls, .. } = account;
    if account.replication == Some(Ok(Reception::Taken)) {
        let message = format!("{user} is led to a login for replication without TLS");
        return Some(ModeFinding::fail(Reason::ReplicationAccepted, message));
    }
    let unknown = |reason, message: String| Some(ModeFinding::unknown(reason, message));
    match &account.plain {
        None => account.tls.as_ref().err().map(|closed| {
            let finding = not_open(closed);
            let message = format!("{user} did not log in: {}", finding.message);
            finding.with_message(message)
        }),
        Some(Ok(LoginOutcome::In(LoginMethod { method, .. })))
            if exception && method == EXCEPTED =>
        {
            None
        }
        Some(Ok(LoginOutcome::In(LoginMethod { method, .. }))) => {
            let message = format!("{user} gets in without TLS ({method})");
            Some(ModeFinding::fail(Reason::PlainAccepted, message))
        }
        Some(Ok(LoginOutcome::Refused(_))) => match &account.replication {
            Some(Err(failure)) => {
                let message = format!("{user}: {failure}");
                Some(ModeFinding::of_failure(failure).with_message(message))
            }
            _ => None,
        },
        // pg_hba.conf is checked first, and admitted the account to a login, perhaps by a method
        // such as ident by which others get in.
        Some(Ok(LoginOutcome::Denied { said, cause }))
            if engine.facts().protocol.admission == AdmissionRule::HostRules =>
        {
            let message = format!("{user} is led to a login without TLS, and not let in: {said}");
            let finding = ModeFinding::unknown(Reason::LoginDenied, message);
            Some(finding.with_detail(FindingDetail::Refusal(*cause)))
        }
        Some(Ok(LoginOutcome::Denied { said, cause })) => match (tls, &account.without_certificate)
        {
            // The same password succeeded over TLS: so the account is refused for want of TLS.
            (Ok(LoginOutcome::In(_)), _) | (_, Some(Ok(LoginOutcome::In(_)))) => None,
            _ => {
                let message = format!("{user} gets in neither way, which tells nothing: {said}");
                let finding = ModeFinding::unknown(Reason::LoginDenied, message);
                Some(finding.with_detail(FindingDetail::Refusal(*cause)))
            }
        },
        Some(Ok(LoginOutcome::Withheld(why))) => {
            unknown(Reason::LoginWithheld, format!("{user}: {why}"))
        }
        Some(Ok(LoginOutcome::Weak(why))) => unknown(Reason::WeakScram, format!("{user}: {why}")),
        Some(Ok(LoginOutcome::Unproved(why))) => {
            Some(ModeFinding::fail(Reason::ServerNotProved, why.clone()))
        }
        Some(Err(closed)) => {
            let finding = not_open(closed);
            let message = format!("{user}, without TLS: {}", finding.message);
            Some(finding.with_message(message))
        }
    }
}

/// Judges whether all accounts get in over TLS.
pub(crate) fn over_tls(accounts: &[AccountLogins]) -> Option<ModeFinding> {
    worst(accounts.iter().filter_map(|account| {
        let user = &account.user;
        match &account.tls {
            Ok(LoginOutcome::In(_)) => None,
            Ok(LoginOutcome::Denied { said, cause }) => {
                let message = format!("{user} is not let in over TLS: {said}");
                let finding = ModeFinding::fail(Reason::LoginDenied, message);
                Some(finding.with_detail(FindingDetail::Refusal(*cause)))
            }
            Ok(LoginOutcome::Refused(said)) => {
                let message = format!("{user} is not let in over TLS: {said}");
                Some(ModeFinding::fail(Reason::LoginDenied, message))
            }
            Ok(LoginOutcome::Withheld(why)) => {
                Some(ModeFinding::unknown(Reason::LoginWithheld, format!("{user}: {why}")))
            }
            Ok(LoginOutcome::Weak(why)) => {
                Some(ModeFinding::unknown(Reason::WeakScram, format!("{user}: {why}")))
            }
            Ok(LoginOutcome::Unproved(why)) => {
                Some(ModeFinding::fail(Reason::ServerNotProved, why.clone()))
            }
            Err(closed) => {
                let finding = not_open(closed);
                let message = format!("{user} did not log in: {}", finding.message);
                Some(finding.with_message(message))
            }
        }
    }))
}

/// Judges whether all accounts need a client certificate (`REQUIRE X509`).
pub(crate) fn with_certificate(accounts: &[AccountLogins]) -> Option<ModeFinding> {
    worst(accounts.iter().filter_map(|account| {
        let user = &account.user;
        let unknown = |message| Some(ModeFinding::unknown(Reason::NeedsLogin, message));
        let without: &Attempt = account.without_certificate.as_ref().unwrap_or(&account.tls);
        match (without, &account.tls) {
            (Ok(LoginOutcome::In(_)), _) => {
                let message = format!("{user} gets in without a client certificate");
                Some(ModeFinding::fail(Reason::ClientCertNotRequired, message))
            }
            (Ok(LoginOutcome::Denied { .. }), Ok(LoginOutcome::In(_))) => None,
            (Err(ChannelError::Failure(failure)), Ok(LoginOutcome::In(_)))
                if failure.is_about_client_certificate() =>
            {
                None
            }
            (Ok(LoginOutcome::Denied { said, .. } | LoginOutcome::Refused(said)), _) => {
                unknown(format!(
                    "{user} did not get in, be it for want of a client certificate or not: {said}"
                ))
            }
            (Ok(LoginOutcome::Withheld(why) | LoginOutcome::Weak(why)), _) => {
                unknown(format!("{user}: {why}"))
            }
            (Ok(LoginOutcome::Unproved(why)), _) => unknown(why.clone()),
            (Err(closed), _) => {
                unknown(format!("{user} did not log in: {}", not_open(closed).message))
            }
        }
    }))
}

fn not_open(closed: &ChannelError) -> ModeFinding {
    match closed {
        ChannelError::Failure(failure) => ModeFinding::of_failure(failure),
        ChannelError::Untrusted(why) => {
            let message = format!("no password goes to a server that is not trusted: {why}");
            ModeFinding::unknown(Reason::NotTrusted, message)
        }
    }
}

/// Returns the first finding that is a fail or, if there is none, the first unknown.
pub(crate) fn worst(found: impl Iterator<Item = ModeFinding>) -> Option<ModeFinding> {
    found.reduce(|worst, next| match (worst.answer, next.answer) {
        (Answer::Unknown, Answer::Fail) => next,
        _ => worst,
    })
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;
    use crate::db_client::Cache;

    fn let_in(method: &str) -> Attempt {
        Ok(LoginOutcome::In(LoginMethod { method: method.to_owned(), cache: Some(Cache::Warm) }))
    }

    fn denied() -> Attempt {
        Ok(LoginOutcome::denied("error 1045".to_owned()))
    }

    fn account(tls: Attempt, plain: Option<Attempt>) -> AccountLogins {
        AccountLogins {
            user: "app".to_owned(),
            tls,
            without_certificate: None,
            plain,
            replication: None,
        }
    }

    fn describe_login(found: Option<ModeFinding>) -> String {
        found.map_or_else(
            || "pass".to_owned(),
            |found| format!("{} {}", found.answer.name(), found.reason),
        )
    }

    #[test]
    fn a_denial_without_tls_counts_where_the_password_is_known_to_be_right() {
        let one = |tls, plain| {
            describe_login(without_tls(Engine::Mysql, &[account(tls, Some(plain))], false))
        };
        assert_eq!(one(let_in("x"), denied()), "pass");
        assert_eq!(one(denied(), denied()), "unknown login_denied");
        assert_eq!(one(denied(), Ok(LoginOutcome::Refused("3159".to_owned()))), "pass");
        assert_eq!(
            one(let_in("x"), Ok(LoginOutcome::Withheld("cold".to_owned()))),
            "unknown login_withheld"
        );
        assert_eq!(one(let_in("x"), let_in("x")), "fail plain_accepted");
    }

    #[test]
    fn postgresql_tells_by_its_rules_who_must_not_come_without_tls() {
        let one = |plain| {
            let tried = [account(let_in("scram-sha-256"), Some(Ok(plain)))];
            describe_login(without_tls(Engine::Postgresql, &tried, false))
        };
        assert_eq!(one(LoginOutcome::Refused("by the rules".to_owned())), "pass");
        assert_eq!(one(LoginOutcome::denied("Ident failed".to_owned())), "unknown login_denied");
        let refused = Some(Ok(LoginOutcome::Refused("by the rules".to_owned())));
        let replicating = AccountLogins {
            replication: Some(Ok(Reception::Taken)),
            ..account(let_in("scram-sha-256"), refused)
        };
        let told = describe_login(without_tls(Engine::Postgresql, &[replicating], false));
        assert_eq!(told, "fail replication_accepted");
    }

    #[test]
    fn the_exception_is_for_one_plugin() {
        let one = |method, exception| {
            describe_login(without_tls(
                Engine::Mysql,
                &[account(let_in(method), Some(let_in(method)))],
                exception,
            ))
        };
        assert_eq!(one("mysql_native_password", false), "fail plain_accepted");
        assert_eq!(one("mysql_native_password", true), "pass");
        assert_eq!(one("caching_sha2_password", true), "fail plain_accepted");
    }

    #[test]
    fn what_was_not_tried_is_no_pass_and_a_no_comes_before_it() {
        let untrusted = || Err(ChannelError::Untrusted("expired".to_owned()));
        let away = account(untrusted(), None);
        assert_eq!(
            describe_login(without_tls(Engine::Mysql, slice::from_ref(&away), false)),
            "unknown not_trusted"
        );
        assert_eq!(describe_login(over_tls(slice::from_ref(&away))), "unknown not_trusted");
        let open = account(let_in("x"), Some(let_in("x")));
        assert_eq!(
            describe_login(without_tls(Engine::Mysql, &[away, open], false)),
            "fail plain_accepted"
        );
        assert_eq!(describe_login(over_tls(&[account(denied(), None)])), "fail login_denied");
    }

    #[test]
    fn a_certificate_is_demanded_where_the_account_gets_in_with_it_alone() {
        let one = |tls, without: Option<Attempt>| {
            let account = AccountLogins { without_certificate: without, ..account(tls, None) };
            describe_login(with_certificate(&[account]))
        };
        assert_eq!(one(let_in("x"), Some(denied())), "pass");
        assert_eq!(one(let_in("x"), Some(let_in("x"))), "fail client_cert_not_required");
        assert_eq!(one(let_in("x"), None), "fail client_cert_not_required");
        assert_eq!(one(denied(), None), "unknown needs_login");
        assert_eq!(one(denied(), Some(denied())), "unknown needs_login");
    }
}
