//! Clients of SQL Server. None was run: all are from documentation.

use super::rules::{DOTNET, JAVA, NOTHING, ODBC_NAMES, OPENSSL, OPENSSL_NAMES, UNKNOWN_NAMES, way};
use super::{ClientBehavior, ClientConfiguration, ClientTrust, TlsPolicy};
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
                TlsPolicy::Required,
                ClientTrust::NoVerification,
                NOTHING,
            ),
            way(
                "encrypt: true, cryptoCredentialsDetails: { ca: fs.readFileSync(\"FILE\") }",
                TlsPolicy::Required,
                ClientTrust::File,
                OPENSSL_NAMES,
            ),
        ],
        "from documentation: tediousjs.github.io, Connection; Node Documentation, tls.connect",
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
    documented(
        "odbc-mssql",
        ODBC_18,
        ODBC,
        "from documentation: Microsoft Learn, DSN and Connection String Keywords (ODBC)",
    ),
];
