//! What the command line means: options, then the environment, then the configuration file, then defaults.

use std::ffi::{OsStr, OsString};
use std::num::{NonZeroU64, NonZeroUsize};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use disputed::daemon::{After, Config, SinkPath};
use disputed::story::Reach;
use disputed::{Error, Limits, Model, Result, nearest};
use serde::Deserialize;

/// One source of settings; what it does not say is left to the next.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Layer {
    pub(crate) inbox: Option<Vec<PathBuf>>,
    pub(crate) sink: Option<PathBuf>,
    pub(crate) state: Option<PathBuf>,
    pub(crate) done: Option<PathBuf>,
    pub(crate) failed: Option<PathBuf>,
    pub(crate) model: Option<PathBuf>,
    pub(crate) after: Option<AfterLine>,
    pub(crate) quiet: Option<f64>,
    pub(crate) linger: Option<f64>,
    pub(crate) batch: Option<usize>,
    pub(crate) rotate: Option<u64>,
    pub(crate) max_bytes: Option<u64>,
    pub(crate) stories: Option<usize>,
    pub(crate) story_days: Option<f64>,
    pub(crate) drop_repeats: Option<bool>,
    pub(crate) max_expanded: Option<NonZeroU64>,
    pub(crate) max_ratio: Option<NonZeroU64>,
    pub(crate) max_nesting: Option<usize>,
    pub(crate) max_items: Option<NonZeroUsize>,
    pub(crate) max_paragraphs: Option<NonZeroUsize>,
    pub(crate) max_words: Option<NonZeroUsize>,
    pub(crate) max_seconds: Option<f64>,
    pub(crate) no_text: Option<bool>,
    pub(crate) log: Option<String>,
    pub(crate) log_format: Option<LogFormat>,
}

/// What becomes of a file once its line is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AfterLine {
    /// It goes to done.
    Move,
    /// It is deleted.
    Delete,
    /// It stays where it is.
    Keep,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// All layers as one.
pub(crate) struct Settings {
    layer: Layer,
}

const PREFIX: &str = "DISPUTED_";

/// The variables that are settings, without their prefix.
const VARIABLES: [&str; 26] = [
    "CONFIG",
    "INBOX",
    "SINK",
    "STATE",
    "DONE",
    "FAILED",
    "MODEL",
    "AFTER",
    "QUIET",
    "LINGER",
    "BATCH",
    "ROTATE",
    "MAX_BYTES",
    "STORIES",
    "STORY_DAYS",
    "DROP_REPEATS",
    "MAX_EXPANDED",
    "MAX_RATIO",
    "MAX_NESTING",
    "MAX_ITEMS",
    "MAX_PARAGRAPHS",
    "MAX_WORDS",
    "MAX_SECONDS",
    "NO_TEXT",
    "LOG",
    "LOG_FORMAT",
];

impl Settings {
    /// Gathers the layers below what the options say; `config` is the configuration file that they name.
    ///
    /// # Errors
    /// An [`Error::Config`] that names the key, and where it stands, where one is unknown or its value is not understood.
    /// An [`Error::Io`] where the file cannot be read.
    pub(crate) fn gather(options: Layer, config: Option<&Path>) -> Result<Settings> {
        let environment = from_environment(std::env::vars_os())?;
        let config = config.map(Path::to_path_buf).or_else(|| std::env::var_os("DISPUTED_CONFIG").map(PathBuf::from));
        let file = config.as_deref().map(from_file).transpose()?.unwrap_or_default();
        // systemd separates several by colons; the first is ours.
        let state = std::env::var_os("STATE_DIRECTORY").and_then(|paths| split_paths(&paths).into_iter().next());
        let mut layer = options.or(environment).or(file);
        layer.state = layer.state.or(state);
        Ok(Settings { layer })
    }

