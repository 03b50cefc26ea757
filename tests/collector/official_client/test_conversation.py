"""A socket, from its messages to the log."""

import asyncio
import json

import pytest
from backports import zstd
from prometheus_client import REGISTRY

from collector.official_client.open_sockets import OpenSockets
from collector.official_client.sockets import Sockets
from collector.official_client.windows import Windows
from collector.publish import BrokerUnavailable, RecordTooLarge
from tests.collector.builders import AT, KEY, connection, event, meta
from tests.collector.official_client.intake_in_memory import (
    CONSENT_KEY,
    HERE,
    ID,
    PAUSED_KEY,
    STRICT_KEY,
    InMemory,
)
from tests.collector.official_client.test_facts import START, custom

WAIT_S = 10
LONG_MS = 60_000


class There:
    """A collector's sockets with everything around them in memory."""

    def __init__(self, *errors, most=10, most_waiting_bytes=10**9, **settings):
        self.memory = InMemory(*errors, **{"socket_batch_ms": 1, **settings})
        self.windows = Windows()
        self.open = OpenSockets(most=most, most_waiting_bytes=most_waiting_bytes)
        # Where something is tried again, it is at once, or when the test lets it.
        self.may_try_again = asyncio.Event()
        self.may_try_again.set()
        self.tries = []
        self.open.wait = self._wait
        self.endpoint = Sockets(self.memory.settings, self.memory.intake, self.windows, self.open)

    async def _wait(self, wait_s):
        self.tries.append(wait_s)
        await self.may_try_again.wait()

    @property
    def batches(self):
        return self.memory.broker.batches

    def connect(self, **given):
        return Socket(self, **given)

    async def until(self, what):
        async with asyncio.timeout(WAIT_S):
            while not what():
                await asyncio.sleep(0.001)


class Socket:
    """The other end of a socket, as the server's protocol shows it to the endpoint."""

    def __init__(self, there, *, key=KEY, recording=ID, query="", origin=HERE, echo=True):
        self.incoming = asyncio.Queue()
        self.sent = asyncio.Queue()
        self.said = []
        self.answer = []
        self.gone = False
        self._echo = echo
        self.incoming.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": f"/recordings/{recording}/events/ws",
            "query_string": f"{query}&token={key}".encode(),
            "headers": [(b"user-agent", b"A browser")] + ([(b"origin", origin.encode())] if origin else []),
        }
        self.asked = 0
        self.task = asyncio.create_task(there.endpoint(scope, self._receive, self._send))

    async def _receive(self):
        self.asked += 1
        return await self.incoming.get()

    async def _send(self, message):
        if self.gone and message["type"] != "websocket.accept":
            raise OSError("the client is gone")
        if message["type"].startswith("websocket.http"):
            self.answer.append(message)
        elif message["type"] == "websocket.send":
            self.said.append(json.loads(message["text"]))
        self.sent.put_nowait(message)
        if message["type"] == "websocket.close" and self._echo:
            self.incoming.put_nowait({"type": "websocket.disconnect", "code": 1005})

    def send(self, *messages):
        for message in messages:
            self.incoming.put_nowait({"type": "websocket.receive", "text": message.decode()})

    def end(self):
        self.gone = True
        self.incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def next_sent(self, kind):
        async with asyncio.timeout(WAIT_S):
            while (message := await self.sent.get())["type"] != kind:
                pass
        return message

    async def ended(self):
        await asyncio.wait_for(self.task, WAIT_S)

    async def sends(self, *messages):
        """All of them, and then it is gone."""
        self.send(*messages)
        self.end()
        await self.ended()


def events_of(batch):
    return json.loads(zstd.decompress(batch.payload))


def counted(name, **labels):
    return REGISTRY.get_sample_value(f"playhead_collector_{name}", labels) or 0


# --- who may open one ---


@pytest.mark.parametrize(
    ("reason", "status", "given"),
    [
        ("unknown_key", 401, {"key": "nobody"}),
        ("unknown_key", 401, {"key": ""}),
        ("bad_parameter", 400, {"recording": "a b"}),
        ("origin_not_allowed", 403, {"key": STRICT_KEY, "origin": "https://evil.example"}),
        ("consent_missing", 403, {"key": CONSENT_KEY}),
        ("connection_paused", 403, {"key": PAUSED_KEY}),
    ],
)
async def test_one_who_may_not_is_answered_with_the_reason(reason, status, given):
    there = There()
    before = counted("sockets_total", outcome=reason)
    socket = there.connect(**given)
    await socket.ended()
    start, body = socket.answer
    headers = dict(start["headers"])
    assert (start["status"], json.loads(body["body"])["reason"]) == (status, reason)
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers.get(b"www-authenticate") == (b"Bearer" if status == 401 else None)
    assert counted("sockets_total", outcome=reason) == before + 1
    assert there.batches == []


