//! JUnit's XML: a test suite for each subject, a test case for each check. The result `unknown` is
//! an error, and a check that was not begun is skipped.

use std::time::Duration;

use super::{Check, CheckResult, CheckRun, CheckedSubject};

/// The run as a document of `<testsuites>`.
pub(super) fn write(run: &CheckRun) -> String {
    let checks = run.subjects.iter().flat_map(|subject| &subject.checks);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ccx-sec {}\" {} time=\"{}\" timestamp=\"{:.0}\">\n",
        run.command,
        counts(checks),
        seconds(Some(run.elapsed)),
        run.started,
    );
    for subject in &run.subjects {
        push_suite(&mut xml, run, subject);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn push_suite(xml: &mut String, run: &CheckRun, subject: &CheckedSubject) {
    let name = escape(&subject.name);
    xml.push_str(&format!(
        "  <testsuite name=\"{name}\" {} time=\"{}\" timestamp=\"{:.0}\">\n",
        counts(subject.checks.iter()),
        seconds(subject.elapsed),
        run.started,
    ));
    let properties: String = super::properties(subject)
        .map(|(name, value)| format!("<property name=\"{name}\" value=\"{}\"/>", escape(value)))
        .collect();
    if !properties.is_empty() {
        xml.push_str(&format!("    <properties>{properties}</properties>\n"));
    }
    // Only the time of the whole subject is measured: divide it among the checks.
    let share = subject.elapsed.map(|all| all / subject.checks.len().max(1) as u32);
    for check in &subject.checks {
        xml.push_str(&format!(
            "    <testcase classname=\"{name}\" name=\"{}\" time=\"{}\"",
            escape(&check.name),
            seconds(share),
        ));
        push_result(xml, check);
    }
    xml.push_str("  </testsuite>\n");
}

/// Appends the rest of a test case, whose start tag is still open.
fn push_result(xml: &mut String, check: &Check) {
    let (code, message) = (escape(check.code()), escape(&check.message));
    let hints = escape(&check.hints.join("\n"));
    let element = match check.result {
        CheckResult::Pass => {
            xml.push_str("/>\n");
            return;
        }
        CheckResult::Warning => {
            let out = format!("{code}: {message}\n{hints}");
            xml.push_str(&format!(
                ">\n      <system-out>{}</system-out>\n    </testcase>\n",
                out.trim()
            ));
            return;
        }
        CheckResult::Skipped => {
            let message = [message, hints].into_iter().filter(|part| !part.is_empty());
            let message = message.collect::<Vec<_>>().join("; ");
            xml.push_str(&format!(">\n      <skipped message=\"{message}\"/>\n    </testcase>\n"));
            return;
        }
        CheckResult::Fail => "failure",
        CheckResult::Unknown => "error",
    };
    xml.push_str(&format!(
        ">\n      <{element} type=\"{code}\" message=\"{message}\">{hints}</{element}>\n    </testcase>\n"
    ));
}

fn counts<'a>(checks: impl Iterator<Item = &'a Check>) -> String {
    let (mut tests, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for check in checks {
        tests += 1;
        match check.result {
            CheckResult::Pass | CheckResult::Warning => {}
            CheckResult::Skipped => skipped += 1,
            CheckResult::Unknown => errors += 1,
            CheckResult::Fail => failures += 1,
        }
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn seconds(elapsed: Option<Duration>) -> String {
    format!("{:.3}", elapsed.unwrap_or_default().as_secs_f64())
}

/// Escapes text for an attribute or element of XML 1.0, which allows no control characters but tab
/// and line ends.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_escaped() {
        assert_eq!(escape("<a b=\"c\">&\u{1}\u{7f}\n"), "&lt;a b=&quot;c&quot;&gt;&amp;??&#10;");
    }
}
