//! PostgreSQL: writes files and makes the server reload them. pg_reload_conf() returns `t` even if
//! the reload fails; views of the server report errors in the files, and a handshake proves the
//! rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::adapter::{
    self, DesiredSetting, EngineAdapter, ServerInfo, ServerState, unexpected_answer,
};
use super::change::{Draft, FileChange, Phase};
use super::hba;
use super::link::{AdminConnection, patiently};
use super::managed::{self, BlockPosition};
use super::replicas::{Replica, ReplicaTls};
use crate::db_client::session::AdminSession;
use crate::engine::Engine;
use crate::engine::quote;
use crate::engine::reload::ReloadFacts;
use crate::engine::settings::ServerMode;
use crate::error::{Code, Error, Result};
use crate::files;

/// The query for the time of the last reload, which changes with each reload.
const LOADED: &str = "SELECT pg_conf_load_time()";

/// Installs on PostgreSQL.
pub(super) struct PostgresqlAdapter;

impl EngineAdapter for PostgresqlAdapter {
    fn query_server(
        &self,
        session: &mut AdminSession,
        _engine: Engine,
        _facts: &ReloadFacts,
    ) -> Result<ServerInfo> {
        let mut show = |name: &str| query_value(session, &format!("SHOW {name}"));
        Ok(ServerInfo {
            version: adapter::version(&show("server_version")?)?,
            port: adapter::port(&show("port")?)?,
            tls_port: None,
            data: PathBuf::from(show("data_directory")?),
            main: Some(PathBuf::from(show("config_file")?)),
            hba: Some(PathBuf::from(show("hba_file")?)),
            program: None,
        })
    }

