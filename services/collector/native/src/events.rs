//! What an envelope says of a batch's events (`Summary` in `collector/summary.py`), read in one pass.

#![forbid(unsafe_code)]

use std::ops::Range;

use crate::json::Cursor;

/// What of rrweb's events the schemas say.
pub struct Rules {
    pub most_events: usize,
    pub latest_at: u64,
    pub full_snapshot: u16,
    pub meta: u16,
}

/// All `*_at` in whole ms on the visitor's clock, fractions cut off.
#[derive(Debug, PartialEq)]
pub struct Facts {
    pub events: usize,
    pub first_at: u64,
    pub last_at: u64,
    /// In order of time.
    pub full_snapshots_at: Vec<u64>,
    pub earliest_meta: Option<Meta>,
    /// The timestamps, with their fractions, never go back.
    pub in_order: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    pub at: u64,
    /// Where its `data` stands; empty where it has none.
    pub data: Range<usize>,
}

struct Event {
    kind: u16,
    timestamp: f64,
    data: Range<usize>,
}

/// The facts of a plain array of events: UTF-8, `[` its first byte and `]` its last, nothing rare in it.
///
/// `None` where the slower reader has to look: at what is refused, and at what is only unusual.
pub fn read(text: &[u8], rules: &Rules) -> Option<Facts> {
    if text.first() != Some(&b'[') || simdutf8::basic::from_utf8(text).is_err() {
        return None;
    }
    let mut cursor = Cursor::new(text);
    cursor.take(b'[');
    let mut facts = Facts {
        events: 0,
        first_at: u64::MAX,
        last_at: 0,
        full_snapshots_at: Vec::new(),
        earliest_meta: None,
        in_order: true,
    };
    let mut before = 0.0;
    loop {
        let event = read_event(&mut cursor, rules.latest_at)?;
        let at = event.timestamp as u64;
        facts.events += 1;
        facts.first_at = facts.first_at.min(at);
        facts.last_at = facts.last_at.max(at);
        facts.in_order &= before <= event.timestamp;
        before = event.timestamp;
        if event.kind == rules.full_snapshot {
            facts.full_snapshots_at.push(at);
        }
        if event.kind == rules.meta && facts.earliest_meta.as_ref().is_none_or(|meta| at < meta.at) {
            facts.earliest_meta = Some(Meta { at, data: event.data });
        }
        if !cursor.take(b',') {
            break;
        }
        if facts.events == rules.most_events {
            return None;
        }
    }
    facts.full_snapshots_at.sort_unstable();
    (cursor.take(b']') && cursor.at_end()).then_some(facts)
}

fn read_event(cursor: &mut Cursor, latest_at: u64) -> Option<Event> {
    if !cursor.take(b'{') {
        return None;
    }
    // Of what is told twice the last counts, as for the slower reader.
    let (mut kind, mut timestamp, mut data) = (None, None, None);
    loop {
        let key = cursor.string()?;
        if !cursor.take(b':') {
            return None;
        }
        match key {
            b"type" => kind = Some(whole(cursor.number()?)?),
            b"timestamp" => timestamp = Some(time(cursor.number()?, latest_at)?),
            b"data" => {
                cursor.peek()?;
                let begin = cursor.at();
                cursor.value(2)?;
                data = Some(begin..cursor.at());
            }
            // It may be one of these, written with escapes.
            _ if key.contains(&b'\\') => return None,
            _ => cursor.value(2)?,
        }
        if !cursor.take(b',') {
            break;
        }
    }
    if !cursor.take(b'}') {
        return None;
    }
    Some(Event { kind: kind?.try_into().ok()?, timestamp: timestamp?, data: data.unwrap_or(0..0) })
}

/// A number of digits alone, which a double holds.
fn whole(number: &[u8]) -> Option<u64> {
    if number.len() > 15 {
        return None;
    }
    number.iter().try_fold(0, |sum, &byte| byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0')))
}

fn time(number: &[u8], latest_at: u64) -> Option<f64> {
    let at = match whole(number) {
        Some(whole) => whole as f64,
        None if number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') => {
            std::str::from_utf8(number).ok()?.parse().ok()?
        }
        None => return None,
    };
    (at <= latest_at as f64).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { most_events: 3, latest_at: 9_999, full_snapshot: 2, meta: 4 };

    fn facts_of(text: &str) -> Option<Facts> {
        read(text.as_bytes(), &RULES)
    }

    #[test]
    fn says_what_the_envelope_says() {
        let text = r#"[{"type":4,"data":{"href":"a"},"timestamp":20.75}, {"timestamp":10,"type":2},{"delay":1,"type":4,"timestamp":20}]"#;
        let facts = facts_of(text).unwrap();
        assert_eq!((facts.events, facts.first_at, facts.last_at), (3, 10, 20));
        assert_eq!((facts.full_snapshots_at, facts.in_order), (vec![10], false));
        let meta = facts.earliest_meta.unwrap();
        assert_eq!((meta.at, &text[meta.data]), (20, r#"{"href":"a"}"#));
    }

    #[test]
    fn fractions_count_for_the_order_alone() {
        assert!(facts_of(r#"[{"type":3,"timestamp":1.25},{"type":3,"timestamp":1.5}]"#).unwrap().in_order);
        let back = facts_of(r#"[{"type":3,"timestamp":1.5},{"type":3,"timestamp":1.25}]"#).unwrap();
        assert_eq!((back.in_order, back.first_at, back.last_at), (false, 1, 1));
    }

    #[test]
    fn leaves_the_rest_to_the_slower_reader() {
        for text in [
            "",
            "[]",
            "{}",
            " [{\"type\":3,\"timestamp\":1}]",
            "[{\"type\":3,\"timestamp\":1}] ",
            "[{\"type\":3,\"timestamp\":1}",
            "[{\"type\":3,\"timestamp\":1},]",
            "[{\"type\":3}]",
            "[{\"timestamp\":1}]",
            "[{}]",
            "[3]",
            "[{\"type\":-3,\"timestamp\":1}]",
            "[{\"type\":3.0,\"timestamp\":1}]",
            "[{\"type\":65536,\"timestamp\":1}]",
            "[{\"type\":\"3\",\"timestamp\":1}]",
            "[{\"type\":3,\"timestamp\":-1}]",
            "[{\"type\":3,\"timestamp\":1e3}]",
            "[{\"type\":3,\"timestamp\":10000}]",
            "[{\"type\":3,\"timestamp\":9999.5}]",
            "[{\"type\":3,\"timestamp\":1,\"d\\u0061ta\":1}]",
            "[{\"type\":3,\"timestamp\":1,\"data\":{]}]",
        ] {
            assert_eq!(facts_of(text), None, "{text}");
        }
        assert_eq!(read(b"[{\"type\":3,\"timestamp\":1,\"data\":\"\xff\"}]", &RULES), None);
    }

    #[test]
    fn takes_so_many_events_and_not_one_more() {
        let array =
            |events: usize| format!("[{}]", vec!["{\"type\":3,\"timestamp\":9999}"; events].join(","));
        assert_eq!(facts_of(&array(3)).unwrap().events, 3);
        assert_eq!(facts_of(&array(4)), None);
    }
}
