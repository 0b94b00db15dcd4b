//! `ca fetch --check`: a client's file of CA certificates against the certificates of the service.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::{Args, MAX_FILE, with_ways};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::hint::Hint;
use crate::http::{BundleDescription, fetch_description};
use crate::output::LineMark;
use crate::pki::certificate::Certificate;
use crate::shell::{CommandLine, Placeholder};
use crate::store::bundle::Role;
use crate::store::rotation::{RotationKind, RotationPhase};

#[derive(Serialize)]
struct FileCheckDocument {
    url: String,
    file: String,
    /// Whether the file holds what the service has, and no more.
    current: bool,
    /// Certificates that the file lacks.
    lacks: Vec<FileDifference>,
    /// Certificates that the service does not have.
    superfluous: Vec<FileDifference>,
    /// The phase of a rotation, as the service says.
    phase: Option<&'static str>,
    /// The moment by which the file must be replaced, as the service says; absent: now.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<String>,
}

#[derive(Serialize)]
struct FileDifference {
    sha256: String,
    subject: String,
    /// The role of a missing certificate, as the service says.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    /// Whether a certificate in the file, or a given fingerprint, proves a missing certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    proved: Option<bool>,
}

impl Args {
    /// Compares a client's file with the certificates of the service.
    pub(super) fn check_file(&self, context: &Context, file: &Path) -> Result<Exit> {
        let text = files::read(file, MAX_FILE)?;
        let present = Certificate::from_pem(&file.display().to_string(), &text)?;
        let served = self.fetch(context)?;
        let mut known = present.clone();
        known.extend(self.given(&served));
        let accepted = self.accept(context, &served, &known)?;
        if accepted.is_empty() {
            let message = format!(
                "{} holds no certificate of {}, and none that announces one of them",
                file.display(),
                self.url
            );
            return Err(with_ways(
                Error::refused(Code::FingerprintDiffers, message)
                    .hint("is this the file of another service, or the address of another one?"),
            ));
        }
        let description = fetch_description(&self.url, context.step_timeout);
        let difference = |certificate: &Certificate| FileDifference {
            sha256: certificate.sha256(),
            subject: certificate.subject(),
            role: None,
            proved: None,
        };
        let lacks = served.iter().filter(|one| !present.contains(one)).map(|certificate| {
            let found = difference(certificate);
            let role = role(description.as_ref(), &found.sha256).map(Role::name);
            let proved = Some(accepted.contains_key(&found.sha256));
            FileDifference { role, proved, ..found }
        });
        let lacks: Vec<FileDifference> = lacks.collect();
        let superfluous = present.iter().filter(|one| !served.contains(one)).map(difference);
        let superfluous: Vec<FileDifference> = superfluous.collect();
        let rotation = description.as_ref().and_then(|described| described.rotation.as_ref());
        let staged = rotation.filter(|rotation| {
            rotation.phase == RotationPhase::Staged && rotation.kind == RotationKind::Planned
        });
        let current = lacks.is_empty() && superfluous.is_empty();
        let hint = (!current).then(|| self.replacement(context, file, &served, &lacks, &present));
        let document = FileCheckDocument {
            url: self.url.to_string(),
            file: file.display().to_string(),
            current,
            before: staged.map(|rotation| rotation.earliest_switch).filter(|_| !lacks.is_empty()),
            lacks,
            superfluous,
            phase: rotation.map(|rotation| rotation.phase.name()),
            hints: hint.iter().map(ToString::to_string).collect(),
        };
        context.output.report(&document, || document.text())?;
        Ok(if document.current { Exit::Done } else { Exit::No })
    }

    /// The command that replaces the file.
    fn replacement(
        &self,
        context: &Context,
        file: &Path,
        served: &[Certificate],
        lacks: &[FileDifference],
        present: &[Certificate],
    ) -> Hint {
        let mut command = CommandLine::ccx_sec("ca fetch")
            .argument(self.url.to_string().as_str())
            .option("--out", file)
            .flag("--force");
        let mut pins: Vec<String> = present.iter().map(Certificate::sha256).collect();
        pins.retain(|sha256| served.iter().any(|one| one.sha256() == *sha256));
        if pins.is_empty() {
            // The service announces its certificates by one that left it.
            pins = present.iter().map(Certificate::sha256).collect();
        }
        pins.extend(self.sha256.iter().map(|given| given.0.clone()));
        pins.sort();
        pins.dedup();
        for sha256 in &pins {
            command = command.option("--sha256", sha256.as_str());
        }
        let is_unproved = lacks.iter().any(|one| one.proved == Some(false));
        let mut hint = match is_unproved {
            false => Hint::from(("replace it", command)),
            true => Hint::from(
                "have the fingerprint of the missing certificate told to you by another way than \
                 this service",
            )
            .then(("then replace it", command.option("--sha256", Placeholder("FINGERPRINT")))),
        };
        hint.complete(&context.invocation);
        hint
    }
}

impl FileCheckDocument {
    fn text(&self) -> String {
        if self.current {
            let ok = LineMark::Good.paint("ok", 10);
            return format!("{ok}{} holds the certificates of {}\n", self.file, self.url);
        }
        let mut text = String::new();
        let mut line = |word: &str, one: &FileDifference, what: &str| {
            let word = LineMark::Bad.paint(word, 10);
            text.push_str(&format!("{word}{} sha256 {}{what}\n", one.subject, one.sha256));
        };
        for one in &self.lacks {
            let role = one.role.map(|role| format!(", {role}")).unwrap_or_default();
            let by = match self.before {
                Some(before) => format!(", needed from {before}"),
                None => ", needed now".to_owned(),
            };
            line("lacks", one, &format!("{role}{by}"));
        }
        for one in &self.superfluous {
            line("surplus", one, ", which the service does not have (any more)");
        }
        let hints: String = self.hints.iter().map(|hint| format!("hint: {hint}\n")).collect();
        format!("{text}{hints}")
    }
}

/// The role that the service gives a certificate.
fn role(description: Option<&BundleDescription>, sha256: &str) -> Option<Role> {
    let all = &description?.certificates;
    all.iter().find(|one| one.sha256 == sha256).map(|one| one.role)
}
