"""A viewer's buffer: bounded, in order, and honest about what it let go."""

from query_api.live.arrival import Arrival
from query_api.live.viewer import Completed, Ending, Viewer


def at(offset: int) -> Arrival:
    return Arrival(0, offset)


def test_what_is_offered_is_taken_in_order() -> None:
    viewer = Viewer(10)
    assert viewer.offer(at(1), b"one")
    assert viewer.offer(at(2), b"two")
    assert [viewer.take(), viewer.take(), viewer.take()] == [(at(1), b"one"), (at(2), b"two"), None]


def test_one_that_takes_too_little_falls_behind_and_holds_nothing() -> None:
    viewer = Viewer(10)
    assert viewer.offer(at(1), b"x" * 6)
    assert not viewer.offer(at(2), b"x" * 5)
    assert (viewer.take(), viewer.ending) == (None, Ending.FELL_BEHIND)


def test_what_was_taken_makes_room() -> None:
    viewer = Viewer(10)
    for offset in range(100):
        assert viewer.offer(at(offset), b"x" * 10)
        assert viewer.take() is not None


def test_one_message_is_held_however_large() -> None:
    viewer = Viewer(10)
    assert viewer.offer(at(1), b"x" * 1_000)
    assert not viewer.offer(at(2), b"x")


def test_what_is_held_may_still_be_taken_at_the_end() -> None:
    viewer = Viewer(10)
    viewer.offer(at(1), b"last")
    viewer.end(Completed(5))
    assert (viewer.take(), viewer.ending) == ((at(1), b"last"), Completed(5))