    /// The daemon's configuration.
    pub(crate) fn daemon(&self, once: bool) -> Result<Config> {
        let layer = &self.layer;
        let after = match layer.after {
            None | Some(AfterLine::Move) => After::Move,
            Some(AfterLine::Delete) => After::Delete,
            Some(AfterLine::Keep) => After::Keep,
        };
        let sink = match &layer.sink {
            None => SinkPath::Stdout,
            Some(path) if path == Path::new("-") => SinkPath::Stdout,
            Some(path) => SinkPath::File(path.clone()),
        };
        let reach = Reach::default();
        let age = layer.story_days.map(|days| seconds("story-days", days * SECONDS_A_DAY)).transpose()?;
        let age = age.unwrap_or(reach.age);
        Ok(Config {
            inboxes: layer.inbox.clone().unwrap_or_default(),
            sink,
            state: layer.state.clone(),
            done: layer.done.clone(),
            failed: layer.failed.clone(),
            after,
            model: layer.model.clone(),
            quiet: seconds("quiet", layer.quiet.unwrap_or(2.0))?,
            linger: seconds("linger", layer.linger.unwrap_or(0.0))?,
            batch: layer.batch.unwrap_or(1 << 20),
            rotate: layer.rotate,
            limits: self.limits(),
            stories: Reach { articles: layer.stories.unwrap_or(reach.articles), age },
            drop_repeats: layer.drop_repeats.unwrap_or(false),
            longest: self.longest()?,
            text: self.text(),
            once,
            // The program that runs, even where another was installed in its place meanwhile.
            reader: Some(PathBuf::from("/proc/self/exe")),
        })
    }

    /// The model that was asked for.
    pub(crate) fn model(&self) -> Result<Model> {
        self.layer.model.as_deref().map_or_else(Model::shipped, Model::load)
    }

    /// What one input may cost.
    pub(crate) fn limits(&self) -> Limits {
        let (layer, mut limits) = (&self.layer, Limits::default());
        limits.bytes = layer.max_bytes.unwrap_or(limits.bytes);
        limits.expanded = layer.max_expanded.map_or(limits.expanded, NonZeroU64::get);
        limits.ratio = layer.max_ratio.map_or(limits.ratio, NonZeroU64::get);
        limits.nesting = layer.max_nesting.unwrap_or(limits.nesting);
        limits.items = layer.max_items.map_or(limits.items, NonZeroUsize::get);
        limits.paragraphs = layer.max_paragraphs.map_or(limits.paragraphs, NonZeroUsize::get);
        limits.words = layer.max_words.map_or(limits.words, NonZeroUsize::get);
        limits
    }

    /// How long one article may take.
    fn longest(&self) -> Result<Duration> {
        match seconds("max-seconds", self.layer.max_seconds.unwrap_or(30.0))? {
            Duration::ZERO => Err(Error::Config("max-seconds is 0; expected a number of seconds above 0".into())),
            longest => Ok(longest),
        }
    }

    /// Whether records carry texts.
    pub(crate) fn text(&self) -> bool {
        !self.layer.no_text.unwrap_or(false)
    }

    /// The filter of the logs.
    pub(crate) fn log(&self) -> &str {
        self.layer.log.as_deref().unwrap_or("info")
    }

    pub(crate) fn log_format(&self) -> LogFormat {
        self.layer.log_format.unwrap_or(LogFormat::Text)
    }
}

impl Layer {
    /// This layer, and the next one where this says nothing.
    fn or(self, next: Layer) -> Layer {
        Layer {
            inbox: self.inbox.or(next.inbox),
            sink: self.sink.or(next.sink),
            state: self.state.or(next.state),
            done: self.done.or(next.done),
            failed: self.failed.or(next.failed),
            model: self.model.or(next.model),
            after: self.after.or(next.after),
            quiet: self.quiet.or(next.quiet),
            linger: self.linger.or(next.linger),
            batch: self.batch.or(next.batch),
            rotate: self.rotate.or(next.rotate),
            max_bytes: self.max_bytes.or(next.max_bytes),
            stories: self.stories.or(next.stories),
            story_days: self.story_days.or(next.story_days),
            drop_repeats: self.drop_repeats.or(next.drop_repeats),
            max_expanded: self.max_expanded.or(next.max_expanded),
            max_ratio: self.max_ratio.or(next.max_ratio),
            max_nesting: self.max_nesting.or(next.max_nesting),
            max_items: self.max_items.or(next.max_items),
            max_paragraphs: self.max_paragraphs.or(next.max_paragraphs),
            max_words: self.max_words.or(next.max_words),
            max_seconds: self.max_seconds.or(next.max_seconds),
            no_text: self.no_text.or(next.no_text),
            log: self.log.or(next.log),
            log_format: self.log_format.or(next.log_format),
        }
    }
}

