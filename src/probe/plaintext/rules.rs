//! What makes a pass of `PLAINTEXT`, engine by engine: the one table, from which the manual page is
//! made, and with which a test compares the guide.

/// What counts as a refusal of clients without TLS.
struct PassRule {
    /// Whose rule it is.
    engines: &'static str,
    /// What the server, or a pool or proxy before it, does with such a client.
    refused_by: &'static str,
    /// What must be seen besides, so that it was no accident and nobody else's doing.
    control: &'static str,
    /// Of whom it is true then.
    holds_for: &'static str,
}

const RULES: [PassRule; 5] = [
    PassRule {
        engines: "PostgreSQL",
        refused_by: "the words of the server, or of PgBouncer, pgpool-II, CockroachDB, Neon, \
                     Odyssey, RDS Proxy, Azure; for a session and for replication",
        control: "each refused twice (`--attempts`); before and after, a client with TLS, of the \
                  same user and database, is accepted, or only its certificate is missed",
        holds_for: "that user, that database, replication, from that address; the servers met at this \
                    address and port",
    },
    PassRule {
        engines: "MySQL, MariaDB",
        refused_by: "error 3159 (also of RDS Proxy), or the words of MaxScale, Vitess, Azure; with \
                     `--user`, also that an account gets in over TLS alone",
        control: "refused twice (`--attempts`); before and after, a client with TLS is accepted",
        holds_for: "everybody at the servers met at this address and port; with `--user`, those \
                    accounts, where the server says nothing before a login",
    },
    PassRule {
        engines: "Redis, Valkey",
        refused_by: "a TLS alert, or a hang-up: before TLS they have no words",
        control: "refused twice (`--attempts`) or more, with TLS accepted before the last time and \
                  after it; as often, a client without TLS that sends a broken TLS record is \
                  answered with a TLS alert (a proxy that hangs up sends none)",
        holds_for: "everybody at the servers met at this address and port",
    },
    PassRule {
        engines: "SQL Server with `--direct`",
        refused_by: "a hang-up: before TLS it has no words",
        control: "refused twice (`--attempts`); before and after, a client with TLS is accepted",
        holds_for: "everybody at the servers met at this address and port, if no proxy hung up \
                    instead: that cannot be told, and the output says so",
    },
    PassRule {
        engines: "SQL Server",
        refused_by: "its answer that encryption is required",
        control: "refused twice (`--attempts`); before and after, a client with TLS is accepted",
        holds_for: "everybody at the servers met at this address and port",
    },
];

/// The table as a section of a manual page.
pub(crate) fn text() -> String {
    let rules = RULES.iter().map(|rule| {
        let PassRule { engines, refused_by, control, holds_for } = rule;
        let lines = [
            format!("refused by: {refused_by}"),
            format!("control: {control}"),
            format!("holds for: {holds_for}"),
        ];
        let lines = lines.iter().map(|line| wrapped(line)).collect::<String>();
        format!("  {engines}\n{lines}").replace('`', "")
    });
    let rules: String = rules.collect();
    format!("WHAT MAKES A PASS OF PLAINTEXT\n{rules}")
}

/// Lines of at most 92 characters, indented by four, and by six where they go on.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 92;
    let mut lines = String::new();
    let mut line = String::from("   ");
    for word in text.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from("     ");
        }
        line.push(' ');
        line.push_str(word);
    }
    format!("{lines}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_the_same_table() {
        let guide = include_str!("../../../man/guide/verify.md");
        let rows = RULES.iter().map(|rule| {
            let PassRule { engines, refused_by, control, holds_for } = rule;
            format!("| {engines} | {refused_by} | {control} | {holds_for} |\n")
        });
        let table: String = rows.collect();
        assert!(guide.contains(&table), "man/guide/verify.md is to have:\n{table}");
    }
}
