"""An envelope holds what was said, what was seen and what the connection's settings are."""

from collector.prepare import Limits, prepare
from collector.seal import seal
from schemas import envelope
from tests.collector.builders import AT, array, connection, event, full_snapshot, gzipped, meta, parameters

LIMITS = Limits(decompressed_bytes=100_000, events=100)


def sealed(body=None, encoding="identity", settings=None, **given):
    said = parameters(**given)
    prepared = prepare(body or array(event()), encoding, LIMITS, numbered=said.seq is not None)
    return seal(
        settings or connection(), said, prepared, received_at=AT + 100, user_agent="Browser/1", country="DE"
    )


def test_every_field_is_filled_and_survives_the_log():
    raw = array(meta(AT + 1), full_snapshot(AT + 2), event(AT + 9))
    body = gzipped(raw)
    batch = sealed(
        body,
        "gzip",
        connection(gap_ms=60_000, max_session_ms=7_200_000, retention_days=7),
        seq=4,
        sent_at=AT + 50,
        final=True,
    )
    assert envelope.decode(envelope.encode(batch)) == envelope.Batch(
        version=1,
        tenant="demo",
        connection="shop",
        visitor="visitor-1",
        window="window-1",
        seq=4,
        batch_id=batch.batch_id,
        received_at=AT + 100,
        sent_at=AT + 50,
        first_at=AT + 1,
        last_at=AT + 9,
        events=3,
        raw_bytes=len(raw),
        full_snapshots_at=(AT + 2,),
        meta_at=AT + 1,
        href="https://shop.example/",
        width=1_280,
        height=720,
        user_agent="Browser/1",
        country="DE",
        gap_ms=60_000,
        max_session_ms=7_200_000,
        retention_days=7,
        final=True,
        encoding="gzip",
        payload=body,
        event_hashes=None,
        visitor_id=None,
        in_order=True,
    )


def test_a_retry_has_the_id_of_the_batch_whatever_is_in_it():
    assert sealed(seq=1).batch_id == sealed(array(event(5)), seq=1).batch_id
    assert len(sealed(seq=1).batch_id) == 16


def test_other_seqs_and_windows_have_other_ids():
    ids = {sealed(seq=seq, window=window).batch_id for seq in (0, 1, 11) for window in ("1", "11", "w")}
    assert len(ids) == 9


def test_without_seq_the_id_and_the_hashes_come_from_the_events():
    one, same, other = sealed(), sealed(gzipped(array(event())), "gzip"), sealed(array(event(7)))
    assert one.batch_id == same.batch_id != other.batch_id
    assert len(one.batch_id) == 16
    assert one.event_hashes == same.event_hashes != other.event_hashes
    assert len(one.event_hashes) == 8


def test_with_seq_no_event_is_hashed():
    assert sealed(seq=0).event_hashes is None
