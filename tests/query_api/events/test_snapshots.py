from query_api.events.order import Place
from query_api.events.snapshots import last_full_snapshot, last_meta
from tests.query_api.kinds import FULL_SNAPSHOT, META
from tests.query_api.seeds import batch, event

BATCH = batch(
    event(1, "a", META),
    event(2, "b", FULL_SNAPSHOT),
    event(3),
    event(5, "c", META),
    event(5.5, "d", FULL_SNAPSHOT),
    event(5.7, "e", FULL_SNAPSHOT),
    event(9, "f", FULL_SNAPSHOT),
    seq=7,
)


def test_the_last_full_snapshot_not_after_a_time_in_whole_ms() -> None:
    found = last_full_snapshot(BATCH, 5)

    assert found is not None
    assert found.place == Place(5, 7, 0, 0, 5)
    assert found.event == event(5.7, "e", FULL_SNAPSHOT)
    assert last_full_snapshot(BATCH, 1) is None


def test_the_last_meta_between_two_places() -> None:
    snapshot = Place(5, 7, 0, 0, 4)

    found = last_meta(BATCH, None, snapshot)

    assert found is not None
    assert found.event == event(5, "c", META)
    assert last_meta(BATCH, found.place, snapshot) is None
    assert last_meta(BATCH, None, Place(5, 7, 0, 0, 3)) == last_meta(BATCH, None, Place(2, 7, 0, 0, 1))
    assert last_meta(BATCH, None, Place(1, 7, 0, 0, 0)) is None
