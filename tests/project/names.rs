//! Names of types: found by grep, guessed by a stranger, used once.

use std::collections::BTreeMap;

use crate::project::layering::files;

/// The types that clap's derives want under the same name in every command.
const SHARED: [&str; 2] = ["Args", "Command"];

/// Pronouns, participles and adverbs, and nouns that say nothing, which no type is named after.
/// Other words of one part that end in `ed` are participles, too.
const VAGUE: [&str; 40] = [
    "Asked",
    "Below",
    "Chosen",
    "Current",
    "Data",
    "Done",
    "Due",
    "Existing",
    "Facts",
    "Found",
    "Given",
    "Held",
    "How",
    "Info",
    "Known",
    "Look",
    "Made",
    "Means",
    "Met",
    "Mutual",
    "Own",
    "Pending",
    "Plain",
    "Running",
    "Seen",
    "Shown",
    "Stuff",
    "Taken",
    "Then",
    "Thing",
    "Told",
    "Trouble",
    "Unfinished",
    "Unsigned",
    "Way",
    "When",
    "Which",
    "Whole",
    "Work",
    "Written",
];

/// Every type that is declared under `src`, with the files that do.
fn types() -> BTreeMap<String, Vec<String>> {
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, code) in files() {
        for line in code.lines() {
            // A line that is indented declares an associated type, or a type within a function.
            let declaration = ["pub(crate) ", "pub(super) ", "pub "]
                .iter()
                .find_map(|visibility| line.strip_prefix(visibility))
                .unwrap_or(line);
            let keywords = ["struct ", "enum ", "trait ", "type ", "union "];
            let Some(rest) = keywords.iter().find_map(|word| declaration.strip_prefix(word)) else {
                continue;
            };
            let name = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_');
            types.entry(name.collect()).or_default().push(file.clone());
        }
    }
    assert!(types.len() > 300, "the types were not found");
    types
}

#[test]
fn names_of_types_are_used_once() {
    let shared = |name: &str| SHARED.contains(&name);
    let again: Vec<_> =
        types().into_iter().filter(|(name, files)| !shared(name) && files.len() > 1).collect();
    assert!(again.is_empty(), "one name for several types: {again:?}");
}

#[test]
fn names_of_types_are_nouns() {
    let is_vague = |name: &str| {
        let is_one_word = name.chars().skip(1).all(char::is_lowercase);
        is_one_word && name.ends_with("ed") || VAGUE.contains(&name)
    };
    let vague: Vec<_> = types().into_iter().filter(|(name, _)| is_vague(name)).collect();
    assert!(vague.is_empty(), "names that say nothing to a stranger: {vague:?}");
}
