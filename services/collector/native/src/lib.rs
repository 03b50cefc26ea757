//! Reads the collector's usual body in one pass: the Python module `collector.plain_array`.

pub mod events;
mod json;
#[cfg(feature = "module")]
mod module;
