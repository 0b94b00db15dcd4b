//! Applies an installation, or rolls it back.

use super::Installation;
use super::change::Phase;
use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::process;

impl Installation<'_> {
    /// Makes the server load the files in the directory, and proves it by a handshake.
    ///
    /// # Errors
    /// Exit 3 with the server's error. The caller then restores the files and calls
    /// [`Installation::undo`].
    pub(crate) fn apply(&mut self, new: &Certificate) -> Result<()> {
        self.done.tried = true;
        self.write(Phase::Settings)?;
        if let Some(warning) =
            self.way.check(&mut self.link.session, &self.running, &self.changes)?
        {
            self.warnings.push(warning);
        }
        match self.wish.restart.clone() {
            Some(command) if self.restarts() => {
                self.restart(&command)?;
                self.look_again()?;
            }
            _ => {
                self.tell(&self.way.statements(&self.running));
                self.done.told = true;
                self.way.load(&mut self.link, &self.running)?;
            }
        }
        let proved = self.proof.made(new, self.link.limit, self.done.restarted);
        proved.map_err(|error| error.hint(self.way.hint()))?;
        (self.say)(&format!("{} shows the new certificate", self.proof.target));
        self.write(Phase::Demand)?;
        self.tell(&self.way.demands(&self.running, &self.changes));
        self.way.demand(&mut self.link, &self.running, &self.changes)?;
        self.proof.plain_refused(self.link.limit)?;
        self.done.complete = true;
        Ok(())
    }

    fn tell(&self, steps: &[String]) {
        steps.iter().for_each(|step| (self.say)(step));
    }

    fn write(&mut self, phase: Phase) -> Result<()> {
        for change in self.changes.iter().filter(|change| change.phase == phase) {
            self.done.written += 1; // before the write: a failed write may have changed the file
            if change.is_change() {
                (self.say)(&format!("write {}", change.name()));
                change.write()?;
            }
        }
        Ok(())
    }

    fn restart(&mut self, command: &str) -> Result<()> {
        (self.say)(&format!("restart: {command}"));
        self.done.restarted = true;
        let none: &[(&str, &str)] = &[];
        process::shell(command, none)?;
        self.link.reopen()
    }

    /// Reads the settings again after a restart, and fails if some have not taken effect: the
    /// command line of a server may override its option files.
    fn look_again(&mut self) -> Result<()> {
        let running = &mut self.running;
        running.values = self.way.values(&mut self.link.session, &running.settings)?;
        match running.restart_for().as_slice() {
            [] => Ok(()),
            names => {
                let message =
                    format!("the server was restarted, and has not: {}", names.join(", "));
                Err(Error::failed(Code::SettingsNotTaken, message)
                    .hint("does something else set them: its command line, a file read later?"))
            }
        }
    }

    /// Restores the configuration, makes the server load it and the files in the directory, and
    /// proves that the server serves its earlier certificate, or `stored`: the certificate in the
    /// directory, which it may not have loaded before. Returns the fingerprint of the served
    /// certificate; `None` where the server had no TLS.
    ///
    /// # Errors
    /// Exit 3 when it serves neither; an administrator has to find out why.
    pub(crate) fn undo(&mut self, stored: Option<&Certificate>) -> Result<Option<String>> {
        // If one file cannot be restored, the others and the server are restored all the same.
        let files = self.take_back();
        let told = match self.wish.restart.clone() {
            Some(command) if self.done.restarted => self.restart(&command),
            // The session may have broken at the very step that failed.
            _ if self.done.told => {
                self.link.repair().and_then(|()| self.way.restore(&mut self.link, &self.running))
            }
            _ => Ok(()),
        };
        let shown = self.proof.as_before(stored, self.link.limit, self.done.restarted);
        files?;
        match (told, shown) {
            (Ok(()), shown) => shown,
            (Err(error), Ok(_)) => Err(not_reloaded(
                &error,
                "the old settings files are back, and the server shows clients what it showed \
                 earlier; restart it by hand, so that it also has its old settings",
            )),
            (Err(error), Err(_)) => Err(not_reloaded(
                &error,
                "the old settings files are back, but the server does not show clients what it \
                 showed earlier; start it by hand, and see its log",
            )),
        }
    }

    /// Restores all files that may have been changed.
    ///
    /// # Errors
    /// Exit 3 with the first file that could not be restored; the others were tried all the same.
    fn take_back(&self) -> Result<()> {
        let written = &self.changes[..self.done.written.min(self.changes.len())];
        let mut outcome = Ok(());
        for change in written.iter().rev().filter(|change| change.is_change()) {
            let step = if change.existed() { "put back" } else { "remove" };
            (self.say)(&format!("{step} {}", change.name()));
            outcome = outcome.and(change.take_back());
        }
        outcome
    }
}

/// The error where the files are restored and the server could not be made to load them.
fn not_reloaded(error: &Error, state: &str) -> Error {
    Error::failed(error.code(), format!("{error}: {state}"))
}
