//! Clients of SQL Server. Some were run against a peer made from the specification, the others
//! are from documentation.

use super::rules::{
    DOTNET, JAVA, NODE_TEXTS, NOTHING, ODBC_NAMES, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS,
    UNKNOWN_NAMES, way,
};
use super::{ClientBehavior, ClientConfiguration, ClientTrust, Rejection, TlsPolicy};
use crate::engine::Version;
use crate::snippet::clients::Evidence;

const fn documented(
    name: &'static str,
    since: Version,
    ways: &'static [ClientConfiguration],
    source: &'static str,
) -> ClientBehavior {
    ClientBehavior {
        name,
        since: Some(since),
        before: None,
        library: &OPENSSL,
        ways,
        texts: &[],
        proof: Evidence::Documentation,
        source,
    }
}

/// One that was run.
const fn seen(
    name: &'static str,
    since: Version,
    ways: &'static [ClientConfiguration],
    texts: &'static [&'static [(Rejection, &'static str)]],
    source: &'static str,
) -> ClientBehavior {
    ClientBehavior { texts, proof: Evidence::Peer, ..documented(name, since, ways, source) }
}

/// The ODBC driver's messages that do not depend on the CAs of its machine.
const ODBC_TEXTS: &[(Rejection, &str)] =
    &[(Rejection::NoTls, "Encryption not supported on SQL Server")];

/// The ODBC Driver 18 for SQL Server, by whatever it is called.
const ODBC: &[ClientConfiguration] = &[
    way("", TlsPolicy::Required, ClientTrust::Machine, ODBC_NAMES),
    way(
        "Encrypt=yes;TrustServerCertificate=yes",
        TlsPolicy::Required,
        ClientTrust::NoVerification,
        NOTHING,
    ),
    way(
        "Encrypt=yes;TrustServerCertificate=no",
        TlsPolicy::Required,
        ClientTrust::Machine,
        ODBC_NAMES,
    ),
];

const ODBC_18: Version = Version::new(18, 0);

pub(super) const CLIENTS: &[ClientBehavior] = &[
    documented(
        "sqlcmd",
        ODBC_18,
        &[
            way("", TlsPolicy::Required, ClientTrust::Machine, ODBC_NAMES),
            way("-N m -C", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
            way("-N m", TlsPolicy::Required, ClientTrust::Machine, ODBC_NAMES),
        ],
        "from documentation: Microsoft Learn, sqlcmd utility",
    ),
    ClientBehavior {
        library: &JAVA,
        ..documented(
            "mssql-jdbc",
            Version::new(10, 2),
            &[
                way("", TlsPolicy::Required, ClientTrust::Machine, UNKNOWN_NAMES),
                way(
                    "encrypt=true;trustServerCertificate=true",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    "encrypt=true;trustServerCertificate=false;trustStore=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    UNKNOWN_NAMES,
                ),
            ],
            "from documentation: Microsoft Learn, Connecting with encryption (JDBC)",
        )
    },
    seen(
        "pyodbc",
        ODBC_18,
        ODBC,
        &[ODBC_TEXTS],
        "seen: pyodbc 5.5 with the ODBC driver 18.6; Microsoft Learn, DSN and Connection String \
         Keywords (ODBC); the version is that of the ODBC driver",
    ),
    // whatever it is told, but "strict", it comes without TLS where the server has none
    seen(
        "tedious",
        Version::new(19, 0),
        &[
            way("", TlsPolicy::IfOffered, ClientTrust::Machine, OPENSSL_NAMES),
            way(
                "encrypt: true, trustServerCertificate: true",
                TlsPolicy::IfOffered,
                ClientTrust::NoVerification,
                NOTHING,
            ),
            way(
                "encrypt: true, cryptoCredentialsDetails: { ca: fs.readFileSync(\"FILE\") }",
                TlsPolicy::IfOffered,
                ClientTrust::File,
                OPENSSL_NAMES,
            ),
        ],
        &[NODE_TEXTS, OPENSSL_TEXTS],
        "seen: tedious 19.2 on Node 20; tediousjs.github.io, Connection",
    ),
    ClientBehavior {
        library: &DOTNET,
        ..documented(
            "sqlclient",
            Version::new(4, 0),
            &[
                way("", TlsPolicy::Required, ClientTrust::Machine, UNKNOWN_NAMES),
                way(
                    "Encrypt=Mandatory;TrustServerCertificate=true",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    "Encrypt=Mandatory;TrustServerCertificate=false",
                    TlsPolicy::Required,
                    ClientTrust::Machine,
                    UNKNOWN_NAMES,
                ),
            ],
            "from documentation: Microsoft Learn, SqlConnection.ConnectionString",
        )
    },
    seen(
        "odbc-mssql",
        ODBC_18,
        ODBC,
        &[ODBC_TEXTS],
        "seen: 18.6; Microsoft Learn, DSN and Connection String Keywords (ODBC)",
    ),
];
