//! The servers that the clients are run against, with an account and a database of odd names.

use std::process::Command;

use crate::common::db::{Config, Engine, Family, Server, outcome};

/// A name that every language has to quote. For the file of the CA, the account, the database.
pub const ODD: &str = "it's \"a\" $HOME \\ #é";

/// On two addresses: some clients treat 127.0.0.1 in a way of its own.
pub fn listening(engine: Engine, config: Config) -> Config {
    match engine.family() {
        Family::MySql | Family::MariaDb => config.and("[mysqld]\nbind-address=127.0.0.1,127.0.0.2"),
        Family::PostgreSql | Family::Redis => config,
    }
}

/// A server that has no TLS, and lets in who does not demand it.
pub fn plain(engine: Engine) -> Server {
    let server = Server::start(engine, &listening(engine, Config::bare()));
    prepare(&server);
    let (user, port) = (user(&server), server.port().to_string());
    let mut client = Command::new(engine.client());
    match engine.family() {
        Family::MySql | Family::MariaDb => client
            .args(["--no-defaults", engine.without_tls(), "--protocol=TCP", "--host=localhost"])
            .args(["--port", &port, "--user", &user, "--password=a password", ODD])
            .args(["--batch", "--skip-column-names", "--execute=SELECT 7"]),
        Family::PostgreSql => client
            .args(["-h", "localhost", "-p", &port, "-U", &user, "-d", ODD, "-Atc", "SELECT 7"])
            .env("PGPASSWORD", "a password"),
        Family::Redis => client
            .args(["-h", "localhost", "-p", &port, "--user", &user, "--pass", "a password"])
            .args(["-e", "EVAL", "return 7", "0"]),
    };
    // Whatever the locale here is, in which the clients take the name.
    let run = outcome(client.env("LC_ALL", "C.UTF-8"));
    assert_eq!(run.stdout, "7\n", "{}", run.stderr);
    server
}

/// The account, which may have to do without what its server knows no way to write.
pub fn user(server: &Server) -> String {
    match server.engine().family() {
        Family::Redis => ODD.replace(' ', "_"),
        _ => ODD.to_owned(),
    }
}

/// Makes the account and the database.
pub fn prepare(server: &Server) {
    let user = user(server);
    match server.engine().family() {
        Family::MySql | Family::MariaDb => {
            let quoted = user.replace('\\', "\\\\").replace('\'', "''");
            server.admin(&format!(
                "SET NAMES utf8mb4; CREATE DATABASE `{ODD}`; \
                 CREATE USER '{quoted}'@'%' IDENTIFIED BY 'a password'; \
                 GRANT ALL ON *.* TO '{quoted}'@'%'"
            ));
        }
        Family::PostgreSql => {
            let quoted = user.replace('"', "\"\"");
            server.admin(&format!("CREATE ROLE \"{quoted}\" LOGIN PASSWORD 'a password'"));
            server.admin(&format!("CREATE DATABASE \"{quoted}\""));
        }
        Family::Redis => {
            let mut client = Command::new(server.engine().client());
            client.arg("-e").arg("-s").arg(server.socket()).args(["ACL", "SETUSER", &user]);
            let made = outcome(client.args(["on", ">a password", "+@all", "~*"]));
            assert_eq!(made.stdout, "OK\n", "{}", made.stderr);
            server.admin("ACL SETUSER default -ping -eval"); // or who gives no account gets in
        }
    }
}

/// Has the server demand a certificate.
pub fn demand(server: &Server) {
    match server.engine().family() {
        Family::MySql | Family::MariaDb => {
            let quoted = user(server).replace('\\', "\\\\").replace('\'', "''");
            server.admin(&format!("SET NAMES utf8mb4; ALTER USER '{quoted}'@'%' REQUIRE X509"));
        }
        Family::PostgreSql => {
            let hba =
                "local all all trust\nhostssl all all all scram-sha-256 clientcert=verify-ca\n";
            server.put_file("pg_hba.conf", hba);
            server.reload().expect("reloaded");
        }
        Family::Redis => drop(server.admin("CONFIG SET tls-auth-clients yes")),
    }
}
