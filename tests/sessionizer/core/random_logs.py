"""Random logs for the property tests: few visitors and windows, times around the limits, much going wrong."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from schemas.envelope import Batch, Envelope, Erasure
from sessionizer.core.clocks import event_time, own_skew_ms, start_time
from sessionizer.core.identity import session_id
from sessionizer.core.rules import Rules
from tests.builders.batches import HOUR, MINUTE, SECOND, T0, a_batch, a_tick, an_erasure
from tests.builders.logs import Log, a_log

thorough = settings(
    deadline=None,
    max_examples=int(os.environ.get("EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow],
)
"""For every property over logs. `EXAMPLES=20000` makes a long run of it."""

GAP = 10 * MINUTE
MAXIMUM = 40 * MINUTE
RULES = Rules(topic="playhead.batches", grace_ms=2 * MINUTE, retain_ms=HOUR, erasure_kept_ms=5 * HOUR)

passing = st.sampled_from(
    [0, 0, 1, SECOND, 31 * SECOND, MINUTE, 4 * MINUTE, GAP - 1, GAP, GAP + 1, 25 * MINUTE, 2 * HOUR]
)
delays = st.sampled_from([0, 0, 0, SECOND, MINUTE, GAP - 1, GAP, GAP + 1, 35 * MINUTE, 3 * HOUR])
lengths = st.sampled_from([0, 0, SECOND, 3 * MINUTE, GAP, 2 * MAXIMUM])
clocks = st.sampled_from([0, 0, 0, 0, 20 * SECOND, -5 * MINUTE, 2 * HOUR, -400 * 24 * HOUR])
hashes = st.lists(st.integers(0, 12), min_size=1, max_size=4)


@st.composite
def erasures(draw: st.DrawFn, log: list[Envelope], now: int) -> Erasure:
    """Of a visitor, or of the session that some batch began, if it did."""
    offset, batch = draw(st.sampled_from(list(enumerate(log))))
    if not isinstance(batch, Batch) or draw(st.booleans()):
        return an_erasure(now, visitor=draw(st.sampled_from("ab")))
    started_at = start_time(batch, event_time(batch, own_skew_ms(batch)))
    place = batch.connection, batch.visitor, RULES.topic, 0, offset
    span = draw(st.sampled_from([None, (started_at, started_at + MINUTE)]))
    return an_erasure(
        now, visitor=batch.visitor, session_id=session_id(*place, started_at=started_at), span=span
    )


@st.composite
def envelopes(draw: st.DrawFn) -> list[Envelope]:
    now = T0
    log: list[Envelope] = []
    for _ in range(draw(st.integers(1, 25))):
        now += draw(passing)
        if draw(st.integers(0, 5)) == 0:
            log.append(a_tick(now - draw(st.sampled_from([0, 0, MINUTE]))))
            continue
        if log and draw(st.integers(0, 6)) == 0:
            log.append(draw(st.sampled_from(log)))
            continue
        if log and draw(st.integers(0, 8)) == 0:
            log.append(draw(erasures(log, now)))
            continue
        delay_ms, lasts_ms = draw(delays), draw(lengths)
        numbered = draw(st.booleans())
        meta_ms, snapshot_ms = draw(st.integers(0, lasts_ms)), draw(st.integers(0, lasts_ms))
        clock_ms = draw(clocks)
        at = now - delay_ms
        has_meta, has_snapshot = draw(st.booleans()), draw(st.booleans())
        log.append(
            a_batch(
                at,
                visitor=draw(st.sampled_from("ab")),
                window=draw(st.sampled_from(["x", "y"])) + ("n" if numbered else ""),
                seq=draw(st.integers(0, 9)) if numbered else None,
                hashes=None if numbered else draw(hashes),
                delay_ms=delay_ms,
                lasts_ms=lasts_ms,
                clock_ms=clock_ms,
                sent=draw(st.integers(0, 4)) > 0,
                meta_at=at + clock_ms - meta_ms if has_meta else None,
                href=draw(st.sampled_from(["https://shop.example/1", "https://shop.example/2"]))
                if has_meta
                else None,
                full_snapshots_at=(at + clock_ms - snapshot_ms,) if has_snapshot else (),
                final=draw(st.integers(0, 3)) == 0,
                gap_ms=GAP,
                max_session_ms=MAXIMUM,
                visitor_id=draw(st.sampled_from([None, None, "anna"])),
            )
        )
    return log


def logs() -> st.SearchStrategy[Log]:
    return envelopes().map(a_log)


def block_sizes() -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, 9), min_size=1, max_size=4)