async def test_no_more_than_so_many_are_open():
    there = There(most=2)
    first, second, third = (there.connect(recording=f"r{number}") for number in range(3))
    await third.ended()
    assert third.answer[0]["status"] == 503
    assert len(there.open) == 2
    first.end()
    await first.ended()
    fourth = there.connect()
    await fourth.sends(event())
    second.end()
    await second.ended()
    assert len(there.batches) == 1


async def test_none_is_opened_without_a_broker():
    there = There()
    there.memory.broker.up = False
    socket = there.connect()
    await socket.ended()
    assert socket.answer[0]["status"] == 503


# --- from messages to batches ---


async def test_messages_become_a_batch_of_the_recording():
    there = There(socket_batch_ms=LONG_MS)
    await there.connect(key=CONSENT_KEY, query="consent=1").sends(
        custom("recording-meta", visitor="u-1"), meta(), event(AT + 1)
    )
    (batch,) = there.batches
    assert (batch.connection, batch.visitor, batch.window, batch.seq) == ("consent", ID, ID, None)
    assert (batch.events, batch.visitor_id, batch.final, batch.user_agent) == (3, "u-1", False, "A browser")
    assert [one["type"] for one in events_of(batch)] == [5, 4, 3]
    assert there.open.waiting.now_bytes == 0


async def test_a_group_is_written_when_its_time_has_come():
    there = There()
    socket = there.connect()
    socket.send(event(1))
    await there.until(lambda: len(there.batches) == 1)
    socket.send(event(2))
    await there.until(lambda: len(there.batches) == 2)
    await socket.sends()
    assert len(there.batches) == 2


async def test_a_group_is_written_when_it_is_large_or_long():
    there = There(socket_batch_ms=LONG_MS, socket_batch_bytes=200, socket_batch_events=4)
    socket = there.connect()
    socket.send(event(1, text="x" * 300), *[event(at) for at in range(2, 7)])
    await there.until(lambda: len(there.batches) == 2)
    assert [batch.events for batch in there.batches] == [1, 4]
    await socket.sends()
    assert [batch.events for batch in there.batches] == [1, 4, 1]


async def test_what_a_dying_socket_had_sent_is_written():
    there = There(socket_batch_ms=LONG_MS)
    await there.connect().sends(*[event(at) for at in range(500)])
    assert [one["timestamp"] for one in events_of(there.batches[0])] == list(range(500))


async def test_stop_true_ends_the_window():
    there = There(socket_batch_ms=LONG_MS)
    await there.connect().sends(event(), custom("close-permanent"))
    await there.connect().sends(custom("close-permanent"), START)
    assert [batch.final for batch in there.batches] == [True, False]


async def test_a_message_that_is_no_event_costs_only_itself():
    there = There(socket_batch_ms=LONG_MS)
    before = counted("socket_messages_dropped_total", reason="invalid_event")
    socket = there.connect()
    socket.send(event(1), b'{"type":3}', event(2))
    socket.incoming.put_nowait({"type": "websocket.receive", "bytes": event(3)})
    socket.end()
    socket.gone = False
    await socket.ended()
    assert [one["timestamp"] for batch in there.batches for one in events_of(batch)] == [1, 2, 3]
    # Not of type `error`, which would make the client keep its events.
    assert [(said["type"], said["reason"]) for said in socket.said] == [("refused", "invalid_event")]
    assert counted("socket_messages_dropped_total", reason="invalid_event") == before + 1
    assert there.open.waiting.now_bytes == 0


async def test_one_that_is_too_large_for_the_log_costs_only_itself():
    there = There(RecordTooLarge("too large"), RecordTooLarge("too large"), socket_batch_ms=LONG_MS)
    await there.connect().sends(event(1), event(2))
    assert [one["timestamp"] for batch in there.batches for one in events_of(batch)] == [2]


# --- the broker away ---


async def test_what_was_read_is_tried_again_and_the_client_is_told_to_keep_the_rest():
    there = There(*[BrokerUnavailable("away")] * 2, socket_batch_ms=LONG_MS, socket_batch_events=2)
    there.may_try_again.clear()
    socket = there.connect()
    socket.send(event(1), event(2))
    await there.until(lambda: socket.said)
    assert [(said["type"], said["reason"]) for said in socket.said] == [("error", "broker_unavailable")]
    # It was on the wire.
    socket.send(event(3))
    there.may_try_again.set()
    closed = await socket.next_sent("websocket.close")
    await socket.ended()
    assert closed["code"] == 1013
    assert [one["timestamp"] for batch in there.batches for one in events_of(batch)] == [1, 2, 3]
    assert len(socket.said) == 1


