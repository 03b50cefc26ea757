import gzip
import json

from benchmarks.collector import bodies
from playhead.checkout import RECORDINGS
from playhead.player.recording import Recording, read_folder, timed

SNAPSHOT, MOVE = 2, 3


def recording(*events: tuple[int, int]) -> Recording:
    """Of kinds and sizes."""
    texts = [
        json.dumps({"type": kind, "data": "x" * size, "timestamp": at})
        for at, (kind, size) in enumerate(events)
    ]
    return Recording("r", [timed(text.encode()) for text in texts])


def events_of(body: bodies.Body) -> list[dict[str, object]]:
    return json.loads(gzip.decompress(body.gzipped))


def test_of_all_runs_of_fifty_the_one_of_the_nearest_size_is_taken() -> None:
    small, near, far = [(MOVE, 10)] * 60, [(MOVE, 170)] * 50, [(MOVE, 900)] * 50
    with_one = [(SNAPSHOT, 107_000)]
    found = [recording(*small), recording(*near), recording(*far), recording(*with_one, *small)]
    plain = events_of(bodies.incremental(found))
    assert [(event["type"], len(str(event["data"]))) for event in plain] == near
    full = events_of(bodies.with_snapshot(found))
    assert (len(full), [event["type"] for event in full].count(SNAPSHOT)) == (50, 1)


def test_the_recordings_hold_bodies_of_about_the_sizes_that_are_asked_for() -> None:
    found = read_folder(RECORDINGS)
    for body, least, most in (
        # No snapshot of theirs is smaller.
        (bodies.with_snapshot(found), bodies.SNAPSHOT_BYTES, 300_000),
        (bodies.incremental(found), 0.8 * bodies.INCREMENTAL_BYTES, 1.2 * bodies.INCREMENTAL_BYTES),
    ):
        assert body.events == len(events_of(body)) == 50
        assert least < len(gzip.decompress(body.gzipped)) < most


def test_the_large_body_has_a_megabyte_as_it_is_sent() -> None:
    body = bodies.large()
    assert 0.95 < len(body.gzipped) / bodies.LARGE_BYTES < 1.1
    assert len(events_of(body)) == body.events == 1
