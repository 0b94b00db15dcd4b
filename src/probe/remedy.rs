//! What to do about a verdict.

mod command;

use crate::engine::Engine;
use crate::hint::Hint;
use crate::probe::loaded::StoredIn;
use crate::probe::target::Target;
use crate::probe::verdict::Mode;

/// What something is to be done about.
pub(crate) struct Remedy<'a> {
    pub(crate) reason: &'a str,
    pub(crate) target: &'a Target,
    pub(crate) mode: Mode,
    pub(crate) message: &'a str,
    /// Where the certificate of the server is stored, where that was named.
    pub(crate) stored: Option<&'a StoredIn>,
}

/// What to do; nothing where nobody can say.
pub(crate) fn of(asked: &Remedy<'_>) -> Option<Hint> {
    command::of(asked).or_else(|| in_words(asked).map(Hint::from))
}

fn in_words(asked: &Remedy<'_>) -> Option<String> {
    let Remedy { reason, target, .. } = *asked;
    let engine = target.engine;
    let reload = reload(engine);
    Some(match reason {
        "intermediate_missing" => format!(
            "let the server send it: append the certificate of that CA to the file of {}; then {reload}",
            sent_file(engine)
        ),
        "not_yet_valid" => "compare the clocks, here and where it was issued: timedatectl".to_owned(),
        "no_tls" => enable(engine).to_owned(),
        "plain_port_open" => "CONFIG SET port 0 there, and in its file; whether the port is this \
                              server's, an account tells that may CONFIG GET: --user NAME"
            .to_owned(),
        "plain_accepted" => insist(engine).to_owned(),
        // The rules turn it away, whatever its password is.
        "login_denied" if asked.message.contains("pg_hba.conf") => {
            "let a line of pg_hba.conf admit it: hostssl DATABASE USER ADDRESS scram-sha-256; then \
             SELECT pg_reload_conf()"
                .to_owned()
        }
        "login_denied" if asked.message.contains("[28P01]") => {
            "is the password right? --password-file FILE".to_owned()
        }
        "login_denied" => {
            "is the password right? does the account need a client certificate? \
             --client-cert FILE --client-key FILE"
                .to_owned()
        }
        "login_withheld" if asked.mode == Mode::Disabled => {
            "log in over TLS once, then ask again: the server then knows the account".to_owned()
        }
        "not_trusted" => "see VERIFY_IDENTITY: the server's certificate comes first; if it is for \
                          another name than you dial: --server-name NAME"
            .to_owned(),
        "weak_scram" => "on PostgreSQL: SET scram_iterations = 4096 (or more), then set the \
                         account's password again; it is made of them"
            .to_owned(),
        "server_not_proved" => "is something else listening there, or in between? compare with a \
                                login by the server's Unix socket"
            .to_owned(),
        "not_admitted" => {
            "try a user and a database that pg_hba.conf names: --probe-user NAME, URL/DATABASE"
                .to_owned()
        }
        "replication_accepted" => {
            "replace `host replication` by `hostssl replication` in pg_hba.conf; then SELECT pg_reload_conf()"
                .to_owned()
        }
        "several_servers" => {
            "name each server behind this address, not the load balancer; or if a certificate was \
             just replaced, run it again"
                .to_owned()
        }
        "tls_refused" => "replace hostnossl by hostssl in pg_hba.conf; then SELECT pg_reload_conf()"
            .to_owned(),
        "client_cert_not_required" | "client_cert_not_checked" => demand(engine).to_owned(),
        "weak_protocol" | "weak_protocol_accepted" => versions(engine).to_owned(),
        "weak_cipher" | "weak_cipher_accepted" => suites(engine).to_owned(),
        "key_not_proved" => {
            "whoever has a copy of a certificate can show it: is this your server?".to_owned()
        }
        "server_error" if asked.message.contains("error 1129") => {
            "on the server: FLUSH HOSTS (MySQL 8.4 and later: TRUNCATE performance_schema.host_cache)"
                .to_owned()
        }
        "server_error" if asked.message.contains("no such ") => {
            "name a user and a database that the pool knows: --probe-user NAME, URL/DATABASE"
                .to_owned()
        }
        "reset" | "closed" if asked.message.contains("client certificate") => {
            "show one: --client-cert FILE --client-key FILE; or look into the server's log".to_owned()
        }
        "reset" | "closed" if asked.mode == Mode::Disabled => {
            "a proxy or a firewall may have hung up: name the server behind it; or look into the \
             logs of both"
                .to_owned()
        }
        "server_error" | "reset" | "closed" => "look into the server's log".to_owned(),
        "not_this_protocol" => "check the engine and the port in the URL".to_owned(),
        _ => return None,
    })
}

