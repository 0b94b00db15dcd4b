//! Reads which source file uses which: `use` with its groups, aliases and re-exports, and paths in
//! code and in macros. The text is split into tokens, so that strings and comments do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::vec::IntoIter;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module by its names from the root, which is empty.
type ModulePath = Vec<String>;

/// The names that one module declares and imports, and the paths that it uses.
#[derive(Default)]
struct Module {
    file: String,
    declared: BTreeSet<String>,
    /// The local name of each import, with its path as written.
    imported: BTreeMap<String, Vec<String>>,
    /// The paths before `::*`.
    globs: Vec<Vec<String>>,
    used: Vec<Vec<String>>,
}

/// The modules of a crate.
pub struct Modules(BTreeMap<ModulePath, Module>);

/// One use of a file by another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    pub from: String,
    /// The file that declares what is used, after re-exports.
    pub to: String,
    /// The module at the root that the path names.
    pub room: String,
}

type Tokens = Peekable<IntoIter<TokenTree>>;

fn tokens(stream: TokenStream) -> Tokens {
    stream.into_iter().collect::<Vec<_>>().into_iter().peekable()
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// Takes `::`, if it comes next.
fn take_separator(tokens: &mut Tokens) -> bool {
    let mut ahead = tokens.clone();
    let comes = is_punct(ahead.next().as_ref(), ':') && is_punct(ahead.next().as_ref(), ':');
    if comes {
        tokens.nth(1);
    }
    comes
}

/// Reads a tree of `use` up to its comma or semicolon, into (path, local name); the local name of
/// a glob is `*`.
fn use_tree(tokens: &mut Tokens, prefix: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let mut path = prefix.to_vec();
    loop {
        match tokens.next() {
            Some(TokenTree::Ident(name)) if name == "as" => {
                let Some(TokenTree::Ident(alias)) = tokens.next() else { panic!("an alias") };
                found.push((path, alias.to_string()));
                return;
            }
            // `{self}` is the module itself.
            Some(TokenTree::Ident(name)) if name == "self" && !path.is_empty() => {}
            Some(TokenTree::Ident(name)) => path.push(name.to_string()),
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                found.push((path, "*".to_owned()));
                return;
            }
            Some(TokenTree::Group(group)) => {
                let mut inner = self::tokens(group.stream());
                while inner.peek().is_some() {
                    use_tree(&mut inner, &path, found);
                    if is_punct(inner.peek(), ',') {
                        inner.next();
                    }
                }
                return;
            }
            other => panic!("no tree of use: {other:?}"),
        }
        let is_alias = matches!(tokens.peek(), Some(TokenTree::Ident(name)) if name == "as");
        if !is_alias && !take_separator(tokens) {
            let name = path.last().expect("a name").clone();
            found.push((path, name));
            return;
        }
    }
}

