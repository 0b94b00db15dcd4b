//! The results of the accounts' logins, in the form that is printed.

use serde::Serialize;

use crate::db_client::channel::ChannelError;
use crate::db_client::{Cache, LoginOutcome};
use crate::output::escape_control_characters;
use crate::probe::account_logins::{AccountLogins, Attempt};

/// The results of one account.
#[derive(Debug, Serialize)]
pub(super) struct AccountReport {
    user: String,
    tls: LoginReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_certificate: Option<LoginReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain: Option<LoginReport>,
}

/// The result of one login.
#[derive(Debug, Serialize)]
struct LoginReport {
    login: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl AccountReport {
    pub(super) fn new(account: &AccountLogins) -> Self {
        AccountReport {
            user: account.user.clone(),
            tls: LoginReport::new(&account.tls),
            without_certificate: account.without_certificate.as_ref().map(LoginReport::new),
            plain: account.plain.as_ref().map(LoginReport::new),
        }
    }

    /// The text: one line per login.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let ways = [
            ("over TLS", Some(&self.tls)),
            ("over TLS without a client certificate", self.without_certificate.as_ref()),
            ("without TLS", self.plain.as_ref()),
        ];
        ways.into_iter().filter_map(|(way, told)| {
            told.map(|told| {
                format!("  {} {way}: {}", escape_control_characters(&self.user), told.render_text())
            })
        })
    }
}

impl LoginReport {
    fn new(attempt: &Attempt) -> Self {
        let told = |login, message: &str| LoginReport {
            login,
            method: None,
            cache: None,
            message: Some(message.to_owned()),
        };
        match attempt {
            Ok(LoginOutcome::In(how)) => LoginReport {
                login: "in",
                method: Some(how.method.clone()),
                cache: how.cache.map(Cache::name),
                message: None,
            },
            Ok(LoginOutcome::Denied { said, .. }) => told("denied", said),
            Ok(LoginOutcome::Refused(said)) => told("refused", said),
            Ok(LoginOutcome::Withheld(why) | LoginOutcome::Weak(why))
            | Err(ChannelError::Untrusted(why)) => told("withheld", why),
            Ok(LoginOutcome::Unproved(why)) => told("not_proved", why),
            Err(ChannelError::Failure(failure)) => told("failed", &failure.message),
        }
    }

    fn render_text(&self) -> String {
        let mut text = self.login.to_owned();
        let how = self.method.iter().map(String::as_str).chain(self.cache).collect::<Vec<_>>();
        if !how.is_empty() {
            text += &format!(" ({})", escape_control_characters(&how.join(", ")));
        }
        text.extend(
            self.message.iter().map(|said| format!(": {}", escape_control_characters(said))),
        );
        text
    }
}
