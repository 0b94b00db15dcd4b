//! PostgreSQL.
//!
//! Replication by certificate is a choice here (`cert` in pg_hba.conf, `sslcert` in
//! primary_conninfo); the usual way is a password.

mod accounts;
mod remedies;
mod settings;

use super::EngineFacts;
use super::protocol::{
    AdmissionRule, FurtherPorts, LoginProtocol, PassRule, PlaintextRefusal, ProtocolFacts,
    WireProtocol,
};
use super::reload::{ReloadFacts, ReloadMethod, ReplicaAdvice};
use crate::pki::key::KeyType;

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "postgresql",
    title: "PostgreSQL",
    schemes: &["postgresql", "postgres"],
    port: 5432,
    admin: "postgres",
    client_user: "app",
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: false,
    takes_rsa_only: false,
    common_name_is_host: false,
    server: settings::SERVER,
    protocol: ProtocolFacts {
        wire: WireProtocol::Postgresql,
        login: Some(LoginProtocol::Postgresql),
        socket_name: Some(".s.PGSQL.5432"),
        starts_with_tls: false,
        plaintext_port_ignores_tls: false,
        direct_alpn: Some(b"postgresql"),
        admission: AdmissionRule::HostRules,
        refusal: PlaintextRefusal::Error,
        counts_connect_errors: false,
        plaintext_condition: None,
        proves_password: true,
        further_ports: FurtherPorts::None,
        pass_rules: PASS_RULES,
    },
    accounts: &accounts::PostgresqlAccounts,
    remedies: &remedies::PostgresqlRemedies,
    install: Some(ReloadFacts {
        method: ReloadMethod::Files,
        is_version_of: |_| true,
        reload: "SELECT pg_reload_conf()",
        off: "",
        demand: "",
        at_start: &[],
        later: &[],
        kept: "",
        folders: &[],
        program: "",
        check: &[],
        first_restart: None,
        replicas: ReplicaAdvice {
            tls: "first remove sslmode=disable from primary_conninfo of each standby",
            certificate: Some(
                "first give each standby a certificate of clients: sslcert and sslkey in its \
                 primary_conninfo",
            ),
        },
    }),
};

const PASS_RULES: &[PassRule] = &[PassRule {
    engines: "PostgreSQL",
    refused_by: "the words of the server, or of PgBouncer, pgpool-II, CockroachDB, Neon, \
                     Odyssey, RDS Proxy, Azure; for a session and for replication",
    control: "each refused twice (`--attempts`); before and after, a client with TLS, of the \
                  same user and database, is accepted, or only its certificate is missed",
    holds_for: "that user, that database, replication, from that address; the servers met at this \
                    address and port",
}];
