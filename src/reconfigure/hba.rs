//! Derives rules of pg_hba.conf that demand a client certificate from rules that do not. PURE.
//!
//! An error in here may refuse a client that the old rules admitted, and never admits one without a
//! certificate. The server checks each rule; a rule that it does not know fails the installation.

use std::net::IpAddr;

use crate::error::{Code, Error, Result};

/// Returns the rules of `theirs` that admit clients over TCP, in the same order, each with the
/// demand for a certificate of the CA. A last rule refuses all other clients.
///
/// # Errors
/// Exit 4 for rules that are in other files.
pub(super) fn with_certificates(name: &str, theirs: &str) -> Result<String> {
    let mut rules = String::new();
    for line in lines(theirs) {
        let words = words(&line);
        let Some((kind, rule)) = words.split_first() else { continue };
        if kind.starts_with("include") {
            let message = format!("{name} includes other files: {}", line.trim());
            return Err(Error::refused(Code::HbaInclude, message).hint(
                "write clientcert=verify-ca into the rules yourself, and give --mode REQUIRED here",
            ));
        }
        if matches!(kind.as_str(), "host" | "hostssl" | "hostnogssenc") {
            let (method, options) = rule[ends(rule)..].split_first().unzip();
            let asks = method.is_some_and(|method: &String| method == "cert")
                || options.is_some_and(|all: &[String]| {
                    all.iter().any(|word| word.starts_with("clientcert=verify-"))
                });
            let demand = if asks { "" } else { " clientcert=verify-ca" };
            rules += &format!("hostssl {}{demand}\n", rule.join(" "));
        }
    }
    Ok(rules + "host all all all reject\nhost replication all all reject\n")
}

/// Joins lines as the server does: a backslash at the end continues a line.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for line in text.lines() {
        let (part, goes_on) = match line.strip_suffix('\\') {
            Some(part) => (part, true),
            None => (line, false),
        };
        if let Some(last) = lines.last_mut() {
            last.push_str(part);
        }
        if !goes_on {
            lines.push(String::new());
        }
    }
    lines
}

/// The words of a line up to its comment. A list, also with blanks after its commas, is one word,
/// and so is a quoted text.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '#' if !quoted => break,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() && !word.ends_with(',') {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => {
                quoted ^= c == '"';
                word.push(c);
            }
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// Returns the index of a rule's authentication method, after database, user and address. The
/// netmask may be a word of its own.
fn ends(rule: &[String]) -> usize {
    let has_mask = rule.get(3).is_some_and(|word| word.parse::<IpAddr>().is_ok());
    rule.len().min(if has_mask { 4 } else { 3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(rule: &str) -> String {
        let rules = with_certificates("f", rule).expect("rules");
        let (rules, rest) = rules.split_once("host all all all reject\n").expect("the end");
        assert_eq!(rest, "host replication all all reject\n");
        rules.to_owned()
    }

    #[test]
    fn who_gets_in_needs_a_certificate() {
        for (theirs, ours) in [
            (
                "host all all 10.0.0.0/8 md5",
                "hostssl all all 10.0.0.0/8 md5 clientcert=verify-ca\n",
            ),
            ("hostssl a b ::/0 trust # x", "hostssl a b ::/0 trust clientcert=verify-ca\n"),
            ("host a b all md5\t# x", "hostssl a b all md5 clientcert=verify-ca\n"),
            ("host a b all md5# x", "hostssl a b all md5 clientcert=verify-ca\n"),
            ("host\ta \\\n b all md5", "hostssl a b all md5 clientcert=verify-ca\n"),
            ("host a, b \"c # d\" all md5", "hostssl a,b \"c # d\" all md5 clientcert=verify-ca\n"),
            ("host @dbs b all md5", "hostssl @dbs b all md5 clientcert=verify-ca\n"),
            ("hostnogssenc a b all md5", "hostssl a b all md5 clientcert=verify-ca\n"),
            // who already asks, and a name that only looks like it
            ("hostssl a b all cert map=m", "hostssl a b all cert map=m\n"),
            ("hostssl a b 10.0.0.0 255.0.0.0 cert", "hostssl a b 10.0.0.0 255.0.0.0 cert\n"),
            (
                "hostssl a b all md5 clientcert=verify-full",
                "hostssl a b all md5 clientcert=verify-full\n",
            ),
            (
                "host a clientcert=verify-x all md5",
                "hostssl a clientcert=verify-x all md5 clientcert=verify-ca\n",
            ),
            ("host cert cert all md5", "hostssl cert cert all md5 clientcert=verify-ca\n"),
            (
                "host a, cert b, cert all md5",
                "hostssl a,cert b,cert all md5 clientcert=verify-ca\n",
            ),
            ("host a b all reject", "hostssl a b all reject clientcert=verify-ca\n"),
            // no rule, not by TCP, or without TLS
            ("# host all all all trust\n\nlocal all all peer\nhostnossl a b all md5", ""),
        ] {
            assert_eq!(asked(theirs), ours, "{theirs}");
        }
        assert_eq!(asked("host a b all md5\r\nhost c d all md5\r\n").lines().count(), 2);
    }

    #[test]
    fn rules_in_other_files_are_refused() {
        for theirs in ["include more", "include_dir more", "include_if_exists 'x'"] {
            assert_eq!(
                with_certificates("f", theirs).map_err(|e| e.code().name()),
                Err("hba-include")
            );
        }
    }
}
