//! Credentials for one node or a hundred thousand: looked at, made where they are missing or
//! due, and put where they belong, each node whole or not at all.
//!
//! Many nodes go through in groups. The files of a group are written, made safe from a power
//! cut by one call for all of them, and only then put in force, a node at a time. So a power
//! cut can cost the work on one group, which the next run does again, and never leaves a node
//! with half of its files.

mod outcome;
mod target;

pub use outcome::{Action, Outcome};
pub use target::{Target, Wanted};

use std::collections::HashSet;
use std::path::Path;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::files::{self, Durability, Published, Slot, Staged};
use crate::node::credentials::{Credentials, Reason, Verdict};
use crate::node::directory::{self, Style};
use crate::node::renewal::Due;
use crate::pki::certificate::Certificate;
use crate::pki::issue::{Issuer, Request};
use crate::pki::leaf_key::LeafKey;
use crate::pki::validity::Length;
use crate::store::Backend;
use crate::store::nodes::{self, SecretTarget};
use crate::store::secret::Secret;

/// How many nodes go through together: each holds a file descriptor, of which a process has
/// 1,024 unless told otherwise.
const GROUP: usize = 256;

/// What is to be done, and with what.
pub struct Work<'a> {
    /// The CA that signs.
    pub issuer: &'a Issuer<'a>,
    /// The bundle that goes with every certificate, PEM.
    pub bundle: &'a str,
    /// The moment it is.
    pub now: Timestamp,
    /// When a certificate is due.
    pub due: &'a Due,
    /// What is asked for.
    pub goal: Goal,
    /// Whether a new certificate is for the old key.
    pub reuse_key: bool,
    /// How long a new certificate is valid, where the target does not say; as long as the old
    /// one where this does not either.
    pub validity: Option<&'a Length>,
    /// How files are written.
    pub style: Style,
    /// The store, for the targets with a Secret.
    pub store: Option<&'a dyn Backend>,
    /// The names of all Secrets in it, where many targets are looked for that may not be
    /// there.
    pub there: Option<HashSet<String>>,
    /// Called when the files of a directory have changed. What it fails with brings the old
    /// ones back.
    pub reload: Option<&'a Reload<'a>>,
    /// Only look.
    pub dry_run: bool,
}

/// Has whoever reads the files of a directory load them.
pub type Reload<'a> = dyn Fn(&Path) -> Result<()> + Sync + 'a;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Who has no credentials gets some; those that are due get new ones.
    Issue,
    /// Those that are due get new ones; to have none is a failure.
    Renew,
    /// All get new ones, due or not; to have none is a failure.
    RenewAll,
}

/// What one of the places of a target holds, and what to think of it.
struct Found {
    credentials: Option<Credentials>,
    verdict: Verdict,
}

impl Found {
    /// The credentials, where they will do.
    fn good(&self) -> Option<&Credentials> {
        self.credentials.as_ref().filter(|_| !matches!(self.verdict, Verdict::Replace(_)))
    }

    /// Whether the place has to be written to hold `chosen`.
    fn lacks(&self, chosen: &Certificate) -> bool {
        let there = self.credentials.as_ref().map(Credentials::certificate);
        self.verdict != Verdict::Keep || there != Some(chosen)
    }
}

/// Credentials that are made, and not in force yet.
struct Prepared {
    outcome: Outcome,
    directory: Directory,
    /// The Secret to write, as it was read, and what to write into it.
    secret: Option<(SecretTarget, Option<Secret>, Credentials)>,
}

/// The credentials that a target shall have, and why they were made, if they were.
struct Chosen {
    credentials: Credentials,
    reason: Option<Reason>,
}

/// What happens in the directory of a target.
enum Directory {
    Untouched,
    Staged(Staged),
    /// A change of an earlier run that was never confirmed.
    Unconfirmed(Published),
}