impl Modules {
    /// Reads files, given by their path below `src` and their text.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut modules = Modules(BTreeMap::new());
        for (file, text) in files.into_iter().filter(|(file, _)| *file != "main.rs") {
            let mut path: ModulePath =
                file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            if path.last().is_some_and(|name| name == "mod" || name == "lib") {
                path.pop();
            }
            let stream = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
            modules.module(file, &path, stream);
        }
        modules
    }

    fn module(&mut self, file: &str, path: &ModulePath, stream: TokenStream) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        self.scan(&mut module, path, stream, true);
        self.0.insert(path.clone(), module);
    }

    /// Scans the tokens of a module, or of a block in it, which declares no items of the module.
    fn scan(&mut self, module: &mut Module, path: &ModulePath, stream: TokenStream, is_top: bool) {
        let mut tokens = tokens(stream);
        let mut is_field = false; // after a dot
        while let Some(token) = tokens.next() {
            let after_dot = std::mem::replace(&mut is_field, is_punct(Some(&token), '.'));
            match token {
                TokenTree::Punct(hash) if hash.as_char() == '#' => {
                    let Some(TokenTree::Group(attribute)) = tokens.peek() else { continue };
                    if attribute.stream().to_string().replace(' ', "") == "cfg(test)" {
                        skip_item(&mut tokens);
                    }
                }
                TokenTree::Group(group) => self.scan(module, path, group.stream(), false),
                // A path of another crate, `::name`.
                TokenTree::Punct(colon)
                    if colon.as_char() == ':' && is_punct(tokens.peek(), ':') =>
                {
                    tokens.next();
                    tokens.next_if(|token| matches!(token, TokenTree::Ident(_)));
                }
                // `use<'a>` in a type is no import.
                TokenTree::Ident(word) if word == "use" && !is_punct(tokens.peek(), '<') => {
                    take_separator(&mut tokens);
                    let mut found = Vec::new();
                    use_tree(&mut tokens, &[], &mut found);
                    for (path, name) in found {
                        match name.as_str() {
                            "*" => module.globs.push(path.clone()),
                            "_" => {}
                            _ => drop(module.imported.insert(name, path.clone())),
                        }
                        module.used.push(path);
                    }
                }
                TokenTree::Ident(word) if word == "mod" && is_top => {
                    let Some(TokenTree::Ident(name)) = tokens.next() else { continue };
                    if let Some(TokenTree::Group(body)) = tokens.peek() {
                        let inner = [&path[..], &[name.to_string()]].concat();
                        let body = body.stream();
                        self.module(&module.file.clone(), &inner, body);
                        tokens.next();
                    }
                }
                TokenTree::Ident(word) if !after_dot => {
                    let word = word.to_string();
                    let declares =
                        ["fn", "struct", "enum", "trait", "type", "const", "static", "union"];
                    if is_top && declares.contains(&word.as_str()) {
                        if let Some(TokenTree::Ident(name)) = tokens.peek() {
                            module.declared.insert(name.to_string());
                        }
                        continue;
                    }
                    let mut used = vec![word];
                    while take_separator(&mut tokens) {
                        match tokens.peek() {
                            Some(TokenTree::Ident(name)) => used.push(name.to_string()),
                            _ => break,
                        }
                        tokens.next();
                    }
                    if used.len() > 1 {
                        module.used.push(used);
                    }
                }
                _ => {}
            }
        }
    }

    /// The module and the item that a path names in a module, after re-exports; none of other
    /// crates. A path that names a module has no item.
    fn resolve(
        &self,
        at: &ModulePath,
        path: &[String],
        depth: usize,
    ) -> Option<(ModulePath, Option<String>)> {
        let (first, mut rest) = path.split_first()?;
        let mut here = at.clone();
        match first.as_str() {
            _ if depth > 20 => return None, // an import of itself
            "crate" => here.clear(),
            "self" => {}
            "super" => {
                here.pop();
                while let Some(("super", after)) =
                    rest.split_first().map(|(word, after)| (word.as_str(), after))
                {
                    here.pop();
                    rest = after;
                }
            }
            _ if self.is_child(&here, first) => here.push(first.clone()),
            _ => {
                let target = self.0.get(&here)?.imported.get(first)?;
                let itself = target.first() == Some(first);
                if itself {
                    return None; // another crate: `use time; time::now()`
                }
                let target = [&target[..], rest].concat();
                return self.resolve(&here, &target, depth + 1);
            }
        }
        while let Some((name, after)) = rest.split_first() {
            if self.is_child(&here, name) {
                here.push(name.clone());
                rest = after;
                continue;
            }
            let module = self.0.get(&here)?;
            if let Some(target) = module.imported.get(name) {
                let target = [&target[..], after].concat();
                return self.resolve(&here, &target, depth + 1);
            }
            if !module.declared.contains(name) {
                for glob in &module.globs {
                    let target = [&glob[..], rest].concat();
                    let found = self.resolve(&here, &target, depth + 1);
                    let is_there = |(module, item): &(ModulePath, Option<String>)| {
                        let item = item.as_ref();
                        item.is_some_and(|item| self.0[module].declared.contains(item))
                    };
                    if let Some(found) = found.filter(is_there) {
                        return Some(found);
                    }
                }
            }
            return Some((here, Some(name.clone())));
        }
        Some((here, None))
    }

    fn is_child(&self, module: &ModulePath, name: &str) -> bool {
        self.0.contains_key(&[&module[..], &[name.to_owned()]].concat())
    }

    /// The uses of one file by another.
    pub fn imports(&self) -> BTreeSet<Import> {
        let mut imports = BTreeSet::new();
        for (path, module) in &self.0 {
            for used in &module.used {
                // An import of a module alone: what is used of it is in the paths that name it.
                let Some((target, Some(_))) = self.resolve(path, used, 0) else { continue };
                let to = self.0[&target].file.clone();
                if to != module.file {
                    let room = target.first().cloned().unwrap_or("lib".to_owned());
                    imports.insert(Import { from: module.file.clone(), to, room });
                }
            }
        }
        imports
    }
}

