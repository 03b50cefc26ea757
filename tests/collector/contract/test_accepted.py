"""A 202 means that the log has the batch, as it was sent."""

import gzip
import hashlib
import json
import time
from pathlib import Path

import pytest

from collector.inflate import inflate
from tests.collector.builders import (
    AT,
    array,
    bare_deflated,
    event,
    full_snapshot,
    gzipped,
    meta,
    zlibbed,
    zstandard,
)
from tests.servers.collector import batches

pytestmark = pytest.mark.stack

RECORDINGS = Path(__file__).parents[3] / "examples" / "recordings"


def events_of(batch) -> bytes:
    return inflate(batch.payload, batch.encoding, 10**8).raw


async def accepted(sender, body, window, headers=None, **query):
    """Send a batch in a window of its own; the answer and the one batch that the log then has of it."""
    answer = await sender.post(body, headers, window=window, **query)
    assert answer.status_code == 202, answer.text
    [batch] = [one for one in await sender.in_log() if one.window == window]
    return answer.json(), batch


async def test_an_accepted_batch_is_in_the_log_with_every_fact(sender):
    body = gzipped(array(meta(AT), full_snapshot(AT + 1), event(AT + 2)))
    before = time.time_ns() // 1_000_000
    answer, batch = await accepted(
        sender,
        body,
        "facts",
        {"content-encoding": "gzip", "user-agent": "Browser/1", "x-country": "de"},
        visitor="visitor-9",
        seq=3,
        sent_at=AT + 5,
        final=1,
    )
    assert answer == {"accepted": 3, "batch": batch.batch_id.hex()}
    assert before <= batch.received_at <= time.time_ns() // 1_000_000
    assert (batch.tenant, batch.connection, batch.visitor) == ("demo", "shop", "visitor-9")
    assert (batch.seq, batch.sent_at, batch.final) == (3, AT + 5, True)
    assert (batch.first_at, batch.last_at, batch.events) == (AT, AT + 2, 3)
    assert (batch.meta_at, batch.href, batch.full_snapshots_at) == (AT, "https://shop.example/", (AT + 1,))
    assert (batch.user_agent, batch.country) == ("Browser/1", "DE")
    assert (batch.encoding, batch.payload) == ("gzip", body)


async def test_all_of_a_visitors_batches_have_its_key(sender):
    await accepted(sender, array(event()), "keyed", visitor="ann", seq=0)
    assert {key for key, batch in await batches(sender.bootstrap) if batch.visitor == "ann"} == {b"shop/ann"}


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("identity", bytes),
        ("gzip", gzipped),
        ("deflate", zlibbed),
        ("deflate", bare_deflated),
        ("zstd", zstandard),
    ],
)
@pytest.mark.parametrize("by_parameter", [False, True])
@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        ("array", "application/json"),
        ("wrapped", "application/json"),
        ("lines", "application/x-ndjson"),
        ("array", "text/plain;charset=UTF-8"),
        ("lines", "text/plain"),
    ],
)
async def test_every_form_in_every_encoding_is_taken(
    sender, encoding, compress, by_parameter, form, content_type
):
    events = [event(AT + number, text="né ") for number in range(3)]
    raw = {
        "array": array(*events),
        "wrapped": b'{"events":' + array(*events) + b"}",
        "lines": b"\n".join(events),
    }
    headers = {"content-type": content_type}
    query = {"encoding": encoding} if by_parameter else {}
    if not by_parameter:
        headers["content-encoding"] = encoding
    name = f"{encoding}{compress.__name__}{by_parameter}{form}{content_type}"
    window = hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
    _, batch = await accepted(sender, compress(raw[form]), window, headers, **query)
    assert events_of(batch) == array(*events)
    assert batch.raw_bytes == len(array(*events))
    assert len(batch.event_hashes) == 8 * 3


async def test_a_duplicate_is_a_202_with_the_same_id(sender):
    first = await sender.post(array(event()), window="twice", seq=0)
    second = await sender.post(array(event()), window="twice", seq=0)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()


async def test_a_lone_surrogate_is_repaired(sender):
    _, batch = await accepted(sender, rb'[{"type":3,"timestamp":1,"data":"a\ud83d"}]', "surrogate")
    assert events_of(batch) == rb'[{"type":3,"timestamp":1,"data":"a\ufffd"}]'


@pytest.mark.parametrize("compress", [bytes, gzipped])
async def test_a_single_event_of_5_mb_is_normal(sender, compress):
    text = hashlib.shake_256(b"seed").hexdigest(2_600_000)
    body = array(full_snapshot(AT), json.dumps({"type": 2, "data": {"t": text}, "timestamp": AT}).encode())
    assert len(body) > 5_000_000
    headers = {} if compress is bytes else {"content-encoding": "gzip"}
    _, batch = await accepted(sender, compress(body), f"large-{compress.__name__}", headers, seq=0)
    assert events_of(batch) == body


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.jsonl.gz")), ids=lambda path: path.name)
async def test_a_real_recording_comes_through_byte_for_byte(sender, path):
    lines = gzip.decompress(path.read_bytes()).splitlines()
    window = path.name.partition(".")[0]
    for seq, start in enumerate(range(0, len(lines), 100)):
        body = gzipped(array(*lines[start : start + 100]))
        answer = await sender.post(body, {"content-encoding": "gzip"}, window=window, seq=seq)
        assert answer.status_code == 202, answer.text
    stored = sorted((one for one in await sender.in_log() if one.window == window), key=lambda one: one.seq)
    assert b",".join(events_of(one)[1:-1] for one in stored) == b",".join(lines)
    assert sum(one.events for one in stored) == len(lines)
