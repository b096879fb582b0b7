//! The socket in the state folder: one question a connection, one line of JSON as the answer.

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::status::Status;
use crate::daemon::config::Config;
use crate::daemon::paths::resolved;
use crate::error::{Error, Result};

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// How it fares: a [`Status`].
    Status,
    /// To put the configuration and the model into force as they are now: a [`Reloaded`].
    Reload,
}

/// A question with the place for its answer: a line.
pub(crate) type Asked = (Question, oneshot::Sender<Vec<u8>>);

/// How a reload ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reloaded {
    pub(crate) model: String,
    /// Why the new configuration or model was refused, where it was.
    pub(crate) refused: Option<String>,
}

/// The open socket; it is removed with this.
pub(crate) struct Door {
    path: PathBuf,
}

/// How long either side waits for the other: a reload reads a model and waits for the disk.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nobody is let in after somebody could not be.
const BREATH: Duration = Duration::from_millis(100);

impl Door {
    /// Opens the socket and hands on what is asked. The state folder's lock is ours, so a socket that stands there is
    /// what a crash left.
    pub(crate) fn open(state: &Path, to_us: mpsc::Sender<Asked>) -> Result<Door> {
        let path = socket_in(state);
        let bound = match std::fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => by_short_path(state, |path| UnixListener::bind(path)),
        };
        let listener = bound.map_err(Error::io("open the socket", &path))?;
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    // Nobody waits for it any more, or there are too many: some will end.
                    tokio::time::sleep(BREATH).await;
                    continue;
                };
                let to_us = to_us.clone();
                tokio::spawn(async move { drop(timeout(PATIENCE, answer(stream, to_us)).await) });
            }
        });
        Ok(Door { path })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // What stays is removed by the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn answer(mut stream: tokio::net::UnixStream, to_us: mpsc::Sender<Asked>) -> io::Result<()> {
    let mut question = String::new();
    BufReader::new((&mut stream).take(64)).read_line(&mut question).await?;
    let question = match question.trim_end() {
        "status" => Question::Status,
        "reload" => Question::Reload,
        _ => return Ok(()),
    };
    let (answer, answered) = oneshot::channel();
    if to_us.send((question, answer)).await.is_ok()
        && let Ok(answer) = answered.await
    {
        stream.write_all(&answer).await?;
    }
    Ok(())
}

/// Asks the daemon that runs with this configuration how it fares.
///
/// # Errors
/// [`Error::NotRunning`] where none runs with this state folder; [`Error::Io`] where it does not answer.
pub fn status(config: &Config) -> Result<Status> {
    ask(config, "status\n")
}

/// Has the daemon that runs with this configuration read its configuration and model anew, and open its sink anew;
/// returns when it has, with the model that is in force then.
///
/// # Errors
/// As of [`status()`], and [`Error::Config`] where the new ones are refused: the old ones go on.
pub fn reload(config: &Config) -> Result<String> {
    let Reloaded { model, refused } = ask(config, "reload\n")?;
    match refused {
        Some(why) => Err(Error::Config(format!("refused, and {model} goes on: {why}"))),
        None => Ok(model),
    }
}

fn ask<T: serde::de::DeserializeOwned>(config: &Config, question: &str) -> Result<T> {
    if config.state.is_none() {
        config.standing_inboxes()?;
    }
    let state = resolved(&config.state());
    let socket = socket_in(&state);
    let mut stream = match by_short_path(&state, |path| UnixStream::connect(path)) {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Err(Error::NotRunning { state });
        }
        stream => stream.map_err(Error::io("connect to", &socket))?,
    };
    let mut answer = Vec::new();
    let asked = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(question.as_bytes()))
        .and_then(|()| stream.read_to_end(&mut answer));
    asked.map_err(Error::io("ask the daemon at", &socket))?;
    serde_json::from_slice(&answer).map_err(|e| Error::io("understand the daemon at", &socket)(e.into()))
}

fn socket_in(state: &Path) -> PathBuf {
    state.join("socket")
}

/// A socket's path may have 107 bytes and no more; by the descriptor of its folder it is always shorter.
fn by_short_path<T>(state: &Path, open: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let folder = std::fs::File::open(state)?;
    open(&PathBuf::from(format!("/proc/self/fd/{}/socket", folder.as_raw_fd())))
}
