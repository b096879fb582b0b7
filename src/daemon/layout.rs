//! The folders of a daemon: refused where they lie in one another's way, made where they are missing, and locked.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::config::{After, Config, SinkPath};
use super::inbox::{Exits, Inbox, embargo_of};
use super::intake::ignored_by;
use super::lock::lock;
use super::paths::{is_gone, resolved, standing};
use crate::durable::{folder_of, sync_folder, write_synced};
use crate::error::{Error, Result};

/// Folders that stand, belong together, and are locked for us.
pub(crate) struct Layout {
    pub(crate) inboxes: Vec<Inbox>,
    pub(crate) state: PathBuf,
    /// Kept open: it holds the state folder's lock.
    pub(crate) state_lock: File,
}

impl Layout {
    /// Makes done/, failed/ and the state folder where they are missing, and locks what is ours alone.
    pub(crate) fn open(config: &Config) -> Result<Layout> {
        validate(config)?;
        let state = made(&config.state())?;
        let state_lock = File::open(&state).map_err(Error::io("open the state folder", &state))?;
        lock(&state_lock, &state)?;
        let mut inboxes = Vec::new();
        for inbox in &config.inboxes {
            let (done, failed) = (made(&config.done_of(inbox))?, made(&config.failed_of(inbox))?);
            let root = resolved(inbox);
            let exits = Exits::new(&root, config.after, done.clone(), failed.clone());
            if config.after == After::Keep {
                inboxes.push(Inbox::open(&root, exits)?);
                continue;
            }
            let embargo = made(&embargo_of(&root))?;
            inboxes.push(Inbox::open(&root, exits.with_embargo(embargo.clone()))?);
            let waiting = Inbox::open(&embargo, Exits::new(&embargo, config.after, done, failed))?;
            waiting.forget_stray_notes()?;
            inboxes.push(waiting);
        }
        Ok(Layout { inboxes, state, state_lock })
    }
}

/// Finds out by trying whether every folder can be written to, and leaves nothing behind. What is missing would be
/// made in the nearest folder that is there.
pub(crate) fn probe(config: &Config) -> Result<()> {
    validate(config)?;
    let mut folders = config.inboxes.clone();
    folders.extend(own_folders(config).into_iter().map(|own| own.path));
    if let SinkPath::File(sink) = &config.sink {
        folders.push(folder_of(sink).to_path_buf());
    }
    for folder in folders {
        let standing = standing(&folder);
        canary(standing).map_err(Error::io("write in the folder", standing))?;
    }
    Ok(())
}

fn made(folder: &Path) -> Result<PathBuf> {
    let standing = standing(folder).to_path_buf();
    std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    let (folder, standing) = (resolved(folder), resolved(&standing));
    // With a folder's name a power cut would take all that was moved into the folder. One that stands already may have
    // been made by a run that was killed before it could sync.
    for part in folder.ancestors().take_while(|part| part.starts_with(&standing)) {
        match sync_folder(folder_of(part)) {
            // Somebody else has made it, in a folder that we may pass through and not read.
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {}
            synced => synced?,
        }
    }
    Ok(folder)
}

fn canary(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".disputed-canary-{}", std::process::id()));
    let written = File::create_new(&path).and_then(|file| write_synced(file, b"canary\n"));
    let removed = if written.is_ok() { std::fs::remove_file(&path) } else { Ok(()) };
    written.and(removed)
}

/// A folder that is made where it is missing.
struct Own {
    what: &'static str,
    path: PathBuf,
    /// The option that names another.
    option: Option<&'static str>,
}

fn own_folders(config: &Config) -> Vec<Own> {
    let own = |what, path, option| Own { what, path, option };
    let mut folders = vec![own("the state folder", config.state(), Some("--state"))];
    for inbox in &config.inboxes {
        folders.push(own("the done folder", config.done_of(inbox), Some("--done")));
        folders.push(own("the failed folder", config.failed_of(inbox), Some("--failed")));
        if config.after != After::Keep {
            folders.push(own("the embargo folder", embargo_of(inbox), None));
        }
    }
    folders
}

