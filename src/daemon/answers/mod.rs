//! What people ask: how a running daemon fares, what happened to a file, what a folder holds, and to try a file again.

mod door;
mod retry;
mod scan;
mod status;
mod sought;
mod trace;

pub use door::{reload, status};
pub use retry::retry;
pub use scan::{Standing, Verdict, scan};
pub use status::{Mode, Paused, Status};
pub use trace::{Failure, Line, Place, Trace, trace};

pub(crate) use door::{Asked, Door, Question, Reloaded};
