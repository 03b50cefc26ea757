"""The hot path by itself: what it answers when a part of it fails in a way that nobody foresaw."""

import gc
import json

import pytest
from prometheus_client import REGISTRY

from collector.admit import BytesInFlight
from collector.ingest import Ingest
from collector.intake import Intake
from collector.problems import Refused
from collector.settings import Settings
from schemas.connection import ConnectionBook, encode
from tests.collector.builders import KEY, array, connection, event, gzipped


class Connections:
    caught_up = True

    def __init__(self):
        self.book = ConnectionBook()
        self.book.apply(b"shop", encode(connection()))


class Publisher:
    up = True

    def __init__(self, error=None):
        self.error = error
        self.published = []

    async def publish(self, key, value, at_ms):
        if self.error:
            raise self.error
        self.published.append((key, value, at_ms))


def intake_of(publisher, in_flight=None, clock_s=lambda: 0.0, **settings):
    in_flight = in_flight or BytesInFlight(10**9)
    return Intake(Settings(**settings), Connections(), publisher, in_flight, clock_s)


async def answer_to(body, publisher, *, in_flight=None, **settings):
    return await answer_of(Ingest(intake_of(publisher, in_flight, **settings)), body)


async def answer_of(ingest, body, headers=()):
    sent = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/batches",
        "query_string": f"key={KEY}&visitor=v&window=w&seq=0".encode(),
        "headers": [(b"origin", b"https://shop.example"), (b"content-length", b"%d" % len(body)), *headers],
    }

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await ingest(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(sent[1]["body"])


async def test_a_fault_is_an_answer_that_the_page_may_read():
    in_flight = BytesInFlight(10**9)
    status, headers, problem = await answer_to(
        array(event()), Publisher(RuntimeError("secret particulars")), in_flight=in_flight
    )
    assert (status, problem["reason"]) == (500, "internal_error")
    assert headers[b"access-control-allow-origin"] == b"https://shop.example"
    assert "secret" not in json.dumps(problem)
    assert in_flight.now_bytes == 0


@pytest.mark.parametrize("inline", [{}, {"inline_body_bytes": 0}, {"inline_decompressed_bytes": 10}])
async def test_a_batch_is_the_same_whether_worked_on_in_the_loop_or_in_a_thread(inline):
    here, there = Publisher(), Publisher()
    in_flight = BytesInFlight(10**9)
    body = array(event(1), event(2))
    assert (await answer_to(body, here))[2] == (await answer_to(body, there, in_flight=in_flight, **inline))[
        2
    ]
    assert [key for key, *_ in here.published] == [key for key, *_ in there.published]
    assert in_flight.now_bytes == 0


async def test_a_body_over_the_limit_of_the_loop_still_has_the_limit_of_all():
    status, _, problem = await answer_to(
        array(event()), Publisher(), inline_decompressed_bytes=10, max_decompressed_bytes=1_024, max_events=1
    )
    assert status == 202
    status, _, problem = await answer_to(
        array(event(text="x" * 2_000)),
        Publisher(),
        inline_decompressed_bytes=10,
        max_decompressed_bytes=1_024,
    )
    assert (status, problem["reason"]) == (413, "batch_too_large")


async def test_every_request_is_counted_once():
    name = "playhead_collector_batches_total"
    before = REGISTRY.get_sample_value(name, {"outcome": "accepted"}) or 0
    await answer_to(array(event()), Publisher())
    assert REGISTRY.get_sample_value(name, {"outcome": "accepted"}) == before + 1


async def test_a_connections_requests_and_bytes_are_counted_against_its_rate():
    now_s = 100.0
    body = array(event())
    by_requests = Ingest(intake_of(Publisher(), None, lambda: now_s, max_requests_per_s=1, request_burst=2))
    by_bytes = Ingest(
        intake_of(Publisher(), None, lambda: now_s, max_bytes_per_s=10, byte_burst=len(body) + 1)
    )
    for ingest, wait_s in ((by_requests, 1), (by_bytes, -(-len(body) // 10))):
        now_s = 100.0
        assert [(await answer_of(ingest, body))[0] for _ in range(2)] == [202, 202]
        status, headers, problem = await answer_of(ingest, body)
        assert (status, problem["reason"]) == (429, "rate_limited")
        assert int(headers[b"retry-after"]) == wait_s
        now_s += wait_s
        assert (await answer_of(ingest, body))[0] == 202


@pytest.mark.parametrize(("over", "second"), [(-1, 429), (0, 429), (1, 202)])
async def test_a_burst_of_bytes_holds_to_the_byte(over, second):
    # A body is taken whole where there is a byte left of the burst, and the next ones wait for it.
    body = array(event())
    ingest = Ingest(intake_of(Publisher(), max_bytes_per_s=1, byte_burst=len(body) + over))
    assert [(await answer_of(ingest, body))[0] for _ in range(2)] == [202, second]


@pytest.mark.parametrize(("burst", "answers"), [(1, [202, 429, 429]), (2, [202, 202, 429]), (3, [202] * 3)])
async def test_a_burst_of_requests_holds_to_the_request(burst, answers):
    ingest = Ingest(intake_of(Publisher(), max_requests_per_s=1, request_burst=burst))
    assert [(await answer_of(ingest, array(event())))[0] for _ in range(3)] == answers


@pytest.mark.parametrize("body", [array(event()), b"[}"])
async def test_the_bytes_of_an_answer_are_counted_whatever_it_is(body):
    name = "playhead_collector_answered_bytes_total"
    before = REGISTRY.get_sample_value(name)
    ingest = Ingest(intake_of(Publisher()))
    _, headers, _ = await answer_of(ingest, body)
    assert REGISTRY.get_sample_value(name) == before + int(headers[b"content-length"])


async def test_a_refusal_leaves_nothing_for_the_garbage_collector():
    # Each would keep what its body was decompressed to.
    ingest = Ingest(intake_of(Publisher()))
    gc.collect()
    gc.disable()
    try:
        await answer_of(ingest, b"[}")
        assert [one for one in gc.get_objects() if isinstance(one, Refused)] == []
    finally:
        gc.enable()


@pytest.mark.parametrize(("before_it", "reframed"), [(b"", 0), (b" ", 1)])
async def test_what_comes_in_and_goes_on_is_counted_in_bytes_and_events(before_it, reframed):
    events = array(event(1), event(2))
    body = gzipped(before_it + events)
    names = ["received_bytes", "raw_bytes", "published_bytes", "events", "reframed"]

    def counted():
        return [REGISTRY.get_sample_value(f"playhead_collector_{name}_total") for name in names]

    before = counted()
    publisher = Publisher()
    ingest = Ingest(intake_of(publisher))
    assert (await answer_of(ingest, body, [(b"content-encoding", b"gzip")]))[0] == 202
    [(_, record, *_)] = publisher.published
    expected = [len(body), len(events), len(record), 2, reframed]
    assert [now - then for now, then in zip(counted(), before, strict=True)] == expected


async def test_a_body_that_is_refused_came_in_and_went_nowhere():
    def counted(name):
        return REGISTRY.get_sample_value(f"playhead_collector_{name}_total")

    came, went = counted("received_bytes"), counted("events")
    assert (await answer_of(Ingest(intake_of(Publisher())), b"[}"))[0] == 400
    assert (counted("received_bytes"), counted("events")) == (came + 2, went)
