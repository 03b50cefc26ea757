//! A collector as one would write it in Rust: what is compared with ours, and nothing that is not compared.
pub mod check;
pub mod envelope;
pub mod publish;
pub mod service;
pub mod steps;
