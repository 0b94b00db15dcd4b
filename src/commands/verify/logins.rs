//! The accounts that log in (`--user`), and their passwords.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use crate::context::Context;
use crate::db_client::AccountCredentials;
use crate::engine::Exception;
use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::probe::account_logins::Accounts;
use crate::probe::mode::TlsMode;
use crate::prompt::{self, PASSWORD};

#[derive(Debug, clap::Args)]
pub(super) struct Logins {
    /// Account to log in as, with TLS and, for PLAINTEXT, without; repeatable
    ///
    /// Logs in only at servers whose certificate is of a trusted CA and for the dialled name (or
    /// --server-name). Without TLS, sends no password but a proof of it (challenge-response), as
    /// the account's clients do. PostgreSQL's rules depend on the database: the answer holds for
    /// the database of the URL, or else for postgres.
    #[arg(long, value_name = "NAME")]
    user: Vec<String>,
    /// File whose first line is the password; repeatable [default: prompt]
    ///
    /// One for all accounts, or one for each in the same order.
    #[arg(long, value_name = "FILE", requires = "user", value_hint = clap::ValueHint::FilePath)]
    password_file: Vec<PathBuf>,
    /// Log in although a server's certificate is for another name
    ///
    /// Any server with a certificate of the same CA, such as that of another datastore, can then
    /// stand in for yours and gets the passwords. Better: --server-name.
    #[arg(long, requires = "user")]
    insecure_skip_name_check: bool,
    /// Allow plaintext logins of accounts with this plugin
    #[arg(long, value_name = "PLUGIN", value_enum, requires = "user")]
    exception: Option<Exception>,
}

impl Logins {
    /// Whether any account is given.
    pub(super) fn any(&self) -> bool {
        !self.user.is_empty()
    }

    pub(super) fn exception(&self) -> bool {
        self.exception.is_some()
    }

    /// Whether passwords have to be prompted for.
    pub(super) fn ask(&self, context: &Context) -> bool {
        self.any() && self.password_file.is_empty() && context.can_ask()
    }

    /// The mode that a server's certificate has to pass before it gets a login.
    pub(super) fn trusting_mode(&self) -> TlsMode {
        match self.insecure_skip_name_check {
            true => TlsMode::VerifyCa,
            false => TlsMode::VerifyIdentity,
        }
    }

    /// Reads the accounts and their passwords, from files or by a prompt. Unless `wanted`, which is
    /// false if no server may get a password, reads no passwords.
    pub(super) fn read(
        &self,
        context: &Context,
        anchors: &[Certificate],
        wanted: bool,
    ) -> Result<Option<Arc<Accounts>>> {
        if self.user.is_empty() {
            return Ok(None);
        }
        let files = self.password_file.len();
        if files > 1 && files != self.user.len() {
            let users = self.user.len();
            let message = format!("{users} accounts and {files} password files do not match");
            return Err(Error::usage(Code::PasswordFiles, message)
                .hint("give one --password-file for all accounts, or one for each --user"));
        }
        let mut who = Vec::new();
        for (number, user) in self.user.iter().enumerate() {
            if user.is_empty() || user.contains('\0') {
                return Err(Error::usage(
                    Code::User,
                    format!("{user:?} is not the name of an account"),
                )
                .hint("give the name by which the account logs in: --user app"));
            }
            let file = self.password_file.get(if files == 1 { 0 } else { number });
            let question = format!("Password of {user}");
            let file = file.map(PathBuf::as_path);
            let password = match wanted {
                true => Some(prompt::secret(context, PASSWORD, &question, file, false)?),
                false => None,
            };
            let password = password.map(|password| SecretString::from(password.as_str()));
            who.push(AccountCredentials { user: user.clone(), password });
        }
        let at = context.now;
        let any_name = self.insecure_skip_name_check;
        Ok(Some(Arc::new(Accounts { who, anchors: anchors.to_vec(), at, any_name })))
    }
}
