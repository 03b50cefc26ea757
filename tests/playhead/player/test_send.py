"""Against a scripted transport: what is repeated, what is not, and that a repeat is the same request."""

import gzip
from dataclasses import replace

import httpx
import pytest
import stamina

from playhead.player.send import Refused, Unavailable, Window, send

SENDER = Window(key="k" * 8, visitor="v", window="w", user_agent="Browser/1")
ACCEPTED = httpx.Response(202, json={"accepted": 3, "batch": "b"})


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=5):
        yield


class Collector:
    """Answers what it is told to, one after the other, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, bytes, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((str(request.url), request.content, request.headers["user-agent"]))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def send(self, seq: int = 7, timeout_s: float = 60) -> int:
        transport = httpx.MockTransport(self)
        async with httpx.AsyncClient(base_url="http://collector", transport=transport) as client:
            return await send(client, SENDER, seq=seq, body=b"[1]", sent_at=5, timeout_s=timeout_s)


async def test_a_batch_says_who_sends_it_and_is_compressed() -> None:
    collector = Collector(ACCEPTED)
    assert await collector.send() == 3
    ((url, content, user_agent),) = collector.asked
    assert user_agent == "Browser/1"
    assert url == "http://collector/v1/batches?key=kkkkkkkk&visitor=v&window=w&seq=7&sent_at=5"
    assert gzip.decompress(content) == b"[1]"


async def test_a_window_says_that_it_ends_its_site_and_its_visitors_consent_where_it_is_told_to() -> None:
    asked: list[httpx.Request] = []

    def collector(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return ACCEPTED

    agreed = replace(SENDER, consent=True, origin="https://shop.example")
    async with httpx.AsyncClient(
        base_url="http://collector", transport=httpx.MockTransport(collector)
    ) as client:
        for sender, final in ((agreed, True), (SENDER, False)):
            await send(client, sender, seq=0, body=b"[1]", sent_at=None, timeout_s=1, final=final)
    full, bare = asked
    assert str(full.url.query, "ascii") == "key=kkkkkkkk&visitor=v&window=w&seq=0&final=1&consent=1"
    assert full.headers["origin"] == "https://shop.example"
    assert str(bare.url.query, "ascii") == "key=kkkkkkkk&visitor=v&window=w&seq=0"
    assert "origin" not in bare.headers


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Fri, 27 Nov 2026 12:00:09 GMT", "date": "Fri, 27 Nov 2026 12:00:00 GMT"}, 9),
        ({"retry-after": "Fri, 27 Nov 2026 11:00:00 GMT", "date": "Fri, 27 Nov 2026 12:00:00 GMT"}, 0),
        ({"retry-after": "Fri, 27 Nov 2026 12:00:09 GMT"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "-3"}, 0),
        ({}, 0),
    ],
)
def test_how_long_to_wait_is_told_in_seconds_or_by_a_date(headers: dict[str, str], wait_s: float) -> None:
    assert Unavailable(httpx.Response(503, headers=headers)).retry_after_s == wait_s


@pytest.mark.parametrize(
    ("body", "index"),
    [
        (b'{"reason":"invalid_event","index":4}', 4),
        (b'{"reason":"unknown_key"}', None),
        (b"<html>", None),
        (b'{"index":"4"}', None),
        (b"\xff", None),
        (b"[]", None),
    ],
)
async def test_a_refusal_knows_which_event_is_to_blame(body: bytes, index: int | None) -> None:
    with pytest.raises(Refused) as raised:
        await Collector(httpx.Response(400, content=body)).send()
    assert (raised.value.status, raised.value.index) == (400, index)


@pytest.mark.parametrize(
    "not_now",
    [
        httpx.Response(503, headers={"retry-after": "2"}),
        httpx.Response(429, headers={"retry-after": "1"}),
        httpx.Response(503),
        httpx.Response(408),
        httpx.Response(502),
        httpx.Response(504),
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
    ],
    ids=lambda answer: str(getattr(answer, "status_code", type(answer).__name__)),
)
async def test_what_is_not_taken_now_is_sent_again_as_the_very_same_request(not_now) -> None:
    collector = Collector(not_now, not_now, ACCEPTED)
    assert await collector.send() == 3
    assert len(collector.asked) == 3
    assert len(set(collector.asked)) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 413, 415, 500])
async def test_a_refusal_is_not_repeated_and_names_the_answer(status: int) -> None:
    collector = Collector(httpx.Response(status, text="why"))
    with pytest.raises(Refused, match=f"seq 7 of window w: {status} why"):
        await collector.send()
    assert len(collector.asked) == 1


async def test_when_the_time_is_over_the_last_failure_is_told() -> None:
    collector = Collector(*[httpx.Response(503, text="broker_unavailable")] * 5)
    with pytest.raises(Unavailable, match="503 broker_unavailable"):
        await collector.send()
    assert len(collector.asked) == 5