/// Skips the rest of an attribute and the item that it is on.
fn skip_item(tokens: &mut Tokens) {
    tokens.next();
    while is_punct(tokens.peek(), '#') {
        tokens.nth(1);
    }
    for token in tokens {
        match token {
            TokenTree::Punct(end) if end.as_char() == ';' => return,
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => return,
            _ => {}
        }
    }
}

/// Whether `file` is in the module whose head is `head`, or below it.
fn is_below(file: &str, head: &str) -> bool {
    let folder = head.trim_end_matches(".rs").trim_end_matches("/mod");
    file != head && file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The groups of files that use each other in a circle, each sorted. A file may use what the head
/// of its own module declares, and the head may use the file: that is no circle.
pub fn circles(imports: &BTreeSet<Import>) -> Vec<Vec<String>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports.iter().filter(|import| !is_below(&import.from, &import.to)) {
        next.entry(&import.from).or_default().insert(&import.to);
    }
    let reaches = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(file) = waiting.pop() {
            for &to in next.get(file).into_iter().flatten() {
                if seen.insert(to) {
                    waiting.push(to);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|&file| (file, reaches(file))).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        let back = |other: &&&str| reached.get(**other).is_some_and(|seen| seen.contains(file));
        let circle: Vec<String> =
            others.iter().filter(back).map(|&other| other.to_owned()).collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// The uses among these files, as "from > to".
fn uses(files: &[(&str, &str)]) -> Vec<String> {
    let imports = Modules::read(files.iter().copied()).imports();
    imports.into_iter().map(|import| format!("{} > {}", import.from, import.to)).collect()
}

#[test]
fn imports_are_read_from_groups_aliases_and_relative_paths() {
    let files = [
        ("lib.rs", "pub mod a; pub mod b; pub mod c;"),
        ("a/mod.rs", "mod deep; pub use deep::Thing; pub const N: u8 = 1;"),
        ("a/deep.rs", "use super::N; pub struct Thing;"),
        ("b.rs", "use std::{fmt, io}; use crate::{a::{self, N}, c::{run as start}}; fn f() {}"),
        ("c.rs", "pub fn run() { println!(\"{}\", crate::b::f()) } // crate::a::N"),
    ];
    // A re-export leads to the file that declares the thing.
    assert_eq!(
        uses(&files),
        [
            "a/deep.rs > a/mod.rs",
            "a/mod.rs > a/deep.rs",
            "b.rs > a/mod.rs",
            "b.rs > c.rs",
            "c.rs > b.rs"
        ]
    );
    let imports = Modules::read(files).imports();
    assert_eq!(circles(&imports), [["b.rs", "c.rs"]]);
}

#[test]
fn imports_through_a_module_or_a_re_export_lead_to_the_declaration() {
    let files = [
        ("lib.rs", ""),
        ("a/mod.rs", "pub mod inner; mod other; pub use other::*; pub use self::inner::One;"),
        ("a/inner.rs", "pub struct One;"),
        ("a/other.rs", "pub struct Two; #[cfg(test)] mod tests { use crate::b::f; }"),
        (
            "b.rs",
            "use crate::a::{self, One}; mod x { use super::super::a::Two; } fn f() { a::inner::g() }",
        ),
        ("c.rs", "use crate::a as letters; fn f() -> letters::One { \"crate::b::f\" }"),
    ];
    assert_eq!(
        uses(&files),
        ["a/mod.rs > a/inner.rs", "b.rs > a/inner.rs", "b.rs > a/other.rs", "c.rs > a/inner.rs"]
    );
}

#[test]
fn imports_of_a_room_are_a_circle_between_its_files_and_none_with_its_head() {
    let files = [
        ("lib.rs", ""),
        ("a/mod.rs", "pub struct Head; mod one; mod two; fn f() { one::g(); two::h() }"),
        ("a/one.rs", "use super::{Head, two::{Two, h}}; pub struct One; pub fn g() {}"),
        ("a/two.rs", "use super::Head; use super::one; pub struct Two; pub fn h() -> one::One {}"),
    ];
    let circle = circles(&Modules::read(files).imports());
    assert_eq!(circle, [["a/one.rs", "a/two.rs"]]);
}
