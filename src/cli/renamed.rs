//! Words of the command line that have a new name. The old ones still work, with a note.

/// The command (none: any), the old word in it, and the new one.
const RENAMED: [(Option<&str>, &str, &str); 3] = [
    (None, "install", "manifests"),
    (Some("volume"), "drill", "test-recovery"),
    (Some("verify"), "--as", "--simulate"),
];

/// The option, the old name of one of its values, and the new one.
const RENAMED_VALUES: [(&str, &str, &str); 1] = [("--mode", "DISABLED", "PLAINTEXT")];

/// Returns a note for each old word in `words`, the command line without the program's name;
/// `path` is the command that clap found, by its present names.
pub(super) fn notes(words: &[&str], path: &[&str]) -> Vec<String> {
    let says = |word: &str| {
        words.iter().any(|given| given.split_once('=').map_or(*given, |(option, _)| option) == word)
    };
    let is_old = |(group, old, new): &&(Option<&str>, &str, &str)| {
        let is_command = !old.starts_with('-');
        let is_here = group.is_none_or(|group| path.first() == Some(&group));
        is_here && says(old) && (!is_command || path.last() == Some(new) && !says(new))
    };
    let note = |(group, old, new): &(Option<&str>, &str, &str)| {
        let group = group.map(|group| format!("{group} ")).unwrap_or_default();
        format!("{group}{old} is now called {group}{new}; the old word still works")
    };
    let given_values = |option: &'static str| {
        let after = words.windows(2).filter(move |pair| pair[0] == option).map(|pair| pair[1]);
        let joined = words.iter().filter_map(|word| word.split_once('='));
        after.chain(joined.filter(move |(name, _)| *name == option).map(|(_, value)| value))
    };
    let is_old_value = |(option, old, _): &&(&'static str, &str, &str)| {
        given_values(option).any(|value| value.eq_ignore_ascii_case(old))
    };
    let value_note = |(option, old, new): &(&str, &str, &str)| {
        format!("{option} {old} is now called {option} {new}; the old word still works")
    };
    let values = RENAMED_VALUES.iter().filter(is_old_value).map(value_note);
    RENAMED.iter().filter(is_old).map(note).chain(values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renamed_words_are_noted_and_their_likes_are_not() {
        let old = notes(&["volume", "drill", "db-1"], &["volume", "test-recovery"]);
        assert_eq!(old.len(), 1);
        assert!(old[0].contains("volume test-recovery"), "{old:?}");
        let named = notes(&["volume", "test-recovery", "drill"], &["volume", "test-recovery"]);
        assert!(named.is_empty(), "{named:?}");
        assert_eq!(notes(&["verify", "--as=psql"], &["verify"]).len(), 1);
        assert_eq!(notes(&["install", "--image", "x"], &["manifests"]).len(), 1);
        assert!(notes(&["cert", "install"], &["cert", "install"]).is_empty());
        for old in [&["verify", "--mode", "disabled"][..], &["verify", "--mode=DISABLED"]] {
            let noted = notes(old, &["verify"]);
            assert!(noted.len() == 1 && noted[0].contains("--mode PLAINTEXT"), "{noted:?}");
        }
        assert!(notes(&["verify", "--user", "DISABLED"], &["verify"]).is_empty());
    }
}
