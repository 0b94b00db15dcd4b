//! Small templates: `%{host|sh}` is the host, quoted for a shell. Text between `%[` and `%]` is
//! used only with a client certificate.

use super::quote;
use crate::error::{Code, Error, Result};
use crate::shell;

/// The values for the placeholders of a template.
#[derive(Debug, Clone, Copy)]
pub struct TemplateValues<'a> {
    /// The name or address of the server.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// The account.
    pub user: &'a str,
    /// The database.
    pub database: &'a str,
    /// The file of CA certificates.
    pub ca: Option<&'a str>,
    /// The files of the client certificate and of its key.
    pub identity: Option<(&'a str, &'a str)>,
}

/// Fills in a template.
///
/// # Errors
/// Exit 2 when the template needs a CA and none is given, or a value cannot be quoted.
pub fn fill(template: &str, values: &TemplateValues<'_>) -> Result<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(section) = after.strip_prefix('[') {
            let (inside, after) = section.split_once("%]").ok_or_else(|| broken(section))?;
            if values.identity.is_some() {
                text.push_str(&fill(inside, values)?);
            }
            rest = after;
        } else if let Some(place) = after.strip_prefix('{') {
            let (place, after) = place.split_once('}').ok_or_else(|| broken(place))?;
            text.push_str(&value(place, values)?);
            rest = after;
        } else {
            text.push('%');
            rest = after;
        }
    }
    text.push_str(rest);
    Ok(text)
}

fn value(place: &str, values: &TemplateValues<'_>) -> Result<String> {
    let mut words = place.split('|');
    let name = words.next().unwrap_or_default();
    let value = match name {
        "host" => values.host.to_owned(),
        "port" => values.port.to_string(),
        "user" => values.user.to_owned(),
        "database" => values.database.to_owned(),
        "ca" => values.ca.ok_or_else(ca_missing)?.to_owned(),
        "cert" => values.identity.map(|(cert, _)| cert.to_owned()).unwrap_or_default(),
        "key" => values.identity.map(|(_, key)| key.to_owned()).unwrap_or_default(),
        _ => return Err(broken(place)),
    };
    words.try_fold(value, |value, filter| {
        Ok(match filter {
            "sh" => shell::quote(&value),
            "literal" => quote::literal(&value),
            "inside" => quote::inside_literal(&value),
            "rust" => quote::rust(&value),
            "ruby" => quote::ruby(&value),
            "single" => quote::single(&value),
            "url" => quote::url(&value),
            "urlhost" => quote::url_host(&value),
            "urlpath" => quote::url_path(&value),
            "property" => quote::property(&value),
            "conninfo" => quote::conninfo(&value),
            "pdo" => quote::pdo(&value)?,
            "psqlodbc" => quote::psqlodbc(&value)?,
            "jdbcmariadb" => quote::jdbc_mariadb(&value)?,
            "dotnet" => quote::dotnet(&value),
            "braces" => quote::braces(&value),
            "inbraces" => value.replace('}', "}}"),
            "odbcname" => name_apart(&value, ";HostNameInCertificate="),
            "sqlcmdname" => name_apart(&value, " -F "),
            "p12" => format!("{}.p12", value.strip_suffix(".pem").unwrap_or(&value)),
            _ => return Err(broken(place)),
        })
    })
}

/// Returns the option with the name to compare, for clients that compare no addresses, if `host` is
/// an address; a person replaces NAME.
fn name_apart(host: &str, option: &str) -> String {
    match host.parse::<std::net::IpAddr>() {
        Ok(_) => format!("{option}NAME"),
        Err(_) => String::new(),
    }
}

fn ca_missing() -> Error {
    Error::usage(Code::CaMissing, "the client needs a file with the CA certificates to trust")
        .hint("give --ca-file FILE; ca export and cert issue write such a file")
}

/// The error for a malformed template. All templates are part of ccx-sec, and a test fills them.
fn broken(place: &str) -> Error {
    Error::failed(Code::Template, format!("the template is broken at {place:?}"))
        .hint("this is a fault in ccx-sec; please report it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_sections_are_filled() {
        let values = TemplateValues {
            host: "h",
            port: 1,
            user: "it's",
            database: "d",
            ca: None,
            identity: None,
        };
        let text =
            |template: &str, values| fill(template, values).map_err(|error| error.code().name());
        assert_eq!(
            text("%{host}:%{port} 100% %{user|sh}", &values).as_deref(),
            Ok("h:1 100% 'it'\\''s'")
        );
        assert_eq!(text("a%[ %{cert}%]", &values).as_deref(), Ok("a"));
        let with = TemplateValues { identity: Some(("c", "k")), ..values };
        assert_eq!(text("a%[ %{cert} %{key}%]", &with).as_deref(), Ok("a c k"));
        assert_eq!(text("a%{host|odbcname}%{host|sqlcmdname}", &values).as_deref(), Ok("a"));
        let by_address = TemplateValues { host: "10.0.0.7", ..values };
        let named = text("a%{host|odbcname}%{host|sqlcmdname}", &by_address);
        assert_eq!(named.as_deref(), Ok("a;HostNameInCertificate=NAME -F NAME"));
        assert_eq!(text("%{ca}", &values), Err("ca-missing"));
        for broken in ["%{host", "%[", "%{what}", "%{host|what}"] {
            assert_eq!(text(broken, &values), Err("template"), "{broken}");
        }
    }
}
