//! The configuration and the model in force, and how others take their place between two articles.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::config::Config;
use super::drift::Window;
use super::inbox::Identity;
use crate::error::{Error, Result};
use crate::model::Model;

/// What an article is worked by. It is replaced whole, so that no article meets a part of the old and a part of the new.
pub(crate) struct Terms {
    pub(crate) config: Config,
    pub(crate) model: Model,
    /// What the model has labelled of late; it is kept while the model stays.
    pub(crate) window: Arc<Window>,
}

/// Where the terms in force are kept.
pub(crate) struct InForce {
    /// Gives the configuration as it stands now.
    configure: Box<Configure>,
    terms: RwLock<Arc<Terms>>,
    /// The version of the model's file that was looked at last.
    seen: Mutex<Option<Identity>>,
    reloads: AtomicU64,
}

/// Gives the configuration as it stands now.
pub(crate) type Configure = dyn Fn() -> Result<Config> + Send + Sync;

fn version(path: &Path) -> Option<Identity> {
    std::fs::metadata(path).ok().map(|m| Identity::from(&m))
}

impl Terms {
    /// Loads the model that the configuration names, or the shipped one.
    pub(crate) fn load(config: Config) -> Result<Terms> {
        /// Far more than a model of any corpus has; what is larger would fill the memory before it is refused.
        const LARGEST: u64 = 1 << 30;
        if let Some(path) = &config.model
            && let Ok(metadata) = std::fs::metadata(path)
            && (!metadata.is_file() || metadata.len() > LARGEST)
        {
            // Opening a FIFO would wait for its writer, for ever.
            let message = "it is no regular file, or larger than 1 GiB".into();
            return Err(Error::Model { path: path.clone(), message });
        }
        let model = config.model.as_deref().map_or_else(Model::shipped, Model::load)?;
        let window = Arc::new(Window::new(&model));
        Ok(Terms { config, model, window })
    }
}

impl InForce {
    /// Puts the first configuration into force.
    pub(crate) fn start(config: Config, configure: Box<Configure>) -> Result<InForce> {
        // Before it is loaded: a version that comes in between is another one then.
        let seen = Mutex::new(config.model.as_deref().and_then(version));
        let terms = RwLock::new(Arc::new(Terms::load(config)?));
        Ok(InForce { configure, terms, seen, reloads: AtomicU64::new(0) })
    }

    /// The terms, whole: who holds them keeps them, whatever is loaded meanwhile.
    pub(crate) fn terms(&self) -> Arc<Terms> {
        Arc::clone(&self.terms.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How often others were put into force since the start.
    pub(crate) fn reloads(&self) -> u64 {
        self.reloads.load(Ordering::Relaxed)
    }

    /// Reads the configuration and the model again, and puts both into force if both are sound; else what is in force
    /// goes on.
    ///
    /// # Errors
    /// Why the new ones are refused.
    pub(crate) fn reload(&self) -> Result<()> {
        let next = (self.configure)().and_then(|config| self.terms().config.allow(&config).map(|()| config));
        self.replace(next)
    }

    /// As [`InForce::reload`], for the model alone, where its file is another than the one that was looked at last.
    pub(crate) fn reload_model_if_changed(&self) {
        let config = self.terms().config.clone();
        let Some(path) = config.model.as_deref() else { return };
        if *self.seen.lock().unwrap_or_else(PoisonError::into_inner) != version(path) {
            // A refusal has been logged, and nobody else waits for it.
            let _ = self.replace(Ok(config));
        }
    }

    fn replace(&self, next: Result<Config>) -> Result<()> {
        if let Ok(config) = &next {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = config.model.as_deref().and_then(version);
        }
        let before = self.terms();
        let serving = before.model.id();
        match next.and_then(Terms::load) {
            Ok(mut terms) => {
                if terms.model.id() == serving {
                    terms.window = Arc::clone(&before.window);
                } else {
                    tracing::info!(before = serving, now = terms.model.id(), "new model");
                }
                *self.terms.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(terms);
                self.reloads.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error @ Error::Model { .. }) => {
                tracing::error!(%error, serving, "the new model is refused; the old one goes on");
                Err(error)
            }
            Err(error) => {
                tracing::error!(%error, serving, "the new configuration is refused; the old one goes on");
                Err(error)
            }
        }
    }
}
