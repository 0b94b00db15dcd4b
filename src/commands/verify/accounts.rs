//! What became of accounts, as it is printed.

use serde::Serialize;

use crate::probe::login::account::{self, Attempt};
use crate::probe::login::channel::Closed;
use crate::probe::login::{Cache, Login};

use super::document::shown;

/// One account.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    user: String,
    tls: Told,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_certificate: Option<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain: Option<Told>,
}

/// One login.
#[derive(Debug, Serialize)]
struct Told {
    login: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Account {
    pub(super) fn new(account: &account::Account) -> Self {
        Account {
            user: account.user.clone(),
            tls: Told::new(&account.tls),
            without_certificate: account.without_certificate.as_ref().map(Told::new),
            plain: account.plain.as_ref().map(Told::new),
        }
    }

    /// For people: a line a login.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let ways = [
            ("over TLS", Some(&self.tls)),
            ("over TLS without a client certificate", self.without_certificate.as_ref()),
            ("without TLS", self.plain.as_ref()),
        ];
        ways.into_iter().filter_map(|(way, told)| {
            told.map(|told| format!("  {} {way}: {}", shown(&self.user), told.text()))
        })
    }
}

impl Told {
    fn new(attempt: &Attempt) -> Self {
        let told = |login, message: &str| Told {
            login,
            method: None,
            cache: None,
            message: Some(message.to_owned()),
        };
        match attempt {
            Ok(Login::In(how)) => Told {
                login: "in",
                method: Some(how.method.clone()),
                cache: how.cache.map(Cache::name),
                message: None,
            },
            Ok(Login::Denied(said)) => told("denied", said),
            Ok(Login::Refused(said)) => told("refused", said),
            Ok(Login::Withheld(why) | Login::Weak(why)) | Err(Closed::Untrusted(why)) => {
                told("withheld", why)
            }
            Ok(Login::Unproved(why)) => told("not_proved", why),
            Err(Closed::Failure(failure)) => told("failed", &failure.message),
        }
    }

    fn text(&self) -> String {
        let mut text = self.login.to_owned();
        let how = self.method.iter().map(String::as_str).chain(self.cache).collect::<Vec<_>>();
        if !how.is_empty() {
            text += &format!(" ({})", shown(&how.join(", ")));
        }
        text.extend(self.message.iter().map(|said| format!(": {}", shown(said))));
        text
    }
}
