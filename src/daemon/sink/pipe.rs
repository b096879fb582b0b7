//! Standard output: each line is handed to the pipe at least once.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::daemon::stop::Stop;

/// Standard output, written so that a reader who has stopped reading cannot keep us from stopping.
#[derive(Default)]
pub(crate) struct Pipe {
    /// How much of the batch in hand was taken, so that a second try goes on where the first was stopped.
    taken: usize,
}

impl Pipe {
    /// Writes lines whole; what was taken of them before an error is not written again.
    pub(crate) fn write(&mut self, lines: &[u8], stop: &Stop) -> io::Result<()> {
        /// A pipe that polls as writable takes this many bytes without blocking.
        const CHUNK: usize = 4096;
        const LOOK_UP: Duration = Duration::from_millis(100);
        let stdout = io::stdout();
        while self.taken < lines.len() {
            if stop.grace_is_over() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let mut ready = [PollFd::new(&stdout, PollFlags::OUT)];
            let wait = Timespec { tv_sec: 0, tv_nsec: LOOK_UP.as_nanos() as i64 };
            match poll(&mut ready, Some(&wait)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(errno) => return Err(errno.into()),
            }
            let end = lines.len().min(self.taken + CHUNK);
            match rustix::io::write(stdout.as_fd(), &lines[self.taken..end]) {
                Ok(n) => self.taken += n,
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        self.taken = 0;
        Ok(())
    }
}
