//! What to do at the server itself: statements for its own client, lines of its files, and
//! commands on its machine. Each is pasted as it is printed, words in capitals replaced.

use crate::engine::Engine;
use crate::hint::{Hint, Verbatim};
use crate::shell::{CommandLine, Placeholder};

const RESTART: &str = "then restart it";

fn statement(prose: &str, text: &str) -> Hint {
    Hint::from((prose, Verbatim(text)))
}

fn on_the_server(text: &str) -> Hint {
    statement("on the server", text)
}

fn option_file(line: &str) -> Hint {
    statement("in its option file, under [mariadbd]", line)
}

/// Puts a line before all others of pg_hba.conf: the first one that fits a client decides.
fn first_rule(line: &str) -> Hint {
    statement("at the top of pg_hba.conf", line).then(reload(Engine::Postgresql))
}

/// `mssql-conf set NAME VALUE` and a restart.
fn mssql(setting: &'static str, value: impl Into<crate::shell::Word>) -> Hint {
    let set = CommandLine::other("mssql-conf", "set").argument(setting).argument(value);
    Hint::from(("on the server", set)).then(reload(Engine::Mssql))
}

/// Keeps what CONFIG SET changed.
fn keep(hint: Hint) -> Hint {
    hint.then(statement("keep it for the next start", "CONFIG REWRITE"))
}

/// The statement, for SQL Server the command, by which a server takes new files: without a
/// restart, where it can.
pub(in crate::probe) fn reload_statement(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql => "ALTER INSTANCE RELOAD TLS;",
        Engine::Mariadb => "FLUSH SSL;",
        Engine::Postgresql => "SELECT pg_reload_conf();",
        Engine::Redis | Engine::Valkey => {
            "CONFIG SET tls-cert-file CERT_FILE tls-key-file KEY_FILE"
        }
        Engine::Mssql => "systemctl restart mssql-server",
    }
}

fn reload(engine: Engine) -> Hint {
    statement("then let the server read it", reload_statement(engine))
}

/// The setting that names the file of the certificates that a server sends.
pub(in crate::probe) fn sent_file(engine: Engine) -> &'static str {
    match engine {
        Engine::Mysql | Engine::Mariadb => "ssl_cert",
        Engine::Postgresql => "ssl_cert_file",
        Engine::Redis | Engine::Valkey => "tls-cert-file",
        Engine::Mssql => "network.tlscert",
    }
}

/// Has the server send the certificate of an intermediate CA.
pub(super) fn send_intermediate(engine: Engine) -> Hint {
    let append = |setting: &str, file: &str| {
        statement(
            &format!("append the certificate of that CA to the file of {setting}"),
            &format!("cat INTERMEDIATE_FILE >>{file}"),
        )
    };
    let sent = append(sent_file(engine), "CERT_FILE");
    // MySQL refuses to reload a chain whose intermediate CA is not in ssl_ca.
    let sent = match engine {
        Engine::Mysql => sent.then(append("ssl_ca", "CA_FILE")),
        _ => sent,
    };
    sent.then(reload(engine))
}

/// Turns TLS on.
pub(super) fn enable(engine: Engine) -> Hint {
    match engine {
        Engine::Mysql => statement(
            "or by hand",
            "SET PERSIST ssl_ca = 'CA_FILE', PERSIST ssl_cert = 'CERT_FILE', \
             PERSIST ssl_key = 'KEY_FILE', PERSIST tls_version = 'TLSv1.2,TLSv1.3';",
        )
        .then(reload(engine)),
        Engine::Mariadb => {
            statement("or by hand, in its option file, under [mariadbd]", "ssl_ca = CA_FILE")
                .then(option_file("ssl_cert = CERT_FILE"))
                .then(option_file("ssl_key = KEY_FILE"))
                .then(RESTART)
        }
        Engine::Postgresql => statement("or by hand", "ALTER SYSTEM SET ssl_ca_file = 'CA_FILE';")
            .then(on_the_server("ALTER SYSTEM SET ssl_cert_file = 'CERT_FILE';"))
            .then(on_the_server("ALTER SYSTEM SET ssl_key_file = 'KEY_FILE';"))
            .then(on_the_server("ALTER SYSTEM SET ssl = on;"))
            .then(reload(engine)),
        Engine::Redis | Engine::Valkey => keep(statement(
            "or by hand",
            "CONFIG SET tls-ca-cert-file CA_FILE tls-cert-file CERT_FILE tls-key-file KEY_FILE \
             tls-port PORT",
        )),
        Engine::Mssql => {
            let certificate = CommandLine::other("mssql-conf", "set network.tlscert");
            Hint::from(("on the server", certificate.argument(Placeholder("CERT_FILE"))))
                .then(mssql("network.tlskey", Placeholder("KEY_FILE")))
        }
    }
}