const SECONDS_A_DAY: f64 = 86_400.0;

fn seconds(key: &str, value: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(value)
        .map_err(|_| Error::Config(format!("{key} is {value:e}; expected a number of seconds from 0 to 1e19")))
}

fn from_file(path: &Path) -> Result<Layer> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read the configuration", path))?;
    toml::from_str(&text).map_err(|error| {
        let said = unknown_key(&error, &text).unwrap_or_else(|| error.to_string().trim_end().to_string());
        Error::Config(format!("{}: {said}", path.display()))
    })
}

/// What to say of a key that is none, and of the nearest that is one.
fn unknown_key(error: &toml::de::Error, text: &str) -> Option<String> {
    // serde names the key, and then those that it expected, all in backticks.
    let mut names = error.message().strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let key = names.next()?;
    let names: Vec<&str> = names.collect();
    let line = 1 + text.get(..error.span()?.start)?.matches('\n').count();
    let hint = match nearest(key, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of {}", names.join(", ")),
    };
    Some(format!("line {line}: unknown key `{key}`; {hint}"))
}

/// The variables that start with `DISPUTED_`: an unknown one is as wrong as an unknown key in the file, because a
/// setting that is silently without effect is found out too late.
fn from_environment(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Layer> {
    let mut layer = Layer::default();
    for (name, value) in variables {
        let Some(key) = name.as_bytes().strip_prefix(PREFIX.as_bytes()) else { continue };
        let name = name.to_string_lossy();
        let text = || value.to_string_lossy().into_owned();
        let path = || Some(PathBuf::from(&value));
        let wrong = |expected: &str| Error::Config(format!("{name} is {:?}; expected {expected}", text()));
        match key {
            b"CONFIG" => {}
            b"INBOX" => layer.inbox = Some(split_paths(&value)),
            b"SINK" => layer.sink = path(),
            b"STATE" => layer.state = path(),
            b"DONE" => layer.done = path(),
            b"FAILED" => layer.failed = path(),
            b"MODEL" => layer.model = path(),
            b"AFTER" => {
                let after = AfterLine::from_str(&text(), false).map_err(|_| wrong("move, delete or keep"))?;
                layer.after = Some(after);
            }
            b"LINGER" => layer.linger = Some(text().parse().map_err(|_| wrong("a number of seconds"))?),
            b"BATCH" => layer.batch = Some(text().parse().map_err(|_| wrong("a number of bytes"))?),
            b"ROTATE" => layer.rotate = Some(text().parse().map_err(|_| wrong("a number of bytes"))?),
            b"QUIET" => layer.quiet = Some(text().parse().map_err(|_| wrong("a number of seconds"))?),
            b"MAX_BYTES" => layer.max_bytes = Some(text().parse().map_err(|_| wrong("a number of bytes"))?),
            b"STORIES" => layer.stories = Some(text().parse().map_err(|_| wrong("a number of articles"))?),
            b"STORY_DAYS" => layer.story_days = Some(text().parse().map_err(|_| wrong("a number of days"))?),
            b"DROP_REPEATS" => layer.drop_repeats = Some(text().parse().map_err(|_| wrong("true or false"))?),
            b"MAX_EXPANDED" => layer.max_expanded = Some(text().parse().map_err(|_| wrong("a number, 1 or more"))?),
            b"MAX_RATIO" => layer.max_ratio = Some(text().parse().map_err(|_| wrong("a number, 1 or more"))?),
            b"MAX_NESTING" => layer.max_nesting = Some(text().parse().map_err(|_| wrong("a number, 0 or more"))?),
            b"MAX_ITEMS" => layer.max_items = Some(text().parse().map_err(|_| wrong("a number, 1 or more"))?),
            b"MAX_PARAGRAPHS" => layer.max_paragraphs = Some(text().parse().map_err(|_| wrong("a number, 1 or more"))?),
            b"MAX_WORDS" => layer.max_words = Some(text().parse().map_err(|_| wrong("a number, 1 or more"))?),
            b"MAX_SECONDS" => layer.max_seconds = Some(text().parse().map_err(|_| wrong("a number of seconds"))?),
            b"NO_TEXT" => layer.no_text = Some(text().parse().map_err(|_| wrong("true or false"))?),
            b"LOG" => layer.log = Some(text()),
            b"LOG_FORMAT" => {
                let format = LogFormat::from_str(&text(), false).map_err(|_| wrong("text or json"))?;
                layer.log_format = Some(format);
            }
            _ => {
                let near = nearest(&name[PREFIX.len()..], VARIABLES);
                let hint = near.map(|near| format!("did you mean {PREFIX}{near}?"));
                let hint = hint.unwrap_or_else(|| "see `disputed --help`".to_string());
                return Err(Error::Config(format!("{name} is no setting of disputed; {hint}")));
            }
        }
    }
    Ok(layer)
}

fn split_paths(value: &OsStr) -> Vec<PathBuf> {
    let parts = value.as_bytes().split(|&b| b == b':').filter(|part| !part.is_empty());
    parts.map(|part| PathBuf::from(OsString::from_vec(part.to_vec()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Result<Layer> {
        from_environment(variables.iter().map(|(k, v)| (OsString::from(k), OsString::from(v))))
    }

    #[test]
    fn the_environment_is_read_and_checked() {
        let layer = environment(&[("DISPUTED_INBOX", "/a:/b"), ("DISPUTED_QUIET", "0.5"), ("HOME", "/")]);
        let layer = layer.expect("all are settings");
        assert_eq!(layer.inbox, Some(vec![PathBuf::from("/a"), PathBuf::from("/b")]));
        assert_eq!(layer.quiet, Some(0.5));
        let error = environment(&[("DISPUTED_QUITE", "1")]).expect_err("no setting");
        assert_eq!(error.to_string(), "DISPUTED_QUITE is no setting of disputed; did you mean DISPUTED_QUIET?");
        let error = environment(&[("DISPUTED_COLOUR", "1")]).expect_err("no setting");
        assert_eq!(error.to_string(), "DISPUTED_COLOUR is no setting of disputed; see `disputed --help`");
        let error = environment(&[("DISPUTED_QUIET", "soon")]).expect_err("no number");
        assert_eq!(error.to_string(), "DISPUTED_QUIET is \"soon\"; expected a number of seconds");
    }

    #[test]
    fn every_variable_is_a_setting_and_every_key_of_the_file_a_variable() {
        for name in VARIABLES {
            let said =
                environment(&[(&format!("{PREFIX}{name}"), "?")]).map_or_else(|e| e.to_string(), |_| String::new());
            assert!(!said.contains("is no setting"), "{said}");
        }
        let error = toml::from_str::<Layer>("unknown = 1").expect_err("no key").to_string();
        let keys = error.split('`').skip(3).step_by(2).map(|key| key.to_uppercase().replace('-', "_"));
        let mut keys: Vec<String> = keys.chain(["CONFIG".to_string()]).collect();
        keys.sort();
        let mut variables = VARIABLES;
        variables.sort_unstable();
        assert_eq!(keys, variables);
    }

    #[test]
    fn the_first_layer_that_says_something_counts() {
        let first = Layer { quiet: Some(1.0), ..Layer::default() };
        let second = Layer { quiet: Some(2.0), max_bytes: Some(9), ..Layer::default() };
        let merged = first.or(second);
        assert_eq!((merged.quiet, merged.max_bytes, merged.no_text), (Some(1.0), Some(9), None));
    }
}