/// How the server takes a new certificate without a restart.
pub(super) fn reload(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql => "ALTER INSTANCE RELOAD TLS",
        Engine::Mariadb => "FLUSH SSL",
        Engine::Postgresql => "SELECT pg_reload_conf()",
        Engine::Redis | Engine::Valkey => "CONFIG SET tls-cert-file FILE tls-key-file FILE",
        Engine::Mssql => "systemctl restart mssql-server",
    }
}

/// The setting that names the file of the certificates that a server sends.
pub(super) fn sent_file(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql | Engine::Mariadb => "ssl_cert",
        Engine::Postgresql => "ssl_cert_file",
        Engine::Redis | Engine::Valkey => "tls-cert-file",
        Engine::Mssql => "network.tlscert",
    }
}

fn enable(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql => {
            "set ssl_ca, ssl_cert and ssl_key under [mysqld]; then ALTER INSTANCE RELOAD TLS"
        }
        Engine::Mariadb => "set ssl_ca, ssl_cert and ssl_key under [mariadbd]; then restart",
        Engine::Postgresql => {
            "set ssl = on, ssl_cert_file and ssl_key_file; then SELECT pg_reload_conf()"
        }
        Engine::Redis | Engine::Valkey => {
            "CONFIG SET tls-port PORT, with tls-cert-file, tls-key-file and tls-ca-cert-file set"
        }
        Engine::Mssql => {
            "mssql-conf set network.tlscert FILE; mssql-conf set network.tlskey FILE; then restart"
        }
    }
}

fn insist(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql => "SET PERSIST require_secure_transport = ON",
        Engine::Mariadb => {
            "SET GLOBAL require_secure_transport = ON, and the same under [mariadbd]"
        }
        Engine::Postgresql => {
            "replace host by hostssl in pg_hba.conf (the first line that fits wins); then SELECT pg_reload_conf()"
        }
        Engine::Redis | Engine::Valkey => "CONFIG SET port 0, and let clients use the tls-port",
        Engine::Mssql => "mssql-conf set network.forceencryption 1; then restart",
    }
}

fn demand(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql | Engine::Mariadb => "ALTER USER NAME REQUIRE X509",
        Engine::Postgresql => {
            "add clientcert=verify-ca to the hostssl lines, and set ssl_ca_file; then SELECT pg_reload_conf()"
        }
        Engine::Redis | Engine::Valkey => "CONFIG SET tls-auth-clients yes",
        Engine::Mssql => "SQL Server has no mutual TLS: put a proxy in front",
    }
}

/// Cipher suites with forward secrecy, for TLS 1.2; those of TLS 1.3 all have it.
fn suites(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql => {
            "SET PERSIST ssl_cipher = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256'; \
             then ALTER INSTANCE RELOAD TLS"
        }
        Engine::Mariadb => {
            "set ssl_cipher = ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256 under \
             [mariadbd]; then restart"
        }
        Engine::Postgresql => {
            "set ssl_ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256'; then \
             SELECT pg_reload_conf()"
        }
        Engine::Redis | Engine::Valkey => {
            "CONFIG SET tls-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
        }
        Engine::Mssql => "mssql-conf set network.tlsciphers LIST, of ECDHE suites; then restart",
    }
}

fn versions(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql | Engine::Mariadb => "set tls_version = TLSv1.2,TLSv1.3; then restart",
        Engine::Postgresql => {
            "ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2'; \
             ALTER SYSTEM SET ssl_max_protocol_version = ''; SELECT pg_reload_conf()"
        }
        Engine::Redis | Engine::Valkey => "CONFIG SET tls-protocols \"TLSv1.2 TLSv1.3\"",
        Engine::Mssql => "mssql-conf set network.tlsprotocols 1.2,1.3; then restart",
    }
}
