//! Clients of SQL Server. None was run: all are from documentation.

use super::rules::{DOTNET, JAVA, NOTHING, ODBC_NAMES, OPENSSL, OPENSSL_NAMES, UNKNOWN_NAMES, way};
use super::{Client, Tls, Trust, Way};
use crate::engine::Version;
use crate::snippet::clients::Proof;

const fn documented(
    name: &'static str,
    since: Version,
    ways: &'static [Way],
    source: &'static str,
) -> Client {
    Client {
        name,
        since: Some(since),
        before: None,
        library: &OPENSSL,
        ways,
        texts: &[],
        proof: Proof::Documentation,
        source,
    }
}

/// The ODBC Driver 18 for SQL Server, by whatever it is called.
const ODBC: &[Way] = &[
    way("", Tls::Required, Trust::Machine, ODBC_NAMES),
    way("Encrypt=yes;TrustServerCertificate=yes", Tls::Required, Trust::Anybody, NOTHING),
    way("Encrypt=yes;TrustServerCertificate=no", Tls::Required, Trust::Machine, ODBC_NAMES),
];

const ODBC_18: Version = Version::new(18, 0);

pub(super) const CLIENTS: &[Client] = &[
    documented(
        "sqlcmd",
        ODBC_18,
        &[
            way("", Tls::Required, Trust::Machine, ODBC_NAMES),
            way("-N m -C", Tls::Required, Trust::Anybody, NOTHING),
            way("-N m", Tls::Required, Trust::Machine, ODBC_NAMES),
        ],
        "from documentation: Microsoft Learn, sqlcmd utility",
    ),
    Client {
        library: &JAVA,
        ..documented(
            "mssql-jdbc",
            Version::new(10, 2),
            &[
                way("", Tls::Required, Trust::Machine, UNKNOWN_NAMES),
                way(
                    "encrypt=true;trustServerCertificate=true",
                    Tls::Required,
                    Trust::Anybody,
                    NOTHING,
                ),
                way(
                    "encrypt=true;trustServerCertificate=false;trustStore=FILE",
                    Tls::Required,
                    Trust::File,
                    UNKNOWN_NAMES,
                ),
            ],
            "from documentation: Microsoft Learn, Connecting with encryption (JDBC)",
        )
    },
    documented(
        "pyodbc",
        ODBC_18,
        ODBC,
        "from documentation: Microsoft Learn, DSN and Connection String Keywords (ODBC); the \
         version is that of the ODBC driver",
    ),
    documented(
        "tedious",
        Version::new(9, 0),
        &[
            way(
                "encrypt: true, trustServerCertificate: true",
                Tls::Required,
                Trust::Anybody,
                NOTHING,
            ),
            way(
                "encrypt: true, cryptoCredentialsDetails: { ca: fs.readFileSync(\"FILE\") }",
                Tls::Required,
                Trust::File,
                OPENSSL_NAMES,
            ),
        ],
        "from documentation: tediousjs.github.io, Connection; Node Documentation, tls.connect",
    ),
    Client {
        library: &DOTNET,
        ..documented(
            "sqlclient",
            Version::new(4, 0),
            &[
                way("", Tls::Required, Trust::Machine, UNKNOWN_NAMES),
                way(
                    "Encrypt=Mandatory;TrustServerCertificate=true",
                    Tls::Required,
                    Trust::Anybody,
                    NOTHING,
                ),
                way(
                    "Encrypt=Mandatory;TrustServerCertificate=false",
                    Tls::Required,
                    Trust::Machine,
                    UNKNOWN_NAMES,
                ),
            ],
            "from documentation: Microsoft Learn, SqlConnection.ConnectionString",
        )
    },
    documented(
        "odbc-mssql",
        ODBC_18,
        ODBC,
        "from documentation: Microsoft Learn, DSN and Connection String Keywords (ODBC)",
    ),
];
