//! The envelope of schemas/envelope.py, so that the broker is given the same records.
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_bytes::Bytes;

use crate::check::Checked;

pub const CONNECTION: &str = "bench";

/// Who sends, from the query.
#[derive(Deserialize)]
pub struct Sender {
    pub key: String,
    pub visitor: String,
    pub window: String,
    pub seq: Option<u64>,
    pub sent_at: Option<i64>,
}

/// Fields in the order of the Python struct: msgpack has them as an array.
#[derive(Serialize)]
struct Batch<'a> {
    kind: &'a str,
    version: u8,
    tenant: &'a str,
    connection: &'a str,
    visitor: &'a str,
    window: &'a str,
    seq: Option<u64>,
    batch_id: &'a Bytes,
    received_at: i64,
    sent_at: Option<i64>,
    first_at: i64,
    last_at: i64,
    events: usize,
    raw_bytes: usize,
    full_snapshots_at: &'a [i64],
    meta_at: Option<i64>,
    href: Option<&'a str>,
    width: Option<i64>,
    height: Option<i64>,
    user_agent: &'a str,
    country: &'a str,
    gap_ms: u64,
    max_session_ms: u64,
    retention_days: u32,
    closes: bool,
    encoding: &'a str,
    payload: &'a Bytes,
}

pub fn batch_id(sender: &Sender) -> [u8; 16] {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&sender.seq.unwrap_or_default().to_be_bytes());
    let window = sender.window.as_bytes();
    let length = window.len().min(8);
    id[8..8 + length].copy_from_slice(&window[..length]);
    id
}

/// msgpack, with the body as the client compressed it wherever that is possible.
pub fn seal(sender: &Sender, checked: &Checked, body: &[u8], user_agent: &str) -> Result<Vec<u8>, String> {
    let received_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    let (encoding, payload) = match &checked.rewritten {
        Some(rewritten) => ("identity", rewritten.as_slice()),
        None => ("gzip", body),
    };
    let id = batch_id(sender);
    let batch = Batch {
        kind: "batch",
        version: 1,
        tenant: "bench",
        connection: CONNECTION,
        visitor: &sender.visitor,
        window: &sender.window,
        seq: sender.seq,
        batch_id: Bytes::new(&id),
        received_at,
        sent_at: sender.sent_at,
        first_at: checked.first_at,
        last_at: checked.last_at,
        events: checked.events,
        raw_bytes: checked.raw_bytes,
        full_snapshots_at: &checked.full_snapshots_at,
        meta_at: checked.meta_at,
        href: checked.href.as_deref(),
        width: checked.width,
        height: checked.height,
        user_agent,
        country: "",
        gap_ms: 1_800_000,
        max_session_ms: 86_400_000,
        retention_days: 30,
        closes: false,
        encoding,
        payload: Bytes::new(payload),
    };
    rmp_serde::to_vec(&batch).map_err(|error| error.to_string())
}
