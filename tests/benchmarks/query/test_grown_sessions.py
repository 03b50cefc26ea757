from functools import cache

from benchmarks.query.grown_sessions import GAP_MS, GRACE_MS, Block, Growth
from benchmarks.query.size import MOST_RECORDED_LAST, Size
from sessionizer.core.versions import SessionVersion
from tests.benchmarks.query.recorded import pages

SIZE = Size(tenants=3, sessions=600, corpus_events=10_000, long_ms=120_000, parts=5, period_ms=30 * 3_600_000)
UNTIL_AT = 1_795_800_000_000


def growth(size: Size = SIZE) -> Growth:
    return Growth(size, UNTIL_AT, pages())


@cache
def blocks() -> tuple[Block, ...]:
    return tuple(growth().blocks())


def latest() -> dict[bytes, SessionVersion]:
    found: dict[bytes, SessionVersion] = {}
    for block in blocks():
        for row in block.rows:
            if row.session_id not in found or found[row.session_id].version < row.version:
                found[row.session_id] = row
    return found


def test_the_same_size_and_moment_give_the_same_rows() -> None:
    assert tuple(growth().blocks()) == blocks()


def test_another_seed_gives_others() -> None:
    other = Size(**{**vars(SIZE), "seed": 8})
    assert {row.session_id for block in growth(other).blocks() for row in block.rows}.isdisjoint(latest())


def test_there_are_as_many_sessions_as_asked_for_and_the_long_one() -> None:
    assert len(latest()) == SIZE.sessions + 1
    for number in range(SIZE.tenants):
        of_tenant = [row for row in latest().values() if row.tenant_id == f"tenant-{number:02}"]
        assert len(of_tenant) == SIZE.sessions // SIZE.tenants + (number == 0)


def test_a_part_is_a_stretch_of_time_and_what_went_on_from_the_one_before() -> None:
    begun: set[bytes] = set()
    for block in blocks():
        again = [row for row in block.rows if row.session_id in begun]
        assert all(
            row.first_event_at < min(one.started_at for one in block.rows if one not in again)
            for row in again
        )
        begun |= {row.session_id for row in block.rows}
    rows = sum(len(block.rows) for block in blocks())
    assert SIZE.sessions + 1 < rows < 2 * SIZE.sessions


def test_a_session_is_over_when_the_gap_and_the_grace_have_passed() -> None:
    for row in latest().values():
        over = row.last_event_at + GAP_MS + GRACE_MS <= UNTIL_AT
        assert row.status == ("completed" if over else "active")
        assert row.last_event_at <= UNTIL_AT


def test_a_later_version_is_never_less_than_an_earlier_one() -> None:
    known: dict[bytes, SessionVersion] = {}
    for block in blocks():
        for row in block.rows:
            if (before := known.get(row.session_id)) is not None:
                assert row.version > before.version
                assert row.events >= before.events
                assert row.last_event_at >= before.last_event_at
            known[row.session_id] = row


def test_each_tenants_newest_sessions_that_are_over_can_be_played() -> None:
    recorded = {one.id for block in blocks() for one in block.recorded}
    for number in range(SIZE.tenants):
        over = [
            row
            for row in latest().values()
            if row.tenant_id == f"tenant-{number:02}" and row.status == "completed"
        ]
        newest = sorted(over, key=lambda row: row.started_at)[-MOST_RECORDED_LAST:]
        assert {row.session_id for row in newest} <= recorded


def test_recorded_sessions_hold_about_the_events_asked_for() -> None:
    ordinary = [one for block in blocks() for one in block.recorded if one.id != growth().long.id]
    last = SIZE.tenants * MOST_RECORDED_LAST
    mean = sum(page.events for page in pages()) / len(pages())
    assert abs(len(ordinary) - last - SIZE.corpus_events / mean) <= last


def test_a_row_of_a_session_that_goes_on_tells_what_has_happened_so_far() -> None:
    session = next(one for one in growth().stretch(0) if one.last_at - one.started_at > 60_000)
    now = (session.started_at + session.last_at) // 2
    row, whole = session.version(now, 1), session.version(session.due_at, 1)
    assert (row.status, row.last_event_at) == ("active", now)
    assert (whole.status, whole.last_event_at, whole.events) == ("completed", session.last_at, session.events)
    assert (row.events, row.batches, row.raw_bytes) < (whole.events, whole.batches, whole.raw_bytes)
    assert row.windows[0].last_at == now
