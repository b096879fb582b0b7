//! What can go wrong: an [`Error`] stops the command, a [`Reject`] condemns one input and nothing else.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The result of everything that may stop the command.
pub type Result<T> = std::result::Result<T, Error>;

/// What stops us: each variant is a place, and its text says what happened, to which path, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be used.
    #[error("cannot {doing} {path}: {source}", path = path.display())]
    Io {
        /// The verb that failed, as in "cannot *open* …".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The settings contradict themselves or the machine they run on.
    #[error("{0}")]
    Config(String),
    /// The training data is not what `corpus/CODEBOOK.md` describes.
    #[error("{path}{line}: {message}", path = path.display(), line = line.map(|n| format!(":{n}")).unwrap_or_default())]
    Corpus {
        /// The file, or the whole folder.
        path: PathBuf,
        /// The line, counted from one, where one line is to blame.
        line: Option<usize>,
        /// What was found, and what was expected.
        message: String,
    },
    /// A model file that cannot be trusted.
    #[error("model {path} is refused: {message}", path = path.display())]
    Model {
        /// The model file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// An input given by name on the command line is not usable.
    #[error("{path}: {reject}", path = path.display())]
    Input {
        /// The input.
        path: PathBuf,
        /// Why it was refused.
        reject: Reject,
    },
    /// Nobody is there to be asked.
    #[error(
        "no disputed runs with the state folder {state}: start one, or name the folder with --state or --config",
        state = state.display()
    )]
    NotRunning {
        /// The state folder.
        state: PathBuf,
    },
    /// A daemon that can deliver nothing at the moment.
    #[error("the daemon is paused until this works: {why}")]
    Paused {
        /// What the system says, of which path.
        why: String,
    },
    /// A run that was to work all that is there could not see all of it.
    #[error("not every folder could be looked into; what was seen is worked, and the logs name the rest: run it again")]
    Unseen,
    /// An article takes longer than it may. The next run tries its file in a process of its own, and goes on.
    #[error(
        "{path} was in hand for longer than {seconds} seconds an article; start again, and it is tried in a process of its \
         own (max-seconds gives it longer)",
        path = path.display()
    )]
    Overlong {
        /// The file that it is in.
        path: PathBuf,
        /// How long one article may take.
        seconds: f64,
    },
    /// Something failed that cannot fail.
    #[error("the {0} failed unexpectedly; this is a bug of disputed: please report it with what the logs say")]
    Internal(&'static str),
}

impl Error {
    /// An [`Error::Io`], made to fit `map_err`: `File::open(path).map_err(Error::io("open", path))`.
    pub fn io(doing: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
        let path = path.as_ref().to_path_buf();
        move |source| Error::Io { doing, path, source }
    }
}

/// Why an input is refused, as a word that scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// No bytes, or nothing but white space.
    Empty,
    /// More bytes than the limit, or more elements than a page of that size has any use for.
    TooLarge,
    /// What is compressed in it expands to more bytes than the limit.
    Expanded,
    /// It expands to more times its own size than the limit: a compression bomb, or a text that says nothing.
    Ratio,
    /// More compressed files and archives within each other than the limit.
    Nesting,
    /// It can be read with a password only.
    Encrypted,
    /// Not text: it holds NUL bytes.
    Binary,
    /// HTML nested deeper than the limit, or with more text in its depths than an extractor gets through.
    TooDeep,
    /// A page without an article in it.
    NoText,
    /// It breaks the rules of the format that it is in.
    Malformed,
    /// Its publisher does not release it: it is withheld, canceled, or embargoed still, or nobody can tell until when.
    Withheld,
    /// More articles in one file than the limit.
    TooMany,
    /// More paragraphs in one article than the limit.
    TooManyParagraphs,
    /// More words in one paragraph than the limit.
    TooManyWords,
    /// Several articles where one was asked for.
    Several,
    /// A parser panicked on it.
    ParserPanic,
    /// It cannot be read, and waiting did not help.
    Unreadable,
    /// An article took longer to read and label than it may.
    TooSlow,
    /// The process that read it died, and died again when it was tried in a process of its own.
    KilledReader,
}

