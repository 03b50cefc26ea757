"""`POST /recordings/{id}/events`, as the official client posts."""

import json

import pytest
import xxhash
from backports import zstd

from collector.official_client.posts import Posts
from collector.official_client.windows import Windows
from collector.publish import BrokerUnavailable
from tests.collector.builders import AT, KEY, event, full_snapshot, meta
from tests.collector.official_client.intake_in_memory import (
    CONSENT_KEY,
    HERE,
    ID,
    PAUSED_KEY,
    STRICT_KEY,
    InMemory,
)
from tests.collector.official_client.test_facts import START, custom


async def post(there, body, *, key=KEY, recording=ID, query=b"", windows=None, **headers):
    given = {
        "authorization": f"Bearer {key}",
        "content-type": "application/x-ndjson",
        "origin": HERE,
        **headers,
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/recordings/{recording}/events",
        "query_string": query,
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in given.items()
            if value is not None
        ],
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await Posts(there.intake, windows or Windows())(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    # The client reads the body of every bad answer as JSON, and drops what it sent where it cannot.
    return sent[0]["status"], headers, json.loads(sent[1]["body"])


async def test_the_lines_are_a_batch_of_the_recording():
    there = InMemory()
    lines = [START, meta(), full_snapshot(AT + 1)]
    status, headers, answer = await post(there, b"\n".join(lines))
    (batch,) = there.broker.batches
    assert (status, answer) == (202, {"accepted": 3, "batch": batch.batch_id.hex()})
    assert headers["access-control-allow-origin"] == HERE
    assert there.broker.records[0][0] == f"shop/{ID}".encode()
    assert (batch.connection, batch.visitor, batch.window, batch.seq) == ("shop", ID, ID, None)
    assert (batch.events, batch.final, batch.visitor_id, batch.sent_at) == (3, False, None, None)
    assert zstd.decompress(batch.payload) == b"[" + b",".join(lines) + b"]"
    assert there.in_flight.now_bytes == 0


async def test_an_event_has_the_same_hash_in_whatever_company():
    there = InMemory()
    await post(there, b"\n".join([event(1), event(2)]))
    await post(there, b"\n".join([event(2), event(3)]))
    first, second = there.broker.batches
    assert (
        first.event_hashes[8:]
        == second.event_hashes[:8]
        == xxhash.xxh3_64_intdigest(event(2)).to_bytes(8, "little")
    )
    assert first.batch_id != second.batch_id


async def test_the_same_post_again_is_the_same_batch():
    there = InMemory()
    await post(there, event(1) + b"\n" + event(2))
    await post(there, event(1) + b"\n" + event(2))
    first, second = there.broker.batches
    assert first.batch_id == second.batch_id


async def test_the_facts_of_its_custom_events_are_in_the_envelope():
    there = InMemory()
    await post(there, b"\n".join([custom("recording-meta", visitor="u-1"), custom("close-permanent")]))
    (batch,) = there.broker.batches
    assert (batch.visitor_id, batch.final) == ("u-1", True)


async def test_a_single_large_event_is_taken():
    there = InMemory()
    status, _, _ = await post(there, event(text="x" * 3_000_000))
    assert (status, there.broker.batches[0].events) == (202, 1)


async def test_it_is_of_the_page_that_was_heard_last():
    there, windows = InMemory(), Windows()
    for socket in (1, 2):
        windows.opened(("shop", ID), ID, socket, starts=True, now_ms=socket)
    windows.opened(("strict", ID), ID, 3, starts=True, now_ms=0)
    await post(there, event(), windows=windows)
    await post(there, event(), key=STRICT_KEY, windows=windows)
    assert [batch.window for batch in there.broker.batches] == [ID + "-2", ID]


@pytest.mark.parametrize(
    ("reason", "status", "given"),
    [
        ("unknown_key", 401, {"key": "nobody"}),
        ("unknown_key", 401, {"authorization": None}),
        ("bad_parameter", 400, {"recording": "a b"}),
        ("bad_parameter", 400, {"query": b"consent=yes"}),
        ("origin_not_allowed", 403, {"key": STRICT_KEY, "origin": "https://evil.example"}),
        ("origin_not_allowed", 403, {"key": STRICT_KEY, "origin": None}),
        ("consent_missing", 403, {"key": CONSENT_KEY}),
        ("connection_paused", 403, {"key": PAUSED_KEY}),
        ("unsupported_encoding", 415, {"content_type": "text/html"}),
        ("unsupported_encoding", 415, {"content_encoding": "gzip"}),
        ("malformed_json", 400, {"body": b"nothing"}),
        ("invalid_event", 400, {"body": event() + b"\n{}"}),
        ("empty_batch", 400, {"body": b""}),
        ("batch_too_large", 413, {"body": b" " * 8 * 1024 * 1024 + event()}),
    ],
)
async def test_a_refusal_is_json_that_the_page_may_read(reason, status, given):
    there = InMemory()
    body = given.pop("body", event())
    answered, headers, problem = await post(there, body, **given)
    assert (answered, problem["reason"]) == (status, reason)
    assert headers["access-control-allow-origin"] == (given.get("origin", HERE) or "*")
    assert headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert there.broker.records == []
    assert there.in_flight.now_bytes == 0


async def test_consent_in_the_address_is_consent():
    there = InMemory()
    assert (await post(there, event(), key=CONSENT_KEY, query=b"consent=1"))[0] == 202


async def test_a_broker_that_is_away_is_a_503_that_the_page_may_read():
    there = InMemory(BrokerUnavailable("away"))
    status, headers, problem = await post(there, event())
    assert (status, problem["reason"], headers["retry-after"]) == (503, "broker_unavailable", "2")
    assert headers["access-control-allow-origin"] == HERE
    # It puts its events back and posts them again.
    assert (await post(there, event()))[0] == 202


async def test_without_a_broker_it_is_refused_before_it_is_read():
    there = InMemory()
    there.broker.up = False
    status, _, problem = await post(there, b"nothing that could be taken")
    assert (status, problem["reason"]) == (503, "broker_unavailable")


async def test_its_bytes_count_towards_the_connections_rate():
    there = InMemory(max_bytes_per_s=1, byte_burst=1)
    assert (await post(there, event()))[0] == 202
    status, headers, problem = await post(there, event())
    assert (status, problem["reason"]) == (429, "rate_limited")
    assert int(headers["retry-after"]) >= 1
