//! Suggestions for a word that names no command or option.

use clap::error::{ContextKind, ContextValue};

use crate::config::nearest::is_near;

/// Commands that are never suggested: they destroy, and who mistypes means something else.
const DESTRUCTIVE: [&str; 2] = ["erase", "restore"];
/// Words that people bring from other tools, the groups in which they make sense, and what
/// they are called here.
const SYNONYMS: [(&[&str], &str, &str); 3] = [
    (&["create", "new", "make", "add"], "ca", "init"),
    (&["create", "new", "make", "add"], "cert", "issue"),
    (&["remove", "rm", "delete", "destroy", "detach", "unmount", "umount"], "volume", "close"),
];

/// Corrects clap's suggestions, which go by similarity of letters only: a suggestion must be a
/// typing error away or a synonym, and never a destructive command.
pub(super) fn correct(error: &mut clap::Error, words: &[&str]) {
    for (given, suggested) in [
        (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand),
        (ContextKind::InvalidArg, ContextKind::SuggestedArg),
    ] {
        let Some(ContextValue::String(word)) = error.get(given).cloned() else { continue };
        let fits = |one: &String| !DESTRUCTIVE.contains(&one.as_str()) && is_near(&word, one);
        let before = error.remove(suggested);
        if suggested == ContextKind::SuggestedArg && before.is_some() {
            error.remove(ContextKind::Usage); // it is that of the argument that clap suggests
        }
        let kept: Vec<String> = match before {
            Some(ContextValue::Strings(all)) => all.into_iter().filter(fits).collect(),
            Some(ContextValue::String(one)) => Some(one).into_iter().filter(fits).collect(),
            _ => Vec::new(),
        };
        let meant = match suggested {
            ContextKind::SuggestedSubcommand => synonym(&word, words).map(str::to_owned),
            _ => (word == "--cn").then(|| "--common-name".to_owned()),
        };
        let kept: Vec<String> = meant.map_or(kept, |meant| vec![meant]);
        let value = match suggested {
            _ if kept.is_empty() => continue,
            ContextKind::SuggestedArg => kept.into_iter().next().map(ContextValue::String),
            _ => Some(ContextValue::Strings(kept)),
        };
        if let Some(value) = value {
            error.insert(suggested, value);
        }
    }
}

fn synonym(word: &str, words: &[&str]) -> Option<&'static str> {
    let fits =
        |(all, group, _): &&(&[&str], &str, &str)| all.contains(&word) && words.contains(group);
    SYNONYMS.iter().find(fits).map(|(_, _, meant)| *meant)
}
