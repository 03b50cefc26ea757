"""Rule 8: session ids follow from the log."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from sessionizer.core.identity import session_id
from sessionizer.core.rules import Rules
from tests.builders.batches import SECOND, T0, a_batch
from tests.builders.logs import Log, a_log
from tests.builders.tables import tables_of
from tests.sessionizer.core.random_logs import RULES, logs, thorough

ANN = {"connection": "shop", "visitor": "ann", "topic": "playhead.batches", "partition": 3, "offset": 17}


def test_an_id_is_a_uuid_of_version_7_with_the_start_in_its_first_48_bits() -> None:
    as_uuid = uuid.UUID(bytes=session_id(**ANN, started_at=T0))
    assert (as_uuid.version, as_uuid.variant) == (7, uuid.RFC_4122)
    assert as_uuid.int >> 80 == T0


def test_an_id_does_not_change_with_releases() -> None:
    """It stands in links and in other systems, and a replay of the log must give it again."""
    assert session_id(**ANN, started_at=T0).hex() == "019ab697e80079649383c70d211d7d2a"


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**62))
def test_every_start_fits(started_at: int, offset: int) -> None:
    as_uuid = uuid.UUID(bytes=session_id(**{**ANN, "offset": offset}, started_at=started_at))
    assert (as_uuid.version, as_uuid.variant, as_uuid.int >> 80) == (7, uuid.RFC_4122, started_at)


def test_each_part_of_a_records_place_makes_another_id() -> None:
    others = ({}, {"connection": "b"}, {"visitor": "b"}, {"topic": "b"}, {"partition": 4}, {"offset": 18})
    assert len({session_id(**{**ANN, **other}, started_at=T0) for other in others}) == len(others)


def test_the_start_is_that_of_the_batch_which_arrived_first() -> None:
    tables = tables_of(a_log([a_batch(T0, lasts_ms=5 * SECOND)]), RULES)
    (session,) = tables.in_order()
    assert session.started_at == T0 - 5 * SECOND
    assert session.session_id[:6] == (T0 - 5 * SECOND).to_bytes(6, "big")


@thorough
@given(logs())
def test_ids_are_unique_and_the_same_log_gives_the_same(log: Log) -> None:
    tables = tables_of(log, RULES)
    ids = [session.session_id for session in tables.sessions.values()]
    assert len(set(ids)) == len(ids)
    assert tables_of(log, RULES, [5]).sessions.keys() == tables.sessions.keys()


def test_another_topic_has_other_sessions() -> None:
    log = a_log([a_batch(T0)])
    assert tables_of(log, RULES).sessions.keys() != tables_of(log, Rules(topic="other")).sessions.keys()
