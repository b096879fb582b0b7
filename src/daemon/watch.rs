//! The kernel's file events, as hints: they shorten the wait and prove nothing. The one home of notify.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Config, Event, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};

use super::inbox::place;
use super::mailbox::Mailbox;

/// What may have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Something appeared under this path; its writer may still be at work.
    Created(PathBuf),
    /// Its writer closed it.
    Closed(PathBuf),
    /// It was renamed to this path.
    Renamed(PathBuf),
    /// Events were lost: only a scan tells what is there.
    Rescan,
}

impl Hint {
    /// Where it happened, where that is known.
    fn path(&self) -> Option<&Path> {
        match self {
            Hint::Created(path) | Hint::Closed(path) | Hint::Renamed(path) => Some(path),
            Hint::Rescan => None,
        }
    }

    /// What is whole now, if anything is.
    pub(crate) fn finished(&self) -> Option<&Path> {
        match self {
            Hint::Closed(path) | Hint::Renamed(path) => Some(path),
            Hint::Created(_) | Hint::Rescan => None,
        }
    }
}

/// Watches folders one by one. Folders below them are watched when a scan meets them, so that done/ and failed/ raise
/// no events and a tree that appears at once is walked after its watch stands, not before.
pub(crate) struct Watch {
    watcher: Option<RecommendedWatcher>,
    /// Why events are not enough, where they are not.
    polling: Option<String>,
    /// The device and inode that each path was watched as.
    places: HashMap<PathBuf, (u64, u64)>,
}

impl Watch {
    /// Starts to watch, and to hint at paths that somebody may want to look at. Where the system refuses, says so once and
    /// leaves the work to scans.
    pub(crate) fn start(mailbox: Arc<Mailbox>, matters: impl Fn(&Path) -> bool + Send + 'static) -> Watch {
        // Not our own opening and reading: it would make every file we read an event of its own. A rename to a name
        // takes two kinds: the kernel is asked for it by CREATE, and it is handed on by MODIFY_NAME.
        let kinds = EventKindMask::CREATE | EventKindMask::MODIFY_NAME | EventKindMask::ACCESS_CLOSE;
        let config = Config::default().with_event_kinds(kinds).with_follow_symlinks(false);
        let handler = move |event: notify::Result<Event>| {
            let hints = hints_of(event).into_iter();
            // This thread must not wait for the daemon, which waits for it when it watches another folder.
            hints.filter(|hint| hint.path().is_none_or(&matters)).for_each(|hint| mailbox.hint(hint));
        };
        match RecommendedWatcher::new(handler, config) {
            Ok(watcher) => Watch { watcher: Some(watcher), ..Watch::none() },
            Err(e) => {
                let mut watch = Watch::none();
                watch.give_up(&e);
                watch
            }
        }
    }

    /// No events at all: for a run that works what is there and ends.
    pub(crate) fn none() -> Watch {
        Watch { watcher: None, polling: None, places: HashMap::new() }
    }

    /// Watches one folder, without those below it.
    pub(crate) fn folder(&mut self, path: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        // Asked for a path that it knows, the watcher does nothing, even where another folder has that name now.
        let place = std::fs::metadata(path).ok().map(|m| place(&m));
        if self.places.get(path).copied() != place {
            // It does not know the path yet, or the folder went away and took its watch with it.
            let _ = watcher.unwatch(path);
            match place {
                Some(place) => self.places.insert(path.to_path_buf(), place),
                None => self.places.remove(path),
            };
        }
        match watcher.watch(path, RecursiveMode::NonRecursive) {
            Ok(()) => {}
            // It went away again; its parent's scan will not meet it.
            Err(e) if matches!(e.kind, notify::ErrorKind::PathNotFound) => {}
            // One folder that is closed to us: its scan says so, and the others have their events still.
            Err(e) if is_denied(&e) => {}
            Err(e) => self.give_up(&e),
        }
    }

    /// Why scans have to be frequent, where events do not come or do not tell everything.
    pub(crate) fn polling(&self) -> Option<&str> {
        self.polling.as_deref()
    }

    /// Notes that events do not tell everything about this folder.
    pub(crate) fn poll_too(&mut self, folder: &Path, kind: &str) {
        if self.watcher.is_some() && self.polling.is_none() {
            tracing::warn!(folder = %folder.display(), "it is on {kind}, which tells nothing of other machines; polling");
            self.polling = Some(format!("{} is on {kind}", folder.display()));
        }
    }

    fn give_up(&mut self, error: &notify::Error) {
        let why = match &error.kind {
            // What the system calls a lack of space is a lack of watches.
            notify::ErrorKind::MaxFilesWatch => "too few watches: raise fs.inotify.max_user_watches".to_string(),
            _ => format!("events do not work here: {error}"),
        };
        tracing::warn!("cannot watch for events ({why}); polling instead");
        self.watcher = None;
        self.polling = Some(why);
    }
}

fn is_denied(error: &notify::Error) -> bool {
    matches!(&error.kind, notify::ErrorKind::Io(e) if e.kind() == std::io::ErrorKind::PermissionDenied)
}

fn hints_of(event: notify::Result<Event>) -> Vec<Hint> {
    let event = match event {
        // The overflow event names no paths, so it has to be asked for first.
        Ok(event) if event.need_rescan() => return vec![Hint::Rescan],
        Ok(event) => event,
        Err(_) => return vec![Hint::Rescan],
    };
    let hint: fn(PathBuf) -> Hint = match event.kind {
        EventKind::Create(_) => Hint::Created,
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Hint::Closed,
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Hint::Renamed,
        _ => return Vec::new(),
    };
    event.paths.into_iter().map(hint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::Flag;

    #[test]
    fn an_overflow_has_no_path_and_asks_for_a_scan() {
        let event = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(hints_of(Ok(event)), [Hint::Rescan]);
    }

    #[test]
    fn a_close_and_a_rename_to_a_name_are_told_apart() {
        let hints_of = |kind| hints_of(Ok(Event::new(kind).add_path("/in/a.txt".into())));
        let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::To));
        assert_eq!(hints_of(renamed), [Hint::Renamed("/in/a.txt".into())]);
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        assert_eq!(hints_of(closed), [Hint::Closed("/in/a.txt".into())]);
    }
}