/// What we write must never come back to us as an article, and no file may belong to two inboxes.
fn validate(config: &Config) -> Result<()> {
    let wrong = |message: String| Err(Error::Config(message));
    if config.inboxes.is_empty() {
        return wrong("no inbox: name the folder to watch with --inbox".into());
    }
    if let Some(inbox) = config.inboxes.iter().find(|inbox| !inbox.is_dir()) {
        return wrong(format!("the inbox {} is no folder: make it, or name another", inbox.display()));
    }
    own_folders(config).iter().try_for_each(validate_own)?;
    validate_sink(&config.sink)?;
    let inboxes: Vec<PathBuf> = config.inboxes.iter().map(|inbox| resolved(inbox)).collect();
    let state = resolved(&config.state());
    let mut files = Vec::new();
    if let SinkPath::File(sink) = &config.sink {
        files.push(("the sink", resolved(sink)));
    }
    files.extend(config.model.as_deref().map(|model| ("the model", resolved(model))));

    for (i, inbox) in inboxes.iter().enumerate() {
        for (what, path) in &files {
            outside(what, path, inbox)?;
        }
        outside("the state folder", &state, inbox)?;
        if inbox.starts_with(&state) {
            return wrong(format!("the inbox {} lies in the state folder", inbox.display()));
        }
        if config.after != After::Keep {
            let embargo = resolved(&embargo_of(inbox));
            for (what, path) in &files {
                outside(what, path, &embargo)?;
            }
            outside("the done folder", &resolved(&config.done_of(inbox)), &embargo)?;
            outside("the failed folder", &resolved(&config.failed_of(inbox)), &embargo)?;
        }
        for (j, other) in inboxes.iter().enumerate() {
            if i != j {
                outside("the inbox", other, inbox)?;
            }
            for (what, folder) in
                [("the done folder", config.done_of(other)), ("the failed folder", config.failed_of(other))]
            {
                let folder = resolved(&folder);
                // An inbox's own done/ and failed/ may lie in it; those of another would make one tree of two.
                if i != j {
                    outside(what, &folder, inbox)?;
                }
                if inbox.starts_with(&folder) {
                    return wrong(format!("the inbox {} lies in {what} {}", inbox.display(), folder.display()));
                }
            }
        }
    }
    Ok(())
}

/// Refuses a folder that cannot be made, because something else has its name or that of one above it. What cannot be
/// looked at is left to who makes it.
fn validate_own(own: &Own) -> Result<()> {
    for part in own.path.ancestors() {
        let stands = match std::fs::metadata(part) {
            Ok(metadata) if metadata.is_dir() => return Ok(()),
            Ok(_) => "no folder",
            Err(_) if part.is_symlink() => "a link that leads nowhere",
            Err(e) if is_gone(&e) => continue,
            Err(_) => return Ok(()),
        };
        let or = own.option.map(|option| format!(", or name another with {option}")).unwrap_or_default();
        return Err(Error::Config(format!(
            "{} {} cannot be made, because {} is {stands}: move that away{or}",
            own.what,
            own.path.display(),
            part.display()
        )));
    }
    Ok(())
}

fn validate_sink(sink: &SinkPath) -> Result<()> {
    let SinkPath::File(sink) = sink else { return Ok(()) };
    let path = sink.display();
    if sink.is_symlink() && !sink.exists() {
        return Err(Error::Config(format!(
            "the sink {path} is a link that leads nowhere: make its target, or name that"
        )));
    }
    if !folder_of(sink).is_dir() {
        return Err(Error::Config(format!("the folder of the sink {path} is not there: make it, or name another")));
    }
    Ok(())
}

fn outside(what: &str, path: &Path, inbox: &Path) -> Result<()> {
    let watched = path.strip_prefix(inbox).is_ok_and(|below| !below.iter().any(|part| ignored_by(part).is_some()));
    if !watched {
        return Ok(());
    }
    Err(Error::Config(format!(
        "{what} {} lies in the watched tree of the inbox {}: choose a place outside it",
        path.display(),
        inbox.display()
    )))
}
