//! The facts about an engine's wire protocol on which a probe or a login depends, as data.

/// The wire protocol that clients speak with a server. The probe has one conversation for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireProtocol {
    /// MySQL's client/server protocol.
    Mysql,
    /// PostgreSQL's frontend/backend protocol 3.0.
    Postgresql,
    /// RESP, after TLS from the first byte.
    Redis,
    /// Tabular Data Stream.
    Tds,
}

/// A protocol in which ccx-sec can log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginProtocol {
    /// MySQL's client/server protocol.
    Mysql,
    /// PostgreSQL's frontend/backend protocol 3.0.
    Postgresql,
    /// RESP.
    Redis,
}

/// The rule that decides whether a client must use TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionRule {
    /// The account, which the server knows only after a login, and a setting of the server.
    Account,
    /// Rules for user, database and address, with others for replication (pg_hba.conf).
    HostRules,
    /// A setting of the server, for all clients.
    Server,
    /// The port: one is only for TLS, another only for plaintext.
    Port,
}

/// How a server that requires TLS refuses a client without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaintextRefusal {
    /// With an error of its protocol. The probe retries if the connection is closed without one.
    Error,
    /// With an error of its protocol; in the mode with TLS from the first byte (`direct`), by
    /// hanging up. A proxy that hangs up cannot be distinguished from such a server.
    ErrorUnlessDirect,
    /// By hanging up. The server answers a broken TLS record with an alert; a proxy that hangs up
    /// sends none.
    HangUp,
}

/// The ports of a server besides the one for clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FurtherPorts {
    /// No further port accepts clients.
    None,
    /// A port for plaintext clients.
    Plaintext,
    /// Ports for administrators and replication. Their numbers are in variables of the server.
    Variables {
        /// The names of these ports, for the message that they were not probed.
        ports: &'static str,
    },
}

/// The conditions under which plaintext counts as refused: a row of the table in the manual page.
#[derive(Debug, PartialEq, Eq)]
pub struct PassRule {
    /// The engines of the rule.
    pub engines: &'static str,
    /// The answer of the server, or of a pool or proxy in front of it, to such a client.
    pub refused_by: &'static str,
    /// A further observation that rules out a failure or a proxy's refusal.
    pub control: &'static str,
    /// The clients that the verdict holds for.
    pub holds_for: &'static str,
}

/// The behavior of an engine's servers towards clients.
#[derive(Debug)]
pub struct ProtocolFacts {
    /// The wire protocol.
    pub wire: WireProtocol,
    /// The protocol of a login; `None` where ccx-sec does not log in.
    pub login: Option<LoginProtocol>,
    /// The file name of the Unix socket, for engines whose users give the socket's directory.
    pub socket_name: Option<&'static str>,
    /// Whether TLS always begins with the first byte.
    pub starts_with_tls: bool,
    /// Whether a plaintext port ignores a TLS client instead of hanging up. The probe then connects
    /// in plaintext first, which avoids a timeout.
    pub plaintext_port_ignores_tls: bool,
    /// The name that clients send by ALPN (RFC 7301) in the mode with TLS from the first byte
    /// (`direct`); `None` if the engine has no such mode.
    pub direct_alpn: Option<&'static [u8]>,
    /// The rule that decides whether a client must use TLS.
    pub admission: AdmissionRule,
    /// How the server refuses a client without TLS.
    pub refusal: PlaintextRefusal,
    /// Whether the server counts incomplete handshakes by client host, and blocks the host after
    /// too many.
    pub counts_connect_errors: bool,
    /// The condition under which an account can log in without TLS at a server that accepts
    /// plaintext clients; `None` if there is none.
    pub plaintext_condition: Option<&'static str>,
    /// Whether the default authentication lets the server prove that it knows the password.
    pub proves_password: bool,
    /// Other ports.
    pub further_ports: FurtherPorts,
    /// The rows of the manual's table.
    pub pass_rules: &'static [PassRule],
}

impl ProtocolFacts {
    /// The ALPN name to send; `None` unless `direct`, the mode with TLS from the first byte.
    #[must_use]
    pub fn alpn(&self, direct: bool) -> Option<&'static [u8]> {
        self.direct_alpn.filter(|_| direct)
    }
}
