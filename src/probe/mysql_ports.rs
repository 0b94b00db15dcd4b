//! The other ports of a MySQL or MariaDB server: for administrators, for the X protocol, and for
//! replication between Galera nodes. The probe dials none of them; an account that logs in asks the
//! server for them.

use std::collections::HashMap;

use crate::db_client::ResultRow;
use crate::engine::protocol::FurtherPorts;
use crate::error::Reason;
use crate::probe::account_logins::{Accounts, LoginTarget};
use crate::probe::finding::ModeFinding;

/// The query for the ports, which every account may run.
const QUESTION: &str = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('admin_address', \
                        'admin_port', 'mysqlx_port', 'extra_port', 'wsrep_on', \
                        'wsrep_provider_options')";

/// The other ports of a MySQL server, as far as known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MysqlPorts {
    /// The names of the ports, for the message if no account asked.
    ports: &'static str,
    /// The ports in the server's settings; `None` if no account asked.
    configured: Option<PortSettings>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct PortSettings {
    /// The open ports, each by its variable and number.
    open: Vec<String>,
    /// Whether the Galera nodes replicate over TLS; `None` if the server is not a Galera node.
    galera_tls: Option<bool>,
}

/// Asks the server for its other ports, with the first account that gets in. Returns `None` for
/// other engines.
pub(super) async fn look(
    place: &LoginTarget<'_>,
    accounts: Option<&Accounts>,
) -> Option<MysqlPorts> {
    let FurtherPorts::Variables { ports } = place.target.engine.facts().protocol.further_ports
    else {
        return None;
    };
    let rows = match accounts {
        Some(accounts) => place.query_any(accounts, QUESTION).await,
        None => None,
    };
    Some(MysqlPorts { ports, configured: rows.map(|rows| configured(&rows)) })
}

fn configured(rows: &[ResultRow]) -> PortSettings {
    let pair = |row: &ResultRow| match row.as_slice() {
        [Some(name), Some(value)] => Some((name.clone(), value.clone())),
        _ => None,
    };
    let values: HashMap<String, String> = rows.iter().filter_map(pair).collect();
    let value = |name: &str| values.get(name).map(String::as_str).unwrap_or_default();
    let has_port = |name: &str| !["", "0"].contains(&value(name));
    // MySQL opens the administrators' port only if admin_address is set.
    let opens_admin = has_port("admin_port") && !value("admin_address").is_empty();
    let ports = [
        ("admin_port", opens_admin),
        ("mysqlx_port", has_port("mysqlx_port")),
        ("extra_port", has_port("extra_port")),
    ];
    let is_node = value("wsrep_on") == "ON" && !value("wsrep_provider_options").is_empty();
    PortSettings {
        open: ports
            .into_iter()
            .filter(|(_, is_open)| *is_open)
            .map(|(name, _)| format!("{name} {}", value(name)))
            .collect(),
        galera_tls: is_node.then(|| speaks_tls(value("wsrep_provider_options"))),
    }
}

/// Whether these options of Galera's provider turn TLS on. A server lists all options, each as
/// `NAME = VALUE`.
fn speaks_tls(options: &str) -> bool {
    options.split(';').any(|option| {
        option.split_once('=').is_some_and(|(name, value)| {
            let on = ["yes", "on", "true", "1"];
            name.trim() == "socket.ssl" && on.contains(&value.trim().to_lowercase().as_str())
        })
    })
}

/// Judges whether a Galera node replicates without TLS. Pure.
pub(super) fn judge(ports: Option<&MysqlPorts>) -> Option<ModeFinding> {
    let configured = ports?.configured.as_ref()?;
    (configured.galera_tls == Some(false)).then(|| {
        let message = "the server is a node of a Galera cluster and replicates without TLS \
                       (socket.ssl of wsrep_provider_options)";
        ModeFinding::fail(Reason::GaleraPlaintext, message.to_owned())
    })
}

impl MysqlPorts {
    /// One line about ports that were not probed; `None` if the server reports that it has none.
    #[must_use]
    pub fn caveat(&self) -> Option<String> {
        let Some(configured) = &self.configured else {
            let ports = self.ports;
            return Some(format!(
                "{ports} were not checked; --user NAME asks the server whether it has them"
            ));
        };
        let mut ports = configured.open.clone();
        if configured.galera_tls.is_some() {
            ports.push("state transfers between Galera's nodes (SST)".to_owned());
        }
        (!ports.is_empty()).then(|| format!("not checked: {}", ports.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caveat(values: &[(&str, &str)]) -> (Option<String>, bool) {
        let row = |(name, value): &(&str, &str)| -> ResultRow {
            vec![Some((*name).to_owned()), Some((*value).to_owned())]
        };
        let rows: Vec<ResultRow> = values.iter().map(row).collect();
        let ports = MysqlPorts { ports: "", configured: Some(configured(&rows)) };
        (ports.caveat(), judge(Some(&ports)).is_some())
    }

    #[test]
    fn ports_are_open_where_the_settings_say_so() {
        let mysql = [("admin_address", ""), ("admin_port", "33062"), ("mysqlx_port", "33060")];
        let told = caveat(&mysql);
        assert_eq!(told, (Some("not checked: mysqlx_port 33060".to_owned()), false));
        let told = caveat(&[("admin_address", "::1"), ("admin_port", "33062")]);
        assert_eq!(told, (Some("not checked: admin_port 33062".to_owned()), false));
        let alone = [("extra_port", "0"), ("wsrep_on", "OFF"), ("wsrep_provider_options", "")];
        assert_eq!(caveat(&alone), (None, false));
        for (options, is_clear) in [
            ("base_port = 4567; socket.ssl = YES; socket.ssl_cipher = ", false),
            ("base_port = 4567; socket.ssl = NO; socket.ssl_reload = 1", true),
            ("base_port = 4567; socket.checksum = 2", true),
        ] {
            let node = [("wsrep_on", "ON"), ("wsrep_provider_options", options)];
            let (caveat, clear) = caveat(&node);
            assert!(caveat.is_some_and(|text| text.contains("SST")));
            assert_eq!(clear, is_clear, "{options}");
        }
        let nobody = MysqlPorts { ports: "extra_port and Galera's replication", configured: None };
        assert!(nobody.caveat().is_some_and(|text| text.contains("Galera")));
    }
}
