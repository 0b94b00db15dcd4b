//! Text as each language and file has it, so that whatever is in it, it is read back as it is.

use crate::error::{Error, Result};

/// What the text could not be written for: names the language.
fn impossible(language: &str, text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(64).collect();
    Error::usage("not-expressible", format!("{language} has no way to say {shown:?}: {why}"))
        .hint("use a name without such characters")
}

/// `text` with `start` and `end` around it and each character as `escape` has it, or as it is.
fn around(start: &str, end: &str, text: &str, escape: impl Fn(char) -> Option<String>) -> String {
    let mut quoted = start.to_owned();
    for c in text.chars() {
        match escape(c) {
            Some(escaped) => quoted.push_str(&escaped),
            None => quoted.push(c),
        }
    }
    quoted + end
}

/// A word for a POSIX shell, quoted where it needs it.
#[must_use]
pub fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    around("'", "'", text, |c| (c == '\'').then(|| r"'\''".to_owned()))
}

/// A value in an option file of MySQL and MariaDB.
#[must_use]
pub fn mysql_option(text: &str) -> String {
    around("\"", "\"", text, |c| match c {
        '\n' => Some("\\n".to_owned()),
        '\r' => Some("\\r".to_owned()),
        '\t' => Some("\\t".to_owned()),
        '\u{8}' => Some("\\b".to_owned()),
        '"' | '\\' => Some(format!("\\{c}")),
        _ => None,
    })
}

/// A value in postgresql.conf.
#[must_use]
pub fn postgresql_setting(text: &str) -> String {
    around("'", "'", text, |c| match c {
        '\'' => Some("''".to_owned()),
        '\\' => Some("\\\\".to_owned()),
        c if c.is_ascii_control() => Some(format!("\\{:03o}", u32::from(c))),
        _ => None,
    })
}

/// A value in redis.conf and valkey.conf.
#[must_use]
pub fn redis_setting(text: &str) -> String {
    around("\"", "\"", text, |c| match c {
        '"' | '\\' => Some(format!("\\{c}")),
        c if c.is_ascii_control() => Some(format!("\\x{:02x}", u32::from(c))),
        _ => None,
    })
}

/// A value in mssql.conf, which knows no quoting.
///
/// # Errors
/// Exit 2 for what would be read as something else.
pub fn mssql_setting(text: &str) -> Result<String> {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,@+=~ ".contains(c);
    if text.trim() != text || !text.chars().all(plain) {
        return Err(impossible("mssql.conf", text, "it knows no quoting"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_as_each_reader_has_it() {
        let odd = "a'b\"c\\d\n#;é";
        assert_eq!(shell("dir:/a.b"), "dir:/a.b");
        assert_eq!(shell(""), "''");
        assert_eq!(shell(odd), "'a'\\''b\"c\\d\n#;é'");
        assert_eq!(mysql_option(odd), "\"a'b\\\"c\\\\d\\n#;é\"");
        assert_eq!(postgresql_setting(odd), "'a''b\"c\\\\d\\012#;é'");
        assert_eq!(redis_setting(odd), "\"a'b\\\"c\\\\d\\x0a#;é\"");
        assert_eq!(mssql_setting("/a b/c").ok().as_deref(), Some("/a b/c"));
        for bad in ["a\nb", " a", "a;b", "a#b"] {
            assert_eq!(mssql_setting(bad).map_err(|e| e.code()), Err("not-expressible"), "{bad:?}");
        }
    }
}
