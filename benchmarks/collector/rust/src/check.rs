//! Inflate and validate a body, in the two ways that are compared, and the floors below them.
use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

pub const MAX_DECOMPRESSED_BYTES: u64 = 32 * 1024 * 1024;
pub const MAX_EVENTS: usize = 20_000;
const LATEST_AT: f64 = 10_413_791_999_999.0;
const FULL_SNAPSHOT: u16 = 2;
const META: u16 = 4;

/// What is done with a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Nothing: the floor of the server.
    Bare,
    /// Types and timestamps read, `data` kept as its bytes.
    Raw,
    /// Read into values, and written again.
    Value,
}

impl Way {
    pub fn named(name: &str) -> Option<Way> {
        match name {
            "bare" => Some(Way::Bare),
            "raw" => Some(Way::Raw),
            "value" => Some(Way::Value),
            _ => None,
        }
    }
}

/// What the envelope says of the events.
#[derive(Default)]
pub struct Checked {
    pub events: usize,
    pub raw_bytes: usize,
    pub first_at: i64,
    pub last_at: i64,
    pub full_snapshots_at: Vec<i64>,
    pub meta_at: Option<i64>,
    pub href: Option<String>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// The events anew, where they were written again; else the body passes through.
    pub rewritten: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: u16,
    timestamp: f64,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Meta {
    href: Option<String>,
    width: Option<f64>,
    height: Option<f64>,
}

pub fn check(body: &[u8], way: Way) -> Result<Checked, String> {
    match way {
        Way::Bare => Ok(Checked::default()),
        Way::Raw => raw(&inflate(body)?),
        Way::Value => value(&inflate(body)?),
    }
}

pub fn inflate(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut text = Vec::with_capacity(body.len() * 8);
    MultiGzDecoder::new(body)
        .take(MAX_DECOMPRESSED_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_DECOMPRESSED_BYTES {
        return Err("too large".into());
    }
    Ok(text)
}

pub fn raw(text: &[u8]) -> Result<Checked, String> {
    let events: Vec<Event> = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let mut checked = begun(events.len(), text.len())?;
    for event in &events {
        let at = note(&mut checked, event.kind, event.timestamp)?;
        if event.kind == META && checked.meta_at.is_none_or(|earliest| at < earliest) {
            let meta = event.data.and_then(|data| serde_json::from_str::<Meta>(data.get()).ok());
            note_meta(&mut checked, at, meta.unwrap_or_default());
        }
    }
    Ok(checked)
}

pub fn value(text: &[u8]) -> Result<Checked, String> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    reader.disable_recursion_limit();
    let events = Vec::<serde_json::Value>::deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    let mut checked = begun(events.len(), text.len())?;
    for event in &events {
        let kind = event["type"].as_u64().and_then(|kind| u16::try_from(kind).ok()).ok_or("no type")?;
        let timestamp = event["timestamp"].as_f64().ok_or("no timestamp")?;
        let at = note(&mut checked, kind, timestamp)?;
        if kind == META && checked.meta_at.is_none_or(|earliest| at < earliest) {
            let data = &event["data"];
            let meta = Meta {
                href: data["href"].as_str().map(str::to_owned),
                width: data["width"].as_f64(),
                height: data["height"].as_f64(),
            };
            note_meta(&mut checked, at, meta);
        }
    }
    checked.rewritten = Some(serde_json::to_vec(&events).map_err(|error| error.to_string())?);
    Ok(checked)
}

fn begun(events: usize, raw_bytes: usize) -> Result<Checked, String> {
    if events == 0 || events > MAX_EVENTS {
        return Err(format!("{events} events"));
    }
    Ok(Checked { events, raw_bytes, first_at: i64::MAX, ..Checked::default() })
}

fn note(checked: &mut Checked, kind: u16, timestamp: f64) -> Result<i64, String> {
    if !(0.0..=LATEST_AT).contains(&timestamp) {
        return Err(format!("timestamp {timestamp}"));
    }
    let at = timestamp as i64;
    checked.first_at = checked.first_at.min(at);
    checked.last_at = checked.last_at.max(at);
    if kind == FULL_SNAPSHOT {
        checked.full_snapshots_at.push(at);
    }
    Ok(at)
}

fn note_meta(checked: &mut Checked, at: i64, meta: Meta) {
    checked.meta_at = Some(at);
    checked.href = meta.href;
    checked.width = meta.width.map(|width| width as i64);
    checked.height = meta.height.map(|height| height as i64);
}