async def test_the_same_batch_is_tried_again():
    there = There(BrokerUnavailable("away"))
    asked = []
    publish = there.memory.broker.publish

    async def keeping(key, value, at_ms):
        asked.append(value)
        await publish(key, value, at_ms)

    there.memory.broker.publish = keeping
    await there.connect().sends(event(1))
    assert len(asked) == 2
    ids = {there.memory.broker.batches[0].batch_id}
    there.memory.broker.records = [(b"", value) for value in asked]
    assert {batch.batch_id for batch in there.batches} == ids


async def test_it_is_tried_again_when_the_client_is_gone():
    there = There(BrokerUnavailable("away"))
    await there.connect().sends(event(1))
    assert len(there.batches) == 1


async def test_no_socket_is_opened_while_one_cannot_be_written():
    there = There(BrokerUnavailable("away"))
    there.may_try_again.clear()
    stuck = there.connect()
    stuck.send(event(1))
    await there.until(lambda: stuck.said)
    other = there.connect(recording="other")
    await other.ended()
    assert other.answer[0]["status"] == 503
    there.may_try_again.set()
    await stuck.ended()
    await there.connect(recording="other").sends(event(2))
    assert len(there.batches) == 2


async def test_in_the_end_it_is_given_up_and_counted():
    there = There(*[BrokerUnavailable("away")] * 9, socket_retry_ms=0)
    before = counted("socket_messages_dropped_total", reason="broker_unavailable")
    await there.connect().sends(event(1), event(2))
    assert there.batches == []
    assert there.memory.broker.asked == 2
    assert counted("socket_messages_dropped_total", reason="broker_unavailable") == before + 2
    assert there.open.waiting.now_bytes == 0


async def test_the_client_is_told_once_and_the_socket_closed_when_it_is_given_up():
    there = There(*[BrokerUnavailable("away")] * 2, socket_retry_ms=0)
    socket = there.connect()
    socket.send(event(1))
    assert (await socket.next_sent("websocket.close"))["code"] == 1013
    await socket.ended()
    assert [(said["type"], said["reason"]) for said in socket.said] == [("error", "broker_unavailable")]
    assert there.batches == []


async def test_a_fault_of_ours_ends_the_socket_and_is_counted():
    there = There(RuntimeError("a fault"))
    before = counted("socket_messages_dropped_total", reason="internal_error")
    socket = there.connect()
    socket.send(event(1))
    assert (await socket.next_sent("websocket.close"))["code"] == 1008
    await socket.ended()
    assert [said["type"] for said in socket.said] == ["error"]
    assert counted("socket_messages_dropped_total", reason="internal_error") == before + 1


async def test_a_connection_that_is_paused_meanwhile_is_refused():
    there = There()
    socket = there.connect()
    socket.send(event(1))
    await there.until(lambda: there.batches)
    there.memory.connections.set(connection(paused=True))
    socket.send(event(2))
    assert (await socket.next_sent("websocket.close"))["code"] == 1008
    await socket.ended()
    assert [(said["type"], said["reason"]) for said in socket.said] == [("error", "connection_paused")]
    assert len(there.batches) == 1


async def test_messages_wait_unread_where_memory_is_full():
    size = len(event(1))
    there = There(most_waiting_bytes=2 * size, socket_batch_ms=LONG_MS)
    await there.connect().sends(*[event(at) for at in range(1, 8)])
    assert [batch.events for batch in there.batches] == [2, 2, 2, 1]
    assert there.open.waiting.now_bytes == 0


async def test_where_others_fill_it_a_message_waits_for_them():
    size = len(event(1))
    there = There(most_waiting_bytes=size, socket_batch_ms=LONG_MS)
    there.may_try_again.clear()
    other, socket = there.connect(recording="other"), there.connect()
    other.send(event(1))
    await there.until(lambda: there.open.waiting.now_bytes == size)
    socket.send(event(2))
    await there.until(lambda: socket.said)
    await other.sends()
    there.may_try_again.set()
    await socket.next_sent("websocket.close")
    await socket.ended()
    assert [one["timestamp"] for batch in there.batches for one in events_of(batch)] == [1, 2]


