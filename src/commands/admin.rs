//! The options that reach a server as its administrator: by its Unix socket, or by an address.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::connection::target::DatabaseTarget;
use crate::context::Context;
use crate::db_client::AccountCredentials;
use crate::db_client::session::AdminAddress;
use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::prompt::{self, PASSWORD};

/// The server, and who logs in there.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Admin {
    /// Unix socket for the administrator's login; of PostgreSQL also its folder
    #[arg(long, help_heading = "Administrator", value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) socket: Option<PathBuf>,
    /// URL of the server; without --socket, the administrator logs in there
    ///
    /// Over TLS, unless the server is on this machine.
    #[arg(long, help_heading = "Administrator", value_name = "URL")]
    pub(crate) url: Option<DatabaseTarget>,
    /// Administrator's account [default: root, postgres or default, by engine]
    #[arg(long, help_heading = "Administrator", value_name = "NAME")]
    user: Option<String>,
    /// File whose first line is the administrator's password; - is stdin
    ///
    /// Without it, the server identifies the user at the socket: root for MySQL and MariaDB; for
    /// peer in pg_hba.conf, ccx-sec run by root becomes the user with the account's name.
    #[arg(long, help_heading = "Administrator", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    password_file: Option<PathBuf>,
    /// Send the password to any server that listens at a --url of this machine
    ///
    /// Without this option, a server of this machine without TLS, or with a certificate of no
    /// trusted CA, gets no password: while the real server is down, another user or a tunnel may
    /// listen on its port.
    #[arg(long, help_heading = "Administrator", requires = "url")]
    pub(crate) trust_loopback: bool,
}

impl Admin {
    /// The address of the server, if one was given.
    ///
    /// # Errors
    /// Exit 2 when the URL is for another engine.
    pub(crate) fn place(&self, engine: Engine) -> Result<Option<AdminAddress>> {
        if let Some(url) = self.url.as_ref().filter(|url| url.engine != engine) {
            return Err(Error::usage(Code::EngineOther, format!("{url} is not of {engine}"))
                .hint("give the engine of the URL: --engine"));
        }
        Ok(match (&self.socket, &self.url) {
            (Some(path), _) => Some(AdminAddress::Socket { engine, path: path.clone() }),
            (None, Some(url)) => Some(AdminAddress::Tcp(url.clone())),
            (None, None) => None,
        })
    }

    /// The administrator's user name and password.
    ///
    /// # Errors
    /// Exit 2 when the file has no password; exit 3 when it cannot be read.
    pub(crate) fn credentials(
        &self,
        context: &Context,
        engine: Engine,
    ) -> Result<AccountCredentials> {
        let file = self.password_file.as_deref();
        let secret = |file| prompt::secret(context, PASSWORD, "Password", Some(file), false);
        let password = file.map(secret).transpose()?;
        let password = password.map(|secret| SecretString::from(secret.as_str()));
        let user = self.user.clone().unwrap_or_else(|| engine.facts().admin.to_owned());
        Ok(AccountCredentials { user, password })
    }
}
