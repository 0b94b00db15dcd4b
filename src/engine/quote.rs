//! Values and names, quoted for the configuration files and the statements of each server.

use crate::engine::Version;
use crate::error::{Code, Error, Result};
use crate::text::clip;

/// Reports that `language` cannot express `text`; exit 2.
pub(crate) fn impossible(language: &str, text: &str, why: &str) -> Error {
    let shown = clip(text, 64);
    Error::usage(Code::NotExpressible, format!("{language} has no way to say {shown:?}: {why}"))
        .hint("use a name without such characters")
}

/// Returns `text` between `start` and `end`. `escape` replaces a character, or returns `None` to keep
/// it.
pub(crate) fn around(
    start: &str,
    end: &str,
    text: &str,
    mut escape: impl FnMut(char) -> Option<String>,
) -> String {
    let mut quoted = start.to_owned();
    for c in text.chars() {
        match escape(c) {
            Some(escaped) => quoted.push_str(&escaped),
            None => quoted.push(c),
        }
    }
    quoted + end
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

/// A value in mssql.conf, which has no quoting.
///
/// # Errors
/// Exit 2 for a value that the server would read as another one.
pub fn mssql_setting(text: &str) -> Result<String> {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,@+=~ ".contains(c);
    if text.trim() != text || !text.chars().all(plain) {
        return Err(impossible("mssql.conf", text, "it knows no quoting"));
    }
    Ok(text.to_owned())
}

/// A string in SQL of MySQL and MariaDB, with the empty sql_mode and utf8mb4.
#[must_use]
pub fn sql(text: &str) -> String {
    around("'", "'", text, |c| match c {
        '\'' => Some("''".to_owned()),
        '\\' => Some("\\\\".to_owned()),
        '\n' => Some("\\n".to_owned()),
        '\r' => Some("\\r".to_owned()),
        '\t' => Some("\\t".to_owned()),
        '\0' => Some("\\0".to_owned()),
        '\u{1a}' => Some("\\Z".to_owned()),
        _ => None,
    })
}

/// A role in pg_hba.conf. From PostgreSQL 16 on, a name that begins with a slash is a regular
/// expression, in quotes too. Such a name is written as the expression that matches only itself.
///
/// # Errors
/// Exit 2 for an empty name, or one with a line break or NUL.
pub fn hba_role(name: &str, version: Version) -> Result<String> {
    if name.is_empty() || name.contains(['\n', '\r', '\0']) {
        return Err(impossible("pg_hba.conf", name, "a line ends there"));
    }
    if !name.starts_with('/') || version < Version::new(16, 0) {
        return Ok(format!("\"{}\"", name.replace('"', "\"\"")));
    }
    let exact = around("/^", "$", name, |c| {
        (c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_').then(|| format!("\\{c}"))
    });
    Ok(format!("\"{}\"", exact.replace('"', "\"\"")))
}

/// A user in a command of Redis and Valkey.
///
/// # Errors
/// Exit 2 for an empty name, or one with white space or NUL.
pub fn redis_user(name: &str) -> Result<String> {
    if name.is_empty() || name.contains([' ', '\0', '\t', '\n', '\r', '\u{b}', '\u{c}']) {
        return Err(impossible("an access control list", name, "names have no space in them"));
    }
    Ok(redis_setting(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_as_each_server_reads_it() {
        let odd = "a'b\"c\\d\n#;é";
        assert_eq!(mysql_option(odd), "\"a'b\\\"c\\\\d\\n#;é\"");
        assert_eq!(postgresql_setting(odd), "'a''b\"c\\\\d\\012#;é'");
        assert_eq!(redis_setting(odd), "\"a'b\\\"c\\\\d\\x0a#;é\"");
        assert_eq!(sql(odd), "'a''b\"c\\\\d\\n#;é'");
        let role = |name: &str, major| hba_role(name, Version::new(major, 0)).ok();
        assert_eq!(role("a\"b", 17).as_deref(), Some("\"a\"\"b\""));
        assert_eq!(role("/a.b\"", 15).as_deref(), Some("\"/a.b\"\"\""));
        assert_eq!(role("/a.b\"é", 16).as_deref(), Some("\"/^\\/a\\.b\\\"\"é$\""));
        assert_eq!(role("a\nb", 17), None);
        assert_eq!(redis_user("a").ok().as_deref(), Some("\"a\""));
        assert_eq!(mssql_setting("/a b/c").ok().as_deref(), Some("/a b/c"));
        for bad in ["a\nb", " a", "a;b", "a#b"] {
            assert_eq!(
                mssql_setting(bad).map_err(|e| e.code().name()),
                Err("not-expressible"),
                "{bad:?}"
            );
        }
    }
}
