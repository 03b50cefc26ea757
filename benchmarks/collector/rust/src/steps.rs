//! What inflating and validating take of the processor, without a server.
use std::hint::black_box;
use std::time::Instant;

use crate::check::{Way, check, inflate, raw, value};

/// ns a body, the least of `rounds` rounds: what disturbs only ever adds.
pub fn ns_a_body(body: &[u8], step: &str, rounds: u32, bodies: u32) -> Result<f64, String> {
    let text = inflate(body)?;
    let once = || -> Result<(), String> {
        match step {
            "inflate" => drop(black_box(inflate(black_box(body))?)),
            "parse raw" => drop(black_box(raw(black_box(&text))?)),
            "parse value" => drop(black_box(value(black_box(&text))?)),
            "raw" => drop(black_box(check(black_box(body), Way::Raw)?)),
            "value" => drop(black_box(check(black_box(body), Way::Value)?)),
            _ => return Err(format!("no such step: {step}")),
        }
        Ok(())
    };
    let mut least = f64::INFINITY;
    for _ in 0..rounds {
        let began = Instant::now();
        for _ in 0..bodies {
            once()?;
        }
        least = least.min(began.elapsed().as_nanos() as f64 / f64::from(bodies));
    }
    Ok(least)
}