    fn values(
        &self,
        session: &mut AdminSession,
        settings: &[DesiredSetting],
    ) -> Result<BTreeMap<&'static str, String>> {
        let show = |(name, _): &DesiredSetting| {
            Ok((*name, query_value(session, &format!("SHOW {name}"))?))
        };
        settings.iter().map(show).collect()
    }

    fn drafts(
        &self,
        on: &ServerState,
        texts: Vec<String>,
        config: Option<&Path>,
    ) -> Result<Vec<Draft>> {
        let (Some(main), Some(hba)) = (&on.seen.main, &on.seen.hba) else {
            return Err(unexpected_answer("its configuration files"));
        };
        let [settings, rules] =
            <[String; 2]>::try_from(texts).map_err(|_| unexpected_answer("its files"))?;
        let mut drafts = Vec::new();
        let main_text = files::read_config(main)?.unwrap_or_default();
        let folder = included_folder(main, &main_text);
        // A file that an earlier run included stays where it is.
        let name = main.display().to_string();
        let has_block = managed::without_block(&name, &main_text)? != main_text;
        let path = match (config, &folder) {
            (Some(path), _) => PathBuf::from(super::directory(path)?),
            (None, Some(folder)) if !has_block => folder.join(NAME),
            (None, _) => main.with_file_name(NAME),
        };
        let is_read = !has_block && path.parent() == folder.as_deref();
        drafts.push(Draft {
            spot: BlockPosition::Whole,
            text: settings,
            phase: Phase::Settings,
            path: path.clone(),
        });
        if !is_read {
            let line = format!(
                "include_if_exists = {}",
                quote::postgresql_setting(&path.display().to_string())
            );
            let (path, spot, phase) = (main.clone(), BlockPosition::End, Phase::Settings);
            drafts.push(Draft { path, spot, text: line, phase });
        }
        let mut text = rules;
        if on.mode == ServerMode::VerifyCa {
            let name = hba.display().to_string();
            let theirs = files::read_config(hba)?.unwrap_or_default();
            let theirs = managed::without_block(&name, &theirs)?;
            text = certificates(&text, &hba::with_certificates(&name, &theirs)?);
        }
        drafts.push(Draft {
            path: hba.clone(),
            spot: BlockPosition::Top,
            text,
            phase: Phase::Demand,
        });
        Ok(drafts)
    }

    fn check(
        &self,
        session: &mut AdminSession,
        on: &ServerState,
        changes: &[FileChange],
    ) -> Result<Option<String>> {
        let file = changes.first().map(FileChange::name).unwrap_or_default();
        self.check_files(session, on)?;
        check_versions(session, on)?;
        let ours = format!("sourcefile = {}", literal(&file));
        let wrong = session.sql(&format!(
            "SELECT sourceline, name, error FROM pg_file_settings \
             WHERE error IS NOT NULL AND ({ours} OR name IS NULL)"
        ))?;
        if let Some(row) = wrong.first() {
            let message = format!("the server finds in its configuration: {}", joined_columns(row));
            return Err(Error::failed(Code::ConfigInvalid, message)
                .hint("ask it: SELECT * FROM pg_file_settings WHERE error IS NOT NULL"));
        }
        let names: Vec<String> = on.settings.iter().map(|(name, _)| literal(name)).collect();
        let same = on
            .settings
            .iter()
            .map(|(name, value)| format!("({}, {})", literal(name), literal(value)));
        let (names, same) = (names.join(", "), same.collect::<Vec<_>>().join(", "));
        let stronger = session.sql(&format!(
            "SELECT name, sourcefile, sourceline FROM pg_file_settings \
             WHERE name IN ({names}) AND applied AND NOT {ours} AND (name, setting) NOT IN ({same}) \
             UNION ALL SELECT name, source, NULL FROM pg_settings \
             WHERE source IN ('command line', 'environment variable') AND name IN ({names}) \
             AND (name, setting) NOT IN ({same})"
        ))?;
        if let Some(row) = stronger.first() {
            let message = format!("something wins over {file}: {}", joined_columns(row));
            return Err(Error::failed(Code::ConfigOverridden, message)
                .hint("in postgresql.auto.conf: ALTER SYSTEM RESET NAME; elsewhere: take it out"));
        }
        let read = session.sql(&format!("SELECT 1 FROM pg_file_settings WHERE {ours} LIMIT 1"))?;
        if read.is_empty() {
            return Err(Error::failed(
                Code::ConfigNotRead,
                format!("the server does not read {file}"),
            )
            .hint("name a file that is included: --config FILE"));
        }
        Ok(None)
    }

    /// Reads pg_stat_replication and pg_stat_ssl. A server with `ssl_ca_file` asks clients for
    /// certificates. The columns are null for a socket, and for users without the
    /// privilege to see them; then `state` is null too.
    fn replicas(&self, session: &mut AdminSession, on: &ServerState) -> Result<Vec<Replica>> {
        let before = |name| on.values.get(name).map(String::as_str).unwrap_or_default();
        let has_tls = before("ssl") == "on";
        let asks = has_tls && !before("ssl_ca_file").is_empty();
        let rows = session.sql(
            "SELECT format('%s of user %s at %s', coalesce(r.application_name, '?'), \
             coalesce(r.usename, '?'), coalesce(host(r.client_addr), '?')), \
             coalesce(s.ssl, false)::text, (s.client_dn IS NOT NULL)::text, \
             (r.state IS NOT NULL)::text \
             FROM pg_stat_replication r LEFT JOIN pg_stat_ssl s USING (pid) \
             WHERE r.client_addr IS NOT NULL OR r.state IS NULL",
        )?;
        let replica = |row: Vec<Option<String>>| {
            let [Some(name), Some(tls), Some(certificate), Some(is_visible)] = row.as_slice()
            else {
                return Err(unexpected_answer("its replicas"));
            };
            let seen = |value: &str, offered| {
                ReplicaTls::seen(value == "true", offered && is_visible == "true")
            };
            Ok(Replica {
                name: name.clone(),
                tls: seen(tls, has_tls),
                certificate: seen(certificate, asks),
            })
        };
        rows.into_iter().map(replica).collect()
    }

    fn statements(&self, on: &ServerState) -> Vec<String> {
        vec![on.facts.reload.to_owned()]
    }

    fn load(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()> {
        // A session keeps the settings that were loaded when it began: so ask in new sessions.
        let before = query_value(&mut link.fresh()?, LOADED)?;
        query_value(&mut link.session, on.facts.reload)?;
        patiently(link.limit, || match query_value(&mut link.fresh()?, LOADED)? {
            loaded if loaded != before => Ok(()),
            _ => Err(Error::failed(Code::NotReloaded, "the server does not read its files again")
                .hint("its log tells why")),
        })
    }

    fn demands(&self, on: &ServerState, changes: &[FileChange]) -> Vec<String> {
        let demand = changes.iter().filter(|one| one.phase == Phase::Demand && one.is_change());
        demand.map(|_| on.facts.reload.to_owned()).collect()
    }

    fn demand(
        &self,
        link: &mut AdminConnection,
        on: &ServerState,
        changes: &[FileChange],
    ) -> Result<()> {
        // For some invalid lines the server reports no error, only a null type. With an invalid
        // line, all old rules stay in force.
        let wrong = link.session.sql(
            "SELECT line_number, coalesce(error, 'the server does not take it') \
             FROM pg_hba_file_rules WHERE error IS NOT NULL OR type IS NULL LIMIT 1",
        )?;
        if let Some(row) = wrong.first() {
            let message = format!("the server finds in pg_hba.conf: line {}", joined_columns(row));
            return Err(Error::failed(Code::ConfigInvalid, message)
                .hint("ask it: SELECT * FROM pg_hba_file_rules; or see its log"));
        }
        if self.demands(on, changes).is_empty() { Ok(()) } else { self.load(link, on) }
    }

    fn restore(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()> {
        self.load(link, on)
    }

    fn hint(&self) -> &'static str {
        "PostgreSQL tells its log alone what it did not take: SSL configuration was not reloaded"
    }
}

