//! The mode and profile of an installation: those that are asked for, or else those of the
//! settings in force. PURE.

use super::change::FileChange;
use crate::engine::settings::{Profile, ServerMode, ServerPolicy};
use crate::error::{Code, Error, Result};
use crate::snippet::server;

/// The mode and profile that are asked for; `None` keeps the present one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PolicyRequest {
    /// The connections that the server shall accept.
    pub mode: Option<ServerMode>,
    /// The TLS versions and cipher suites.
    pub profile: Option<Profile>,
}

/// The mode and profile that earlier installations wrote into the files.
#[derive(Debug, Default)]
struct PresentPolicy {
    /// Those of the files that have a readable head, in the order of the files.
    policies: Vec<ServerPolicy>,
    /// The names of the managed files.
    names: Vec<String>,
}

/// Decides on the mode and profile, and returns them with warnings where they are weaker than
/// those in force.
///
/// # Errors
/// Exit 4 when a value is not asked for and the files of an earlier installation do not tell it,
/// or contradict each other.
pub(super) fn resolve(
    asked: PolicyRequest,
    files: &[FileChange],
) -> Result<(ServerPolicy, Vec<String>)> {
    let named = files.iter().filter_map(|file| Some((file.name(), file.managed_before()?)));
    decide(asked, &PresentPolicy::read(named))
}

impl PresentPolicy {
    /// Reads the heads of the managed texts. A block that only includes another file has none.
    fn read<'a>(files: impl Iterator<Item = (String, &'a str)>) -> Self {
        let mut present = PresentPolicy::default();
        for (name, text) in files {
            present.policies.extend(server::policy_of(text));
            present.names.push(name);
        }
        present
    }

    /// The value in force; `None` where nothing is installed.
    fn value<T: Copy + PartialEq>(
        &self,
        option: &str,
        of: fn(&ServerPolicy) -> T,
    ) -> Result<Option<T>> {
        let mut values = self.policies.iter().map(of);
        let unclear = |message: String| {
            Err(Error::refused(Code::PolicyUnclear, message).hint(format!(
                "nothing was changed; say what the server shall demand of clients: {option}"
            )))
        };
        let names = || self.names.join(" and ");
        match values.next() {
            None if self.names.is_empty() => Ok(None),
            None => unclear(format!(
                "the text of ccx-sec in {} does not say which mode and profile are in force",
                names()
            )),
            Some(first) if values.all(|value| value == first) => Ok(Some(first)),
            Some(_) => unclear(format!(
                "the texts of ccx-sec in {} name different modes or profiles",
                names()
            )),
        }
    }
}

fn decide(asked: PolicyRequest, present: &PresentPolicy) -> Result<(ServerPolicy, Vec<String>)> {
    let mode = match asked.mode {
        Some(mode) => mode,
        None => present.value("--mode", |one| one.mode)?.unwrap_or_default(),
    };
    let profile = match asked.profile {
        Some(profile) => profile,
        None => present.value("--profile", |one| one.profile)?.unwrap_or_default(),
    };
    let mut warnings = Vec::new();
    let is_any = |stronger: fn(&ServerPolicy) -> bool| present.policies.iter().any(stronger);
    if mode == ServerMode::Required && is_any(|one| one.mode == ServerMode::VerifyCa) {
        warnings.push(
            "--mode REQUIRED is weaker than VERIFY_CA, which was installed: clients no longer need \
             a certificate"
                .to_owned(),
        );
    }
    if profile == Profile::Intermediate && is_any(|one| one.profile == Profile::Modern) {
        warnings.push(
            "--profile intermediate is weaker than modern, which was installed: the server accepts \
             TLS 1.2 again"
                .to_owned(),
        );
    }
    Ok((ServerPolicy { mode, profile }, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ServerMode::{Required, VerifyCa};

    const STRONG: &str = "# TLS for mysql 8.4, mode VERIFY_CA, profile modern (version 1)\n";
    const WEAK: &str = "# TLS for mysql 8.4, mode REQUIRED, profile intermediate (version 1)\n";

    fn resolved(
        mode: Option<ServerMode>,
        profile: Option<Profile>,
        texts: &[&str],
    ) -> std::result::Result<(ServerMode, Profile, usize), &'static str> {
        let named = texts.iter().map(|text| ("f".to_owned(), *text));
        let decided = decide(PolicyRequest { mode, profile }, &PresentPolicy::read(named));
        let decided = decided.map_err(|error| {
            assert!(error.exit().code() == 4 && !error.hints().is_empty());
            error.code().name()
        });
        decided.map(|(policy, warnings)| (policy.mode, policy.profile, warnings.len()))
    }

    #[test]
    fn what_is_not_asked_for_stays() {
        use Profile::{Intermediate, Modern};
        assert_eq!(resolved(None, None, &[]), Ok((Required, Intermediate, 0)));
        assert_eq!(resolved(None, None, &[STRONG]), Ok((VerifyCa, Modern, 0)));
        assert_eq!(resolved(None, None, &[WEAK, WEAK]), Ok((Required, Intermediate, 0)));
        // A block that includes the file with the head.
        assert_eq!(resolved(None, None, &[STRONG, "include x\n"]), Ok((VerifyCa, Modern, 0)));
        assert_eq!(resolved(Some(VerifyCa), None, &[WEAK]), Ok((VerifyCa, Intermediate, 0)));
        assert_eq!(resolved(None, Some(Modern), &[STRONG]), Ok((VerifyCa, Modern, 0)));
    }

    #[test]
    fn what_is_weaker_is_warned_of() {
        use Profile::{Intermediate, Modern};
        assert_eq!(resolved(Some(Required), None, &[STRONG]), Ok((Required, Modern, 1)));
        assert_eq!(resolved(None, Some(Intermediate), &[STRONG]), Ok((VerifyCa, Intermediate, 1)));
        let both = resolved(Some(Required), Some(Intermediate), &[WEAK, STRONG]);
        assert_eq!(both, Ok((Required, Intermediate, 2)));
    }

    #[test]
    fn unclear_state_is_no_default() {
        use Profile::{Intermediate, Modern};
        for texts in [&["include x\n"][..], &["made by ccx-sec\n"], &[WEAK, STRONG]] {
            assert_eq!(resolved(None, None, texts), Err("policy-unclear"));
            assert_eq!(resolved(Some(VerifyCa), None, texts), Err("policy-unclear"));
            assert_eq!(resolved(None, Some(Modern), texts), Err("policy-unclear"));
            assert!(resolved(Some(Required), Some(Intermediate), texts).is_ok());
        }
    }
}