impl Code {
    /// Every code.
    pub const ALL: &[Code] = &[
        Code::Empty,
        Code::TooLarge,
        Code::Expanded,
        Code::Ratio,
        Code::Nesting,
        Code::Encrypted,
        Code::Binary,
        Code::TooDeep,
        Code::NoText,
        Code::Malformed,
        Code::Withheld,
        Code::TooMany,
        Code::TooManyParagraphs,
        Code::TooManyWords,
        Code::Several,
        Code::ParserPanic,
        Code::Unreadable,
        Code::TooSlow,
        Code::KilledReader,
    ];

    /// The code that is written like this.
    pub(crate) fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == text)
    }

    /// The code as it stands in reason files and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Empty => "empty",
            Code::TooLarge => "too-large",
            Code::Expanded => "expanded",
            Code::Ratio => "ratio",
            Code::Nesting => "nesting",
            Code::Encrypted => "encrypted",
            Code::Binary => "binary",
            Code::TooDeep => "too-deep",
            Code::NoText => "no-text",
            Code::Malformed => "malformed",
            Code::Withheld => "withheld",
            Code::TooMany => "too-many",
            Code::TooManyParagraphs => "too-many-paragraphs",
            Code::TooManyWords => "too-many-words",
            Code::Several => "several",
            Code::ParserPanic => "parser-panic",
            Code::Unreadable => "unreadable",
            Code::TooSlow => "too-slow",
            Code::KilledReader => "killed-reader",
        }
    }

    /// What a person can do about it.
    pub fn next_step(self) -> &'static str {
        match self {
            Code::Empty => "send the article again; this copy holds no text",
            Code::TooLarge => {
                "split the file, save the page as plain text, or raise max-bytes (max-expanded for a mailbox, a web archive or JSON lines)"
            }
            Code::Expanded => "split the file into smaller ones, or raise max-expanded",
            Code::Ratio => {
                "do not open the file where memory or disk is short; if it is what it should be, send it unpacked, or raise max-ratio"
            }
            Code::Nesting => "unpack the file once before it is sent, or raise max-nesting",
            Code::Encrypted => "unpack it with its password, and send what was in it",
            Code::Binary => "send text or HTML; other formats must be converted first",
            Code::TooDeep => "save the page as text, or extract its article with another tool",
            Code::NoText => "save the article itself rather than the page around it",
            Code::Malformed => "have its producer write it by the rules of its format",
            Code::Withheld => "send it again when its publisher has released it",
            Code::TooMany => "split the file into smaller ones, or raise max-items",
            Code::TooManyParagraphs => "send the articles in it one by one, or raise max-paragraphs",
            Code::TooManyWords => "put a blank line between its paragraphs, or raise max-words",
            Code::Several => "name one article to a file",
            Code::ParserPanic => "report the file as a bug of disputed, and save the article as plain text meanwhile",
            Code::Unreadable => "let the daemon's user read the file (chmod g+r), then `disputed retry`",
            Code::TooSlow => {
                "report the file as a bug of disputed, save the article as plain text, or raise max-seconds"
            }
            Code::KilledReader => "report the file as a bug of disputed, and save the article as plain text meanwhile",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One input is refused: the others go on.
///
/// ```
/// use disputed::{Code, Reject};
/// let reject = Reject::new(Code::Empty, "the file holds no bytes");
/// assert_eq!(reject.to_string(), "the file holds no bytes (empty)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The stable word for it.
    pub code: Code,
    /// What was found, for a person.
    pub message: String,
}

impl Reject {
    /// A refusal with its reason.
    pub fn new(code: Code, message: impl Into<String>) -> Reject {
        Reject { code, message: message.into() }
    }

    /// The same, of one of the articles of a file: the first is 0. A file of one article is all that it holds.
    pub fn of_item(self, item: u32) -> Reject {
        Reject { message: format!("article {item}: {}", self.message), ..self }
    }

    /// The refusal at the end of what a program said, in the form of its [`Display`](fmt::Display).
    pub(crate) fn parse(said: &str) -> Option<Reject> {
        let (message, code) = said.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
        Some(Reject::new(Code::parse(code)?, message))
    }

    /// A refusal of a file of so many bytes.
    pub(crate) fn too_large(bytes: u64, limit: u64) -> Reject {
        Reject::new(Code::TooLarge, format!("the file holds {bytes} bytes; the limit is {limit}"))
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Reject {}
