//! A file of settings, in TOML.

use std::ffi::OsString;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::nearest::is_near;
use super::{ConfigSetting, FileState, another_file};
use crate::error::{Code, Error, Result};
use crate::files;

/// The size limit of a configuration file in bytes, more than all settings need.
const MAX_FILE: usize = 64 * 1024;
/// Parts of the names of secrets, for which there is no setting.
const SECRETS: [&str; 6] = ["pass", "secret", "token", "key", "credential", "pin"];

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: OsString,
    pub(super) line: usize,
}

/// Reads a file, and tells its state; a missing one is an error with `must_exist`.
///
/// # Errors
/// Exit 2 for an unknown key or an invalid value, exit 3 when it cannot be read, exit 4 when other
/// users can write it.
pub(super) fn read(
    path: &Path,
    settings: &[ConfigSetting],
    must_exist: bool,
) -> Result<(FileState, Vec<Entry>)> {
    match files::exists_certainly(path) {
        // A user that a service or `runuser` changed to keeps HOME, and may not enter it.
        Err(error) if error.code() == Code::FilePermission && !must_exist => {
            return Ok((FileState::Inaccessible, Vec::new()));
        }
        Err(error) => return Err(error.hint(another_file())),
        Ok(false) if !must_exist => return Ok((FileState::Missing, Vec::new())),
        Ok(_) => {}
    }
    let bytes = files::read(path, MAX_FILE).map_err(|error| match error.code() {
        Code::FilePermission => error.hint(another_file()),
        _ => error.with_only_hint(another_file()),
    })?;
    files::check_settings_place(path).map_err(|error| error.hint(another_file()))?;
    let name = path.display();
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let line = line_of(&bytes, error.valid_up_to());
        Error::usage(Code::SettingsSyntax, format!("{name}:{line}: the line is not UTF-8"))
            .hint("save the file as UTF-8")
    })?;
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_of(&bytes, error.span().map_or(0, |span| span.start));
        Error::usage(Code::SettingsSyntax, format!("{name}:{line}: {}", error.message()))
            .hint("the file is TOML, a line a setting: namespace = \"db\"")
    })?;
    let entry = |(key, value): (_, &toml::Spanned<DeValue<'_>>)| {
        let key: &toml::Spanned<std::borrow::Cow<'_, str>> = key;
        let line = line_of(&bytes, key.span().start);
        let (key, origin) = (key.get_ref(), format!("{name}:{line}"));
        let setting = settings.iter().find(|setting| setting.key == key.as_ref());
        let setting = setting.ok_or_else(|| unknown(&origin, key, settings))?;
        let value = value_of(setting, value.get_ref(), &origin)?;
        Ok(Entry { key: key.to_string(), value: value.into(), line })
    };
    let mut lines: Vec<_> = table.get_ref().iter().collect();
    lines.sort_by_key(|(key, _)| key.span().start);
    Ok((FileState::Found, lines.into_iter().map(entry).collect::<Result<_>>()?))
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count()
}

fn value_of(setting: &ConfigSetting, value: &DeValue<'_>, origin: &str) -> Result<String> {
    let key = &setting.key;
    match value {
        DeValue::Boolean(value) if setting.is_switch() => Ok(value.to_string()),
        DeValue::String(value) if !setting.is_switch() => {
            setting.check_in_file(origin, value)?;
            Ok(value.to_string())
        }
        other => {
            let (wanted, example) = match (setting.is_switch(), other.as_integer()) {
                (true, _) => ("true or false", format!("{key} = true")),
                (false, Some(number)) => ("a string", format!("{key} = \"{}\"", number.as_str())),
                (false, None) => ("a string", format!("{key} = \"VALUE\"")),
            };
            let message = format!("{origin}: {key} is {wanted}, not of type {}", other.type_str());
            Err(Error::usage(Code::SettingType, message).hint(format!("write {example}")))
        }
    }
}

fn unknown(origin: &str, key: &str, settings: &[ConfigSetting]) -> Error {
    let error =
        Error::usage(Code::SettingUnknown, format!("{origin}: there is no setting {key:?}"));
    let lower = key.to_ascii_lowercase();
    if SECRETS.iter().any(|part| lower.contains(part)) {
        return error.hint(
            "the file holds no secrets: give the option of the command, such as --password-file",
        );
    }
    match nearest(key, settings) {
        Some(near) => error.hint(format!("the nearest is {near}")),
        None => {
            let keys: Vec<&str> = settings.iter().map(|setting| setting.key.as_str()).collect();
            error.hint(format!("the settings are {}", keys.join(", ")))
        }
    }
}

/// Returns the setting whose name a misspelled key resembles.
fn nearest<'a>(key: &str, settings: &'a [ConfigSetting]) -> Option<&'a str> {
    let key = key.replace('_', "-").to_ascii_lowercase();
    settings.iter().map(|setting| setting.key.as_str()).find(|known| is_near(&key, known))
}