async def test_a_connection_that_sends_too_much_is_read_more_slowly_and_nobody_is_told():
    there = There(max_requests_per_s=50, request_burst=1, socket_batch_events=1, socket_batch_ms=LONG_MS)
    socket = there.connect(recording="other")
    # The handshake was the one request that it had at first.
    await socket.sends(*[event(at) for at in range(1, 4)])
    assert [one["timestamp"] for batch in there.batches for one in events_of(batch)] == [1, 2, 3]
    assert socket.said == []


async def test_while_a_connection_sends_too_much_others_may_open_sockets():
    there = There(max_requests_per_s=1, request_burst=1)
    there.may_try_again.clear()
    slow = there.connect()
    slow.send(event(1))
    await there.until(lambda: there.tries)
    assert there.tries == [1]
    other = there.connect(key=CONSENT_KEY, query="consent=1")
    await other.next_sent("websocket.accept")
    assert slow.said == []
    there.may_try_again.set()
    await slow.sends()
    await other.sends()


# --- a client that keeps its events ---


async def test_a_silent_client_is_made_to_connect_anew():
    there = There(socket_refresh_ms=100)
    socket = there.connect(echo=False)
    socket.send(event(1))
    closed = await socket.next_sent("websocket.close")
    assert (closed["code"], closed["reason"]) == (1000, "refresh")
    # Until it has, nothing is due.
    asked = socket.asked
    for _ in range(100):
        await asyncio.sleep(0)
    assert socket.asked <= asked + 1
    # It had sent one before it learned of the close.
    await socket.sends(event(2))
    assert [one["timestamp"] for batch in there.batches for one in events_of(batch)] == [1, 2]


# --- the stop ---


async def test_at_the_stop_each_socket_closes_once_what_it_sent_is_written():
    there = There(BrokerUnavailable("away"), socket_batch_ms=LONG_MS)
    socket = there.connect(echo=False)
    socket.send(event(1))
    await there.until(lambda: there.open.waiting.now_bytes)
    stop = asyncio.create_task(there.open.stop(WAIT_S))
    assert (await socket.next_sent("websocket.close"))["code"] == 1012
    late = there.connect(recording="late")
    await late.ended()
    assert late.answer[0]["status"] == 503
    await socket.sends(event(2))
    await asyncio.wait_for(stop, WAIT_S)
    assert [one["timestamp"] for batch in there.batches for one in events_of(batch)] == [1, 2]


async def test_at_the_stop_what_cannot_be_written_is_tried_once_more():
    there = There(*[BrokerUnavailable("away")] * 5)
    there.may_try_again.clear()
    before = counted("socket_messages_dropped_total", reason="broker_unavailable")
    socket = there.connect()
    socket.send(event(1))
    await there.until(lambda: there.tries)
    stop = asyncio.create_task(there.open.stop(WAIT_S))
    await there.until(lambda: there.open.stopping)
    there.may_try_again.set()
    await asyncio.wait_for(stop, WAIT_S)
    await socket.ended()
    assert there.batches == []
    assert there.memory.broker.asked <= 3
    assert counted("socket_messages_dropped_total", reason="broker_unavailable") == before + 1


async def test_the_stop_waits_no_longer_than_it_may_and_what_is_lost_is_counted():
    there = There(BrokerUnavailable("away"))
    there.may_try_again.clear()
    before = counted("socket_messages_dropped_total", reason="stopped")
    socket = there.connect()
    socket.send(event(1), event(2))
    await there.until(lambda: socket.said)
    await there.open.stop(0.01)
    assert len(there.open) == 1
    socket.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await socket.task
    assert counted("socket_messages_dropped_total", reason="stopped") == before + 2
    assert there.open.waiting.now_bytes == 0


# --- several pages with one recording id ---


async def test_a_copy_of_a_page_is_a_window_of_its_own():
    there = There()
    first, second = there.connect(), there.connect()
    first.send(START, event(1))
    await there.until(lambda: len(there.batches) == 1)
    second.send(START, event(2))
    await there.until(lambda: len(there.batches) == 2)
    await first.sends(event(3))
    await there.connect().sends(event(4))
    await second.sends(event(5))
    windows = {one["timestamp"]: batch.window for batch in there.batches for one in events_of(batch)}
    assert windows | {AT: ""} == {1: ID, 2: ID + "-2", 3: ID, 4: ID, 5: ID + "-2", AT: ""}
    assert {batch.visitor for batch in there.batches} == {ID}
    assert len(there.windows) == 1


async def test_a_page_that_stops_and_starts_keeps_its_window():
    there = There()
    first = there.connect()
    first.send(START, custom("close-temporary"))
    await there.until(lambda: there.batches)
    await there.connect().sends(START)
    await first.sends()
    assert {batch.window for batch in there.batches} == {ID}
