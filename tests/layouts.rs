//! Pages in the manner of ten well-known layouts, and what must come of them.

mod measure;
mod ways;