/// Has the server turn clients without TLS away.
pub(super) fn insist(engine: Engine) -> Hint {
    match engine {
        Engine::Mysql => on_the_server("SET PERSIST require_secure_transport = ON;"),
        Engine::Mariadb => {
            on_the_server("SET GLOBAL require_secure_transport = ON;").then(statement(
                "and for the next start, in its option file, under [mariadbd]",
                "require_secure_transport = ON",
            ))
        }
        Engine::Postgresql => first_rule("hostnossl all,replication all all reject"),
        Engine::Redis | Engine::Valkey => keep(statement(
            "when the clients use the port with TLS, on the server",
            "CONFIG SET port 0",
        )),
        Engine::Mssql => mssql("network.forceencryption", "1"),
    }
}

/// Has PostgreSQL take users over TLS that its rules do not.
pub(super) fn admit() -> Hint {
    first_rule("hostssl DATABASE ROLE ADDRESS scram-sha-256")
}

/// Has the server demand a client certificate.
pub(super) fn demand(engine: Engine) -> Hint {
    match engine {
        Engine::Mysql | Engine::Mariadb => on_the_server("ALTER USER 'NAME'@'HOST' REQUIRE X509;"),
        Engine::Postgresql => on_the_server("ALTER SYSTEM SET ssl_ca_file = 'CA_FILE';")
            .then(first_rule("hostssl all all all scram-sha-256 clientcert=verify-ca")),
        Engine::Redis | Engine::Valkey => keep(on_the_server("CONFIG SET tls-auth-clients yes")),
        Engine::Mssql => Hint::from("SQL Server has no mutual TLS: put a proxy in front"),
    }
}

/// Cipher suites with forward secrecy, for TLS 1.2; those of TLS 1.3 all have it.
pub(super) fn suites(engine: Engine) -> Hint {
    const STRONG: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
    match engine {
        Engine::Mysql => {
            on_the_server(&format!("SET PERSIST ssl_cipher = '{STRONG}';")).then(reload(engine))
        }
        Engine::Mariadb => option_file(&format!("ssl_cipher = {STRONG}")).then(RESTART),
        Engine::Postgresql => on_the_server(&format!("ALTER SYSTEM SET ssl_ciphers = '{STRONG}';"))
            .then(reload(engine)),
        Engine::Redis | Engine::Valkey => {
            keep(on_the_server(&format!("CONFIG SET tls-ciphers {STRONG}")))
        }
        Engine::Mssql => mssql("network.tlsciphers", STRONG),
    }
}

/// Has the server take no version of TLS before `least`: `TLSv1.2` or `TLSv1.3`.
pub(super) fn versions(engine: Engine, least: &str) -> Hint {
    let is_newest = least == "TLSv1.3";
    let list = if is_newest { "TLSv1.3" } else { "TLSv1.2,TLSv1.3" };
    match engine {
        Engine::Mysql => {
            on_the_server(&format!("SET PERSIST tls_version = '{list}';")).then(reload(engine))
        }
        Engine::Mariadb => option_file(&format!("tls_version = {list}")).then(RESTART),
        Engine::Postgresql => {
            on_the_server(&format!("ALTER SYSTEM SET ssl_min_protocol_version = '{least}';"))
                .then(on_the_server("ALTER SYSTEM SET ssl_max_protocol_version = '';"))
                .then(reload(engine))
        }
        Engine::Redis | Engine::Valkey => {
            keep(on_the_server(&format!("CONFIG SET tls-protocols \"{}\"", list.replace(',', " "))))
        }
        Engine::Mssql => mssql("network.tlsprotocols", if is_newest { "1.3" } else { "1.2,1.3" }),
    }
}

/// Has MySQL or MariaDB forget the hosts that it blocked.
pub(super) fn unblock(engine: Engine) -> Hint {
    on_the_server(match engine {
        Engine::Mariadb => "FLUSH HOSTS;",
        _ => "TRUNCATE TABLE performance_schema.host_cache;",
    })
}

/// Asks the server itself what it demands of clients; `is_mutual`: a certificate.
pub(super) fn settings(engine: Engine, is_mutual: bool) -> Hint {
    let ask = |text| statement("or ask the server", text);
    match (engine, is_mutual) {
        (Engine::Mysql | Engine::Mariadb, true) => {
            ask("SELECT user, host, ssl_type FROM mysql.user;")
        }
        (Engine::Mysql | Engine::Mariadb, false) => {
            ask("SHOW GLOBAL VARIABLES LIKE 'require_secure_transport';")
        }
        (Engine::Postgresql, _) => ask("SELECT * FROM pg_hba_file_rules;"),
        (Engine::Redis | Engine::Valkey, true) => ask("CONFIG GET tls-auth-clients"),
        (Engine::Redis | Engine::Valkey, false) => ask("CONFIG GET port"),
        (Engine::Mssql, _) => {
            let get = CommandLine::other("mssql-conf", "get network forceencryption");
            Hint::from(("or ask the server", get))
        }
    }
}
