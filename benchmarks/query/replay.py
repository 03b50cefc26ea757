"""The events of recorded sessions: until the first byte is there; how fast they stream, beside nginx."""

import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.query.asking import RECEIVE_BYTES, Client, Times, bearer
from benchmarks.query.filling import Filled, Recorded
from benchmarks.query.query_api import Access, QueryApi
from benchmarks.result import Measure
from benchmarks.sessionizer.cores import cpu_s

WARM_UP = 40
LARGEST_BYTES = 32 << 20
"""The largest page that the query API gives, by its own settings."""
MB = 1e6


def measure_first_byte(api: QueryApi, access: Access, filled: Filled, times: int) -> Iterator[Measure]:
    draw = random.Random(4)
    asked = [draw.choice(filled.recorded) for _ in range(WARM_UP + times)]
    for what, query, goals in (
        ("from the beginning", "", (6, 12)),
        ("from a moment in its middle (`at=`)", "&at={middle}", (None, None)),
    ):
        took = _first_bytes(api, access, asked, query)
        yield Measure(f"replay: first byte of events, {what}: p50", took.p50, "ms", goal=goals[0])
        yield Measure(f"replay: first byte of events, {what}: p99", took.p99, "ms", goal=goals[1])
    long = [filled.long] * (WARM_UP + times // 4)
    took = _first_bytes(api, access, long, "&at={middle}")
    yield Measure("seek to the middle of a 60-minute session, first byte: p50", took.p50, "ms")
    yield Measure("seek to the middle of a 60-minute session, first byte: p99", took.p99, "ms", goal=500)


def events_path(session: Recorded, query: str = "") -> str:
    middle = session.started_at + session.length_ms // 2
    return f"/v1/sessions/{session.session_id}/events?window={session.window}{query.format(middle=middle)}"


def tenant_number(session: Recorded) -> int:
    return int(session.tenant.rpartition("-")[2])


def _first_bytes(api: QueryApi, access: Access, asked: Sequence[Recorded], query: str) -> Times:
    clients: dict[int, Client] = {}
    taken = []
    for session in asked:
        tenant = tenant_number(session)
        if tenant not in clients:
            clients[tenant] = Client(api.port, bearer(access.tokens[tenant]))
        answer = clients[tenant].get(events_path(session, query))
        taken.append(answer.first_byte_s * 1_000)
    for client in clients.values():
        client.close()
    return Times(taken[WARM_UP:])


class Pages(NamedTuple):
    """A session's pages of events, as paths of the query API and as the same bytes in files."""

    paths: Sequence[str]
    files: Sequence[str]
    json_bytes: int
    sent_bytes: int


def saved_pages(
    api: QueryApi, token: str, session: Recorded, folder: Path, encoding: str, limit_bytes: int | None = None
) -> Pages:
    """Ask for all pages once, and keep them as files of this encoding, as they were sent."""
    client = Client(api.port, bearer(token))
    first = events_path(session, "" if limit_bytes is None else f"&limit_bytes={limit_bytes}")
    paths, files, json_bytes, sent_bytes = [], [], 0, 0
    path: str | None = first
    while path is not None:
        plain = client.get(path, **{"Accept-Encoding": "identity"}).body
        sent = client.get(path, **{"Accept-Encoding": encoding}).body
        file = f"page-{len(paths)}.{limit_bytes}.{encoding}.json"
        (folder / file).write_bytes(sent)
        paths.append(path)
        files.append(f"/{file}")
        json_bytes += len(plain)
        sent_bytes += len(sent)
        cursor = json.loads(plain)["next_cursor"]
        path = None if cursor is None else f"{first}&cursor={cursor}"
    client.close()
    return Pages(paths, files, json_bytes, sent_bytes)


def saved_export(api: QueryApi, token: str, session: Recorded, folder: Path) -> Pages:
    """The same of an export as NDJSON, which is one answer."""
    path = f"/v1/sessions/{session.session_id}/export?window={session.window}&form=ndjson"
    client = Client(api.port, bearer(token))
    body = client.get(path, **{"Accept-Encoding": "identity"}).body
    client.close()
    (folder / "export.ndjson").write_bytes(body)
    return Pages([path], ["/export.ndjson"], len(body), len(body))


@dataclass(frozen=True)
class Streamed:
    """Of each turn, in MB/s of JSON and MB of JSON a second of the server's processor time."""

    by_clock: Sequence[float]
    by_processor: Sequence[float]


def streamed_in_turns(
    servers: Sequence[tuple[Client, int, Sequence[str]]], pages: Pages, encoding: str, turns: int
) -> list[Streamed]:
    """Every server in turn sends all pages; the one that begins changes.

    Args:
        servers: each with its process and its paths.
    """
    buffer = bytearray(RECEIVE_BYTES)
    by_clock: list[list[float]] = [[] for _ in servers]
    by_processor: list[list[float]] = [[] for _ in servers]
    for turn in range(turns + 1):
        order = list(enumerate(servers))
        for number, (client, pid, paths) in order if turn % 2 else order[::-1]:
            used, began = cpu_s(pid), time.perf_counter()
            sent = sum(client.taken(path, buffer, **{"Accept-Encoding": encoding}) for path in paths)
            took, used = time.perf_counter() - began, cpu_s(pid) - used
            if sent != pages.sent_bytes:
                raise ValueError(f"{sent:,} bytes came, not {pages.sent_bytes:,}")
            # The first turn is for warming up.
            if turn:
                by_clock[number].append(pages.json_bytes / MB / took)
                by_processor[number].append(pages.json_bytes / MB / max(used, 0.01))
    return [Streamed(*both) for both in zip(by_clock, by_processor, strict=True)]


def measure_streaming(
    api: QueryApi, token: str, nginx: tuple[int, int], root: Path, session: Recorded, turns: int
) -> Iterator[Measure]:
    def pages(encoding: str, limit_bytes: int | None = None) -> Pages:
        return saved_pages(api, token, session, root, encoding, limit_bytes)

    def in_turns(what: str, asked: Pages, encoding: str, goal: float | None) -> Iterator[Measure]:
        ours, static = Client(api.port, bearer(token)), Client(nginx[0])
        found, peer = streamed_in_turns(
            [(ours, api.pid, asked.paths), (static, nginx[1], asked.files)], asked, encoding, turns
        )
        ours.close()
        static.close()
        yield Measure(
            f"events streamed to a client, {asked.json_bytes / MB:.0f} MB {what}",
            statistics.median(found.by_clock),
            "MB/s of JSON",
            peer="nginx, the same bytes as static files",
            peer_value=statistics.median(peer.by_clock),
            goal=goal,
            bound="at least",
            of_ratio=goal is not None,
        )
        yield Measure(
            f"the same by processor time of the query API alone, {what}",
            statistics.median(found.by_processor),
            "MB of JSON/CPU s",
        )

    plain, largest, packed = pages("identity"), pages("identity", LARGEST_BYTES), pages("zstd")
    yield from in_turns(f"in {len(plain.paths)} pages", plain, "identity", 0.5)
    yield from in_turns(f"in {len(largest.paths)} pages of the largest size", largest, "identity", 0.5)
    yield from in_turns("as an export", saved_export(api, token, session, root), "identity", 0.5)
    sent = f"zstd, {packed.sent_bytes / MB:.1f} MB sent"
    yield from in_turns(f"in {len(packed.paths)} pages, {sent}", packed, "zstd", None)
