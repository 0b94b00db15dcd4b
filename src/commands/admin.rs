//! How commands reach a server as its administrator: by its Unix socket, or by an address.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::commands::anchors;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::probe::login::Credentials;
use crate::probe::session::{Place, Session, Trusted};
use crate::probe::target::Target;
use crate::prompt::{self, PASSWORD};

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Administrator")]
pub(crate) struct Admin {
    /// The server's Unix socket; of PostgreSQL, its directory will do
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    socket: Option<PathBuf>,
    /// Or the server's address, with TLS unless it is of this machine
    #[arg(long, value_name = "URL", conflicts_with = "socket")]
    url: Option<Target>,
    /// The administrator's account [default: the engine's: root, postgres, default]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// The file whose first line is the administrator's password; without it, none is used
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    password_file: Option<PathBuf>,
    /// The CAs that the server at --url may be of, PEM; without it, the bundle in the store
    #[arg(long, value_name = "FILE", requires = "url", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
}

impl Admin {
    /// Where the server is, if it was named.
    ///
    /// # Errors
    /// Exit 2 when it is one of another engine.
    pub(crate) fn place(&self, engine: Engine) -> Result<Option<Place>> {
        match (&self.socket, &self.url) {
            (Some(path), _) => Ok(Some(Place::Socket { engine, path: path.clone() })),
            (_, Some(target)) if target.engine == engine => Ok(Some(Place::Tcp(target.clone()))),
            (_, Some(target)) => {
                Err(Error::usage("admin-engine", format!("{target} is no {engine} server"))
                    .hint(format!("give its URL as {engine}://host:port")))
            }
            (None, None) => Ok(None),
        }
    }

    /// Logs in, without a password where no file has one.
    ///
    /// # Errors
    /// Exit 2 when the server or the password is not as it should be; exit 3 when it cannot be
    /// reached, is not trusted, or says no.
    pub(crate) fn open(&self, context: &Context, place: &Place) -> Result<Session> {
        let engine = match place {
            Place::Socket { engine, .. } => *engine,
            Place::Tcp(target) => target.engine,
        };
        let user = self.user.clone();
        let user = user.unwrap_or_else(|| engine.facts().admin.to_owned());
        let file = self.password_file.as_deref();
        let password = match file {
            Some(_) => Some(prompt::secret(context, PASSWORD, "", file, false)?),
            None => None,
        };
        let password = password.map(|text| SecretString::from(text.as_str()));
        let anchors = match place {
            Place::Tcp(target) if !is_here(&target.host) => {
                anchors::read(context, self.ca_file.as_deref())?
            }
            _ => Vec::new(),
        };
        let trusted = Trusted { anchors: &anchors, at: context.now };
        Session::open(place, &Credentials { user, password }, trusted, context.step_timeout)
    }
}

/// Whether it is this machine whatever a resolver says.
fn is_here(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
