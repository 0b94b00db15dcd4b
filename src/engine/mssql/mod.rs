//! SQL Server.
//!
//! SQL Server needs an RSA key (KeySpec AT_KEYEXCHANGE). Before the strict mode of 2022, clients
//! compare the host's name with the common name.

mod accounts;
mod remedies;
mod settings;

use super::EngineFacts;
use super::protocol::{
    AdmissionRule, FurtherPorts, PassRule, PlaintextRefusal, ProtocolFacts, WireProtocol,
};
use crate::pki::key::KeyType;

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "mssql",
    title: "SQL Server",
    schemes: &["mssql"],
    port: 1433,
    admin: "sa",
    client_user: "app",
    key_type: KeyType::Rsa2048,
    nodes_dial_each_other: false,
    takes_rsa_only: true,
    common_name_is_host: true,
    server: settings::SERVER,
    protocol: ProtocolFacts {
        wire: WireProtocol::Tds,
        login: None,
        socket_name: None,
        starts_with_tls: false,
        plaintext_port_ignores_tls: false,
        direct_alpn: Some(b"tds/8.0"),
        admission: AdmissionRule::Server,
        refusal: PlaintextRefusal::ErrorUnlessDirect,
        counts_connect_errors: false,
        plaintext_condition: None,
        proves_password: false,
        further_ports: FurtherPorts::None,
        pass_rules: PASS_RULES,
    },
    accounts: &accounts::MssqlAccounts,
    remedies: &remedies::MssqlRemedies,
    install: None,
};

const PASS_RULES: &[PassRule] = &[
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
