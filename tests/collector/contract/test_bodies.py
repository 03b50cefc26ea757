"""The corpus of tests/contract/bodies against a real collector: what comes back, and what is left behind."""

import asyncio
from dataclasses import dataclass

import httpx
import psutil
import pytest

from collector.problems import Reason
from tests.collector.contract.conftest import HERE, Sender
from tests.collector.contract.test_refused import SlowUpload, check_refusal, in_flight, until
from tests.contract.bodies import ACCEPTED, CASES, Case
from tests.servers.collector import Collector, batches
from tests.servers.waiting import run

pytestmark = pytest.mark.stack

MIB = 1024 * 1024
GOOD = b'[{"type":3,"timestamp":1}]'
SERVER_STARTED = "Started server process"


@dataclass
class Sent:
    """The whole corpus, sent twice, one request after the other."""

    first: list[httpx.Response | httpx.HTTPError]
    second: list[httpx.Response | httpx.HTTPError]
    memory_bytes: tuple[int, int]
    """After the first time and after the second."""
    windows: list[str]
    """Of the records in the log that came of it."""


def window_of(number: int, case: Case) -> str | None:
    return case.query.get("window", f"corpus-{number}")


@pytest.fixture(scope="module")
def target(collector, kafka, tmp_path_factory):
    """A collector with the settings that it has by itself. (`collector`: its topics are there.)"""
    started = Collector(tmp_path_factory.mktemp("bodies"), kafka.bootstrap)
    run(started.ready())
    yield started
    run(started.process.stop(timeout_ms=20_000))


@pytest.fixture(scope="module")
def sent(target, kafka) -> Sent:
    async def send_all() -> Sent:
        async with target.client() as client:
            sender = Sender(target, client, kafka.bootstrap)
            memory = psutil.Process(target.process.pid)

            async def answer_to(number: int, case: Case) -> httpx.Response | httpx.HTTPError:
                query = {**case.query, "window": window_of(number, case)}
                try:
                    return await sender.post(case.make(), case.headers, **query)
                except httpx.HTTPError as error:
                    return error

            async def once() -> list[httpx.Response | httpx.HTTPError]:
                return [await answer_to(number, case) for number, case in enumerate(CASES)]

            before = len(await batches(kafka.bootstrap))
            first = await once()
            after_first = memory.memory_info().rss
            second = await once()
            after_second = memory.memory_info().rss
            new = [batch.window for _, batch in await batches(kafka.bootstrap)]
        assert len(new) >= before
        return Sent(first, second, (after_first, after_second), new)

    return run(send_all())


def test_the_corpus_is_large_and_each_case_has_a_name():
    assert len(CASES) >= 500
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(case.expected != ACCEPTED for case in CASES) >= 400


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
@pytest.mark.timeout(600)
def test_what_comes_back(sent, number):
    case = CASES[number]
    for answer in (sent.first[number], sent.second[number]):
        assert isinstance(answer, httpx.Response), answer
        if case.expected == ACCEPTED:
            assert answer.status_code == 202, answer.text
        else:
            check_refusal(answer, Reason[case.expected], HERE)
            assert answer.json().get("index") == case.index


def test_what_was_refused_is_not_in_the_log_and_what_was_accepted_is(sent):
    accepted = [window_of(number, case) for number, case in enumerate(CASES) if case.expected == ACCEPTED]
    ours = {window_of(number, case) for number, case in enumerate(CASES)}
    assert sorted(window for window in sent.windows if window in ours) == sorted(accepted * 2)


def test_the_process_is_the_same_and_takes_no_more_memory(sent, target):
    assert target.process.running
    assert target.process.command.log_file.read_text().count(SERVER_STARTED) == 1
    first, second = sent.memory_bytes
    assert first < 400 * MIB
    assert second - first < 40 * MIB


def test_no_fault_was_logged(sent, target):
    # A 500 is not what any case expects; nor may a traceback stand behind an answer.
    assert "Traceback" not in target.process.command.log_file.read_text()


def test_a_gigabyte_is_sent_in_a_megabyte():
    gigabytes = [case for case in CASES if "1-gb" in case.name]
    assert {case.headers["content-encoding"] for case in gigabytes} == {"gzip", "deflate", "zstd"}
    assert all(len(case.make()) < 1.25 * MIB for case in gigabytes)


async def test_aborted_uploads_leave_nothing(target, kafka):
    before = len(await batches(kafka.bootstrap))
    name = 'playhead_collector_batches_total{outcome="client_gone"}'
    gone = await target.metric(name)
    cut = [body for case in CASES if len(body := case.make()) > 1][:60]
    for body in cut:
        upload = await SlowUpload.begin(target, len(body))
        await upload.send(body[: len(body) // 2])
        upload.close()
    chunk = b"%x\r\n%s\r\n"
    in_chunks = (
        b"",
        b"4",
        b"40\r\n[",
        chunk % (len(GOOD), GOOD),
        chunk % (len(GOOD), GOOD) + b"0\r\n",
    )
    for begun in in_chunks:
        upload = await SlowUpload.begin(target, None)
        await upload.send(begun)
        upload.close()
    await until(lambda: target.metric(name), gone + len(cut) + len(in_chunks))
    assert await in_flight(target) == 0
    assert len(await batches(kafka.bootstrap)) == before


async def test_slow_bodies_hold_up_nobody_and_leave_nothing(target, kafka):
    async with target.client() as client:
        sender = Sender(target, client, kafka.bootstrap)
        slow = [await SlowUpload.begin(target, len(GOOD)) for _ in range(500)]
        for upload in slow:
            await upload.send(GOOD[:-1])
        await until(lambda: in_flight(target), len(slow) * (len(GOOD) - 1))
        assert (await sender.post(GOOD, window="beside-slow-ones", seq=0)).status_code == 202
        await slow[0].send(GOOD[-1:])
        assert (await slow[0].answer())[0] == 202
        for upload in slow:
            upload.close()
        await until(lambda: in_flight(target), 0)


async def test_good_batches_are_taken_while_the_worst_ones_are_refused(target, kafka):
    worst = [case for case in CASES if case.name.startswith(("bomb", "deep", "too-many"))]
    async with target.client() as client:
        sender = Sender(target, client, kafka.bootstrap)

        async def send(case: Case) -> None:
            answer = await sender.post(case.make(), case.headers, **case.query)
            reason = ACCEPTED if answer.status_code == 202 else answer.json()["reason"]
            assert reason in (case.expected, "overloaded"), case.name

        attack = asyncio.gather(*[send(case) for case in worst])
        for seq in range(20):
            answer = await sender.post(GOOD, window="meanwhile", seq=seq)
            assert answer.status_code in (202, 503), answer.text
            assert answer.status_code == 202 or answer.json()["reason"] == "overloaded"
        await attack
        assert (await sender.post(GOOD, window="after", seq=0)).status_code == 202
    await until(lambda: in_flight(target), 0)
