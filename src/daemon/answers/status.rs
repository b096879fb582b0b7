//! How a running daemon fares.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::daemon::drift::Drift;

/// What a running daemon says of itself. `seen` is always `done + failed + vanished + pending + held` and the sum of
/// `ignored`.
///
/// ```
/// use disputed::daemon::Status;
/// let json = r#"{"pid":7,"since":"2026-11-22T01:00:00.000Z","model":"disputes-en@acd50c9dc920","mode":"inotify",
///     "polling":null,"seen":5,"done":3,"failed":1,"vanished":0,"pending":0,"ignored":{"*.part":1},
///     "oldest_pending_seconds":null,"overflows":0,"reloads":0,
///     "drift":{"articles":141,"paragraphs":2204,"untold":null,"retrain":true,"over":["labels"],
///         "shift":{"labels":0.3107,"unknown":0.0542,"scores":0.1219,"lengths":0.0833}},"paused":null}"#;
/// let status: Status = serde_json::from_str(json)?;
/// assert_eq!(status.seen, status.done + status.failed + status.ignored["*.part"]);
/// assert!(status.drift.retrain && status.drift.shift.is_some_and(|shift| shift.labels > 0.25));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The process.
    pub pid: u32,
    /// When it was ready, in UTC.
    pub since: String,
    /// The model in force.
    pub model: String,
    /// How it finds inputs.
    pub mode: Mode,
    /// Why it polls, where it does.
    pub polling: Option<String>,
    /// Versions of files that were met, those that are ignored now among them. A version that is read again counts anew.
    pub seen: u64,
    /// Those whose line is durable.
    pub done: u64,
    /// Those that were refused.
    pub failed: u64,
    /// Those that their producer took away before they were worked.
    pub vanished: u64,
    /// Those that are not dealt with.
    pub pending: u64,
    /// Those that are under embargo, in whole or in part.
    #[serde(default)]
    pub held: u64,
    /// What the last look at everything left alone, by rule.
    pub ignored: BTreeMap<String, u64>,
    /// For how long the oldest of those that are not dealt with has been known.
    pub oldest_pending_seconds: Option<f64>,
    /// How often the kernel lost events, after which everything was looked at.
    pub overflows: u64,
    /// How often a new configuration or model was put into force.
    pub reloads: u64,
    /// How far what came in of late is from what the model was trained on.
    pub drift: Drift,
    /// Why nothing can be delivered, where that is so.
    pub paused: Option<Paused>,
}

/// How a daemon finds inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// By the kernel's events, and a look at everything once a minute.
    Inotify,
    /// By a look at everything once a second.
    Polling,
    /// By one look: it ends when it has worked what it found.
    Once,
}

/// Why nothing can be delivered: it is tried again every second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// What the system says, of which path.
    pub why: String,
    /// In UTC.
    pub since: String,
}