impl PostgresqlAdapter {
    /// Checks that the server may read the new files. If it may not, it keeps the old files and
    /// reports no error. The query does not return their content.
    fn check_files(&self, session: &mut AdminSession, on: &ServerState) -> Result<()> {
        for name in ["ssl_ca_file", "ssl_cert_file", "ssl_key_file"] {
            let path = on.wanted(name);
            if !path.is_empty() {
                let path = literal(path);
                session.sql(&format!("SELECT length(pg_read_binary_file({path}, 0, 1))"))?;
            }
        }
        Ok(())
    }
}

/// Checks that the newest allowed TLS version is not below the oldest. With such settings a reload
/// changes nothing and reports no error, and the next start fails. The newest version is read from
/// the files or, if they do not set it, from the running server.
fn check_versions(session: &mut AdminSession, on: &ServerState) -> Result<()> {
    const NEWEST: &str = "ssl_max_protocol_version";
    let newest = query_value(
        session,
        &format!(
            "SELECT coalesce((SELECT setting FROM pg_file_settings WHERE name = '{NEWEST}' \
             AND error IS NULL ORDER BY seqno DESC LIMIT 1), current_setting('{NEWEST}'))"
        ),
    )?;
    let oldest = on.wanted("ssl_min_protocol_version");
    if newest.is_empty() || newest.to_ascii_lowercase() >= oldest.to_ascii_lowercase() {
        return Ok(());
    }
    let message = format!("{NEWEST} is {newest}, and the oldest version would be {oldest}");
    Err(Error::failed(Code::ConfigInvalid, message).hint(
        "with these the server would not start again: take it out, or give another --profile",
    ))
}

/// The name of the settings file; `zz` sorts it last in an included directory.
const NAME: &str = "zz-ccx-sec.conf";

/// The last directory that the text includes.
fn included_folder(main: &Path, text: &str) -> Option<PathBuf> {
    let mut named = text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("include_dir")?;
        let rest = rest.trim_start().trim_start_matches('=').trim_start();
        let name = rest.strip_prefix('\'')?.split('\'').next()?;
        Some(main.parent()?.join(name))
    });
    named.next_back()
}

/// Joins the rules that refuse clients without TLS and the rules that demand client certificates
/// (`asking`).
fn certificates(rules: &str, asking: &str) -> String {
    let kept = rules.lines().filter(|line| !line.starts_with("hostssl"));
    kept.chain(asking.lines()).map(|line| format!("{line}\n")).collect()
}

/// Returns the single value of the answer.
fn query_value(session: &mut AdminSession, statement: &str) -> Result<String> {
    let value = session.sql(statement)?.into_iter().flatten().next().flatten();
    value.ok_or_else(|| unexpected_answer(statement))
}

fn joined_columns(row: &[Option<String>]) -> String {
    row.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(": ")
}

/// Quotes `text` as an SQL string that is valid for both values of standard_conforming_strings.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
