//! Quotes text for each language and file format, so that a reader gets exactly that text back.

use crate::engine::quote::{around, impossible};
use crate::error::Result;

/// Whether a character is invisible or changes the direction of text. Compilers refuse some such
/// characters, and treat others as the end of a line.
fn unseen(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// A literal in double quotes, for languages with JSON's escapes: Python, JavaScript, Go, C#.
#[must_use]
pub fn literal(text: &str) -> String {
    around("\"", "\"", text, |c| match c {
        '"' | '\\' => Some(format!("\\{c}")),
        '\n' => Some("\\n".to_owned()),
        '\r' => Some("\\r".to_owned()),
        '\t' => Some("\\t".to_owned()),
        c if unseen(c) => Some(format!("\\u{:04x}", u32::from(c))),
        _ => None,
    })
}

/// The content of such a literal, without the quotes.
#[must_use]
pub fn inside_literal(text: &str) -> String {
    let literal = literal(text);
    literal[1..literal.len() - 1].to_owned()
}

/// A literal of Rust.
#[must_use]
pub fn rust(text: &str) -> String {
    around("\"", "\"", text, |c| match c {
        '"' | '\\' => Some(format!("\\{c}")),
        c if unseen(c) => Some(format!("\\u{{{:x}}}", u32::from(c))),
        _ => None,
    })
}

/// A literal of Ruby, in double quotes: a literal without escapes would lose a carriage return.
#[must_use]
pub fn ruby(text: &str) -> String {
    around("\"", "\"", text, |c| match c {
        '"' | '\\' | '#' => Some(format!("\\{c}")),
        c if unseen(c) => Some(format!("\\u{{{:x}}}", u32::from(c))),
        _ => None,
    })
}

/// A literal of PHP in single quotes, in which PHP expands nothing.
#[must_use]
pub fn single(text: &str) -> String {
    around("'", "'", text, |c| matches!(c, '\'' | '\\').then(|| format!("\\{c}")))
}

fn percent(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let byte = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A component of a URL: encodes all but unreserved characters (RFC 3986, section 2.3).
#[must_use]
pub fn url(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// A path in a URL.
#[must_use]
pub fn url_path(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte))
}

/// A host in a URL: puts an IPv6 address in brackets (RFC 3986, section 3.2.2).
#[must_use]
pub fn url_host(text: &str) -> String {
    if text.contains(':') { format!("[{text}]") } else { url(text) }
}

/// A value in a Java properties file.
#[must_use]
pub fn property(text: &str) -> String {
    let mut start = true;
    around("", "", text, |c| match c {
        _ if !std::mem::replace(&mut start, false) && c == ' ' => None,
        ' ' | '\\' => Some(format!("\\{c}")),
        c if (' '..='~').contains(&c) => None,
        c => {
            let mut units = [0; 2];
            Some(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect())
        }
    })
}

/// A value in a connection string of libpq.
#[must_use]
pub fn conninfo(text: &str) -> String {
    around("'", "'", text, |c| matches!(c, '\'' | '\\').then(|| format!("\\{c}")))
}

/// A value in a data source name of PDO for PostgreSQL, which replaces each semicolon by a space
/// before libpq reads it.
///
/// # Errors
/// Exit 2 for a value with a semicolon.
pub fn pdo(text: &str) -> Result<String> {
    if text.contains(';') {
        return Err(impossible("PDO", text, "it takes a semicolon for the end of a part"));
    }
    Ok(conninfo(text))
}

/// A value in a connection string of .NET.
#[must_use]
pub fn dotnet(text: &str) -> String {
    around("\"", "\"", text, |c| (c == '"').then(|| "\"\"".to_owned()))
}

/// A value in a connection string of ODBC, or a property in a URL of mssql-jdbc.
#[must_use]
pub fn braces(text: &str) -> String {
    around("{", "}", text, |c| (c == '}').then(|| "}}".to_owned()))
}

/// A value in a connection string of psqlODBC, which has no quoting: braces become part of the
/// value.
///
/// # Errors
/// Exit 2 for a value that psqlODBC would read as another one.
pub fn psqlodbc(text: &str) -> Result<String> {
    if text.contains(';') || text.starts_with('{') || text.trim() != text {
        return Err(impossible("psqlODBC", text, "it knows no quoting there"));
    }
    Ok(text.to_owned())
}

/// The database in a URL of MariaDB Connector/J, which does not decode escapes there.
///
/// # Errors
/// Exit 2 for a name with `?`, where the options would begin.
pub fn jdbc_mariadb(text: &str) -> Result<String> {
    if text.contains('?') {
        return Err(impossible("a URL of MariaDB Connector/J", text, "the options begin there"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_as_each_reader_has_it() {
        let odd = "a'b\"c\\d\n#;é";
        assert_eq!(crate::shell::quote("dir:/a.b"), "dir:/a.b");
        assert_eq!(crate::shell::quote(""), "''");
        assert_eq!(crate::shell::quote(odd), "'a'\\''b\"c\\d\n#;é'");
        assert_eq!(literal(odd), "\"a'b\\\"c\\\\d\\n#;é\"");
        assert_eq!(literal("\u{1}\u{2028}"), "\"\\u0001\\u2028\"");
        assert_eq!(rust("\"\n"), "\"\\\"\\u{a}\"");
        assert_eq!(single(odd), "'a\\'b\"c\\\\d\n#;é'");
        assert_eq!(url("a b/é"), "a%20b%2F%C3%A9");
        assert_eq!(url_path("/a b"), "/a%20b");
        assert_eq!((url_host("::1"), url_host("a.b")), ("[::1]".to_owned(), "a.b".to_owned()));
        assert_eq!(property(" a b\\é😀\n"), "\\ a b\\\\\\u00e9\\ud83d\\ude00\\u000a");
        assert_eq!(conninfo("it's\\"), "'it\\'s\\\\'");
        assert_eq!(pdo("a;b").map_err(|e| e.code().name()), Err("not-expressible"));
        assert_eq!(dotnet("a\"b;"), "\"a\"\"b;\"");
        assert_eq!(braces("a}b"), "{a}}b}");
        assert_eq!(psqlodbc("a}='b' \"").as_deref().ok(), Some("a}='b' \""));
        assert_eq!(jdbc_mariadb("a&b/#%41").as_deref().ok(), Some("a&b/#%41"));
        for text in ["a;b", "{a", " a"] {
            assert_eq!(
                psqlodbc(text).map_err(|e| e.code().name()),
                Err("not-expressible"),
                "{text}"
            );
        }
        assert_eq!(jdbc_mariadb("a?b").map_err(|e| e.code().name()), Err("not-expressible"));
    }
}
