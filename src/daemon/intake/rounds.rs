//! The intake's own thread: it waits for mail and for the time of what waits, and looks.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::Intake;
use crate::daemon::clock::{moment, now};
use crate::daemon::delivery::Shared;
use crate::daemon::mailbox::{Mail, Mailbox};

/// How often everything is looked at again, whatever the events said.
const SCAN: Duration = Duration::from_secs(60);

/// The same, where there are no events.
const POLL: Duration = Duration::from_secs(1);

/// A run that ends when all is worked looks so often for what it cannot see.
const BLIND_SCANS: u32 = 6;

/// What the event loop is told by the intake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The model's file may be another one.
    Model,
    /// All that a run was started for is worked, as far as it could be seen.
    Worked,
}

/// Starts the intake, which ends with its mail, and gives itself back then: whether something stayed unseen, too.
pub(crate) fn start_intake(
    intake: Intake,
    shared: Arc<Shared>,
    mailbox: Arc<Mailbox>,
    notices: UnboundedSender<Notice>,
) -> io::Result<JoinHandle<(Intake, bool)>> {
    let once = shared.in_force.terms().config.once;
    let next_scan = moment();
    let rounds = Rounds { intake, shared, mailbox, notices, once, next_scan, scanned: false, blind_scans: 0 };
    std::thread::Builder::new().name("intake".into()).spawn(move || rounds.run())
}

struct Rounds {
    intake: Intake,
    shared: Arc<Shared>,
    mailbox: Arc<Mailbox>,
    notices: UnboundedSender<Notice>,
    once: bool,
    next_scan: Instant,
    /// Whether there was a scan that saw everything, or as much as could be seen in several.
    scanned: bool,
    blind_scans: u32,
}

impl Rounds {
    fn run(mut self) -> (Intake, bool) {
        loop {
            let until = self.until();
            let mail = self.mailbox.take(until);
            let is_last = mail.is_last;
            self.read(mail);
            if is_last {
                self.intake.look_back(now());
                return (self.intake, self.once && self.blind_scans >= BLIND_SCANS);
            }
            self.look();
        }
    }

    /// When to look, though there be no mail.
    fn until(&self) -> Option<Instant> {
        if self.intake.is_scanning() {
            return Some(moment());
        }
        let due = self.intake.next_due().map(|due| moment() + due.duration_since(now()).unwrap_or_default());
        let scan = (!(self.once && self.scanned)).then_some(self.next_scan);
        [due, scan].into_iter().flatten().min()
    }

    fn read(&mut self, mail: Mail) {
        let Mail { hints, lost_hints, fates, wakes_held, wishes, .. } = mail;
        // What has left makes room for what comes under the same name.
        self.intake.settle_fates(fates, now());
        if wakes_held {
            self.intake.wake_held(now());
        }
        wishes.into_iter().for_each(|wish| wish(&mut self.intake));
        if hints.is_empty() && !lost_hints {
            return;
        }
        let model = self.shared.in_force.terms().config.watched_model();
        if model.is_some_and(|model| hints.iter().any(|hint| hint.finished() == Some(&model))) {
            self.tell(Notice::Model);
        }
        self.intake.look_at(hints, lost_hints, now());
    }

    fn look(&mut self) {
        if self.intake.next_due().is_some_and(|due| due <= now()) {
            self.intake.look_at_due(now());
        }
        if self.intake.polling().is_some() {
            // Watches may have run out just now, and the next slow scan may be a minute away.
            self.next_scan = self.next_scan.min(moment() + POLL);
        }
        if self.next_scan <= moment() && !self.intake.is_scanning() && !(self.once && self.scanned) {
            self.intake.begin_scan();
        }
        if self.intake.scan_on(now()) {
            self.note_scan();
        }
        if self.once && self.scanned && self.intake.is_idle() {
            self.intake.look_back(now());
            if self.intake.is_idle() {
                self.tell(Notice::Worked);
            }
        }
    }

    /// A scan has ended.
    fn note_scan(&mut self) {
        let soon = self.intake.polling().is_some() || !self.intake.saw_all();
        self.next_scan = moment() + if soon { POLL } else { SCAN };
        if self.scanned {
            self.tell(Notice::Model);
        }
        self.blind_scans = if self.intake.saw_all() { 0 } else { self.blind_scans + 1 };
        // What could not be seen may be seen soon; who waits for the end of a run is told if not.
        self.scanned |= self.blind_scans == 0 || self.blind_scans >= BLIND_SCANS;
    }

    fn tell(&self, notice: Notice) {
        // The event loop has ended when nobody hears it, and then the mail ends as well.
        let _ = self.notices.send(notice);
    }
}
