//! The access log: one line per request on stderr. A separate thread writes it, so that no request
//! waits for the reader of the log. Lines beyond its capacity are dropped and counted.

use std::net::IpAddr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use http::StatusCode;
use http::header::USER_AGENT;
use http::request::Parts;
use serde::Serialize;

use super::clock;
use super::metrics::Counter;
use crate::error::Error;
use crate::output::Output;

/// The maximum number of lines that wait to be written.
const WAITING: usize = 8 * 1024;
/// The approximate number of bytes per write.
const AT_ONCE: usize = 64 * 1024;

/// The format of the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogForm {
    /// One line of text per request
    Text,
    /// One JSON document per request and line
    Json,
    /// No access log
    Off,
}

/// The sender of log lines to the writing thread.
pub(super) struct Log {
    form: LogForm,
    output: Output,
    lines: SyncSender<String>,
    /// Counts dropped lines.
    lost: Counter,
}

#[derive(Serialize)]
struct LogLine<'a> {
    time: String,
    peer: Option<IpAddr>,
    method: &'a str,
    path: &'a str,
    status: u16,
    micros: u128,
    user_agent: Option<&'a str>,
}

impl Log {
    /// Starts the writing thread. `lost` counts dropped lines.
    pub(super) fn start(form: LogForm, output: Output, lost: Counter) -> Self {
        let (lines, waiting) = sync_channel(WAITING);
        let counter = lost.clone();
        thread::spawn(move || write(&waiting, output, &counter));
        Log { form, output, lines, lost }
    }

    /// Prints why a request could not be answered, for the operator of the server.
    pub(super) fn failed(&self, error: &Error) {
        self.output.warning(&error.to_string());
    }

    /// Logs an answered request. Of the address, only the path is logged: the query may be
    /// confidential.
    pub(super) fn answered(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
        status: StatusCode,
        took: Duration,
    ) {
        if self.form == LogForm::Off {
            return;
        }
        let line = LogLine {
            time: clock::now().to_string(),
            peer,
            method: head.method.as_str(),
            path: head.uri.path(),
            status: status.as_u16(),
            micros: took.as_micros(),
            user_agent: head.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()),
        };
        let text = match self.form {
            LogForm::Json => serde_json::to_string(&line).unwrap_or_default() + "\n",
            _ => line.format_line(),
        };
        if self.lines.try_send(text).is_err() {
            self.lost.inc();
        }
    }
}

impl LogLine<'_> {
    fn format_line(&self) -> String {
        let LogLine { time, method, path, status, micros, .. } = self;
        let peer = self.peer.map_or_else(|| "-".to_owned(), |peer| peer.to_string());
        let agent = self.user_agent.unwrap_or("-").escape_debug();
        format!("{time} {peer} {method} {path} {status} {micros}us \"{agent}\"\n")
    }
}

fn write(waiting: &Receiver<String>, output: Output, lost: &Counter) {
    while let Ok(mut lines) = waiting.recv() {
        while lines.len() < AT_ONCE
            && let Ok(line) = waiting.try_recv()
        {
            lines.push_str(&line);
        }
        lost.inc_by(output.log(&lines));
    }
}