impl Work<'_> {
    /// Does it for one target.
    #[must_use]
    pub fn one(&self, target: Target) -> Outcome {
        match self.prepare(target, Durability::Now) {
            Ok(prepared) => self.finish(prepared),
            Err(error) => Outcome::failed(error),
        }
    }

    /// Does it for all of `items`, whose `target` is made when it is their turn, `jobs` at a
    /// time. `done` makes of each outcome what is to be kept of it, which comes in the order
    /// of the items. `out` is where the directories are, if there are some.
    ///
    /// # Errors
    /// Exit 3 when the disk fails under all of them; what fails for one is its outcome.
    pub fn all<T: Sync, R: Send>(
        &self,
        items: &[T],
        target: impl Fn(&T) -> Result<Target> + Sync,
        out: Option<&Path>,
        jobs: usize,
        done: impl Fn(Outcome) -> R + Sync,
    ) -> Result<Vec<R>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
        let pool = pool.map_err(|e| Error::failed("threads", "cannot start threads").because(e))?;
        let make_safe = |what: bool| match out.filter(|out| what && files::exists(out)) {
            Some(out) => files::sync_file_system(out),
            None => Ok(()),
        };
        let prepare = |item: &T| {
            let prepared = target(item).and_then(|to| self.prepare(to, Durability::Later));
            prepared.map_err(Outcome::failed)
        };
        let finish = |prepared: std::result::Result<Prepared, Outcome>| {
            done(prepared.map_or_else(|failed| failed, |prepared| self.finish(prepared)))
        };
        let mut outcomes = Vec::with_capacity(items.len());
        for group in items.chunks(GROUP) {
            let prepared: Vec<_> = pool.install(|| group.par_iter().map(prepare).collect());
            let is_staged =
                |prepared: &Prepared| matches!(prepared.directory, Directory::Staged(_));
            make_safe(prepared.iter().flatten().any(is_staged))?;
            let finished: Vec<_> = pool.install(|| prepared.into_par_iter().map(finish).collect());
            outcomes.extend(finished);
        }
        make_safe(!self.dry_run)?;
        Ok(outcomes)
    }

    fn prepare(&self, target: Target, durability: Durability) -> Result<Prepared> {
        let Target { name, wanted, directory, secret } = target;
        // A directory is made when there is something to put into it.
        let there = |path: &Path| !self.dry_run && files::exists(path);
        let slot = match directory.as_ref().filter(|(path, _)| there(path)) {
            Some((path, _)) => Some(Slot::open(path)?),
            None => None,
        };
        let in_directory = match &directory {
            Some((path, kind)) => Some(self.look(directory::read(path, *kind), &wanted)?),
            None => None,
        };
        let has_style = directory
            .as_ref()
            .is_none_or(|(path, kind)| directory::has_style(path, *kind, &self.style));
        let read = match (&secret, self.store) {
            (Some(to), Some(store)) if self.may_be_there(&to.name) => store.get(&to.name)?,
            _ => None,
        };
        let in_secret = secret.as_ref().map(|_| {
            let credentials = read.as_ref().map(nodes::credentials_of).transpose();
            self.look(credentials, &wanted)
        });
        let in_secret = in_secret.transpose()?;

        let places: Vec<&Found> = in_directory.iter().chain(&in_secret).collect();
        let chosen = self.choose(&name, &wanted, &places)?;
        let lacks = |place: Option<&Found>| {
            place.is_some_and(|found| found.lacks(chosen.credentials.certificate()))
        };
        let to_directory = lacks(in_directory.as_ref()) || !has_style;
        let to_secret = lacks(in_secret.as_ref());
        let outcome = Outcome::of(&chosen, to_directory || to_secret);
        if self.dry_run {
            return Ok(Prepared { outcome, directory: Directory::Untouched, secret: None });
        }
        let directory = match (slot, directory) {
            (slot, Some((path, kind))) if to_directory => {
                let slot = slot.map_or_else(|| Slot::open(&path), Ok)?;
                let credentials = &chosen.credentials;
                let staged = directory::stage(slot, kind, credentials, &self.style, durability)?;
                Directory::Staged(staged)
            }
            (Some(slot), _) => {
                slot.unconfirmed().map_or(Directory::Untouched, Directory::Unconfirmed)
            }
            (None, _) => Directory::Untouched,
        };
        let secret = secret.filter(|_| to_secret).map(|to| (to, read, chosen.credentials));
        Ok(Prepared { outcome, directory, secret })
    }

    fn may_be_there(&self, secret: &str) -> bool {
        self.there.as_ref().is_none_or(|there| there.contains(secret))
    }

    /// Credentials that cannot be read for want of permission are an error; those that are
    /// damaged are to be replaced.
    fn look(&self, read: Result<Option<Credentials>>, wanted: &Wanted) -> Result<Found> {
        let replace = |reason| Found { credentials: None, verdict: Verdict::Replace(reason) };
        let credentials = match read {
            Ok(None) => return Ok(replace(Reason::Missing)),
            Ok(Some(credentials)) => credentials,
            Err(error) if error.code() == "file-permission" => return Err(error),
            Err(_) => return Ok(replace(Reason::Damaged)),
        };
        let wanted = wanted.as_ref().map(|(request, key_type)| (request, *key_type));
        let ca = self.issuer.certificate();
        let verdict = match credentials.judge(ca, self.bundle, wanted, self.due, self.now)? {
            Verdict::Keep | Verdict::Refresh if self.goal == Goal::RenewAll => {
                Verdict::Replace(Reason::Asked)
            }
            verdict => verdict,
        };
        Ok(Found { credentials: Some(credentials), verdict })
    }

    /// The credentials that a target shall have: of those in its places that will do the ones
    /// that last longest, else new ones.
    fn choose(&self, name: &str, wanted: &Wanted, places: &[&Found]) -> Result<Chosen> {
        let last = |found: &&Credentials| found.certificate().not_after();
        if let Some(good) = places.iter().filter_map(|found| found.good()).max_by_key(last) {
            let credentials = good.clone().with_bundle(self.bundle);
            return Ok(Chosen { credentials, reason: None });
        }
        let reason = places.iter().find_map(|found| match found.verdict {
            Verdict::Replace(reason) if reason != Reason::Missing => Some(reason),
            _ => None,
        });
        let reason = reason.unwrap_or(Reason::Missing);
        if self.goal != Goal::Issue && reason == Reason::Missing {
            return Err(Error::failed("certificate-missing", format!("{name} has no certificate"))
                .hint("renewing is for those that have one; issue it: ccx-sec cert issue"));
        }
        let old = places.iter().find_map(|found| found.credentials.as_ref());
        let (request, key_type) = match (wanted, old) {
            (Some((request, key_type)), _) => (request.clone(), *key_type),
            (None, Some(old)) => {
                let (request, key_type) = Request::of(old.certificate())?;
                let request = match self.validity {
                    Some(validity) => Request { validity: validity.clone(), ..request },
                    None => request,
                };
                (request, key_type.parse()?)
            }
            (None, None) => {
                let message = format!("the certificate of {name} cannot be read");
                return Err(Error::failed("certificate-damaged", message)
                    .hint("what it said is not known; issue a new one: ccx-sec cert issue"));
            }
        };
        let key = match old.filter(|old| self.reuse_key && old.key().is(key_type)) {
            Some(old) => old.key().clone(),
            None => LeafKey::generate(key_type)?,
        };
        let credentials = Credentials::issue(self.issuer, self.bundle, &request, key, self.now)?;
        Ok(Chosen { credentials, reason: Some(reason) })
    }

    fn finish(&self, prepared: Prepared) -> Outcome {
        let Prepared { mut outcome, directory, secret } = prepared;
        let published = match directory {
            Directory::Untouched => Ok(()),
            Directory::Staged(staged) => staged.publish().and_then(|new| self.take_up(new)),
            Directory::Unconfirmed(new) => {
                outcome.action = Action::Refreshed;
                self.take_up(new)
            }
        };
        let stored = published.and_then(|()| match (secret, self.store) {
            (Some((to, read, credentials)), Some(store)) => {
                nodes::put(store, &to, read, &credentials)
            }
            _ => Ok(()),
        });
        match stored {
            Ok(()) => outcome,
            Err(error) => Outcome::failed(error),
        }
    }

    /// Has a change taken up by whoever reads the files, or takes it back.
    fn take_up(&self, new: Published) -> Result<()> {
        let Some(reload) = self.reload else { return new.confirm() };
        let path = new.path().to_owned();
        let Err(error) = reload(&path) else { return new.confirm() };
        Err(match new.roll_back() {
            Ok(true) => error.hint(format!("the old files are back in {}", path.display())),
            Ok(false) => error.hint("there was nothing before; the new files stay"),
            Err(worse) => error.hint(format!("and the old files did not come back: {worse}")),
        })
    }
}
