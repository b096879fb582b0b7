//! Ten layouts in the manner of well-known sites and systems, with the names that these give their elements.

pub(crate) mod wordpress;
pub(crate) mod broadcaster;
pub(crate) mod broadsheet;
pub(crate) mod wire;
pub(crate) mod amp;
pub(crate) mod blogger;
pub(crate) mod drupal;
pub(crate) mod state;
pub(crate) mod tables;
pub(crate) mod app;
