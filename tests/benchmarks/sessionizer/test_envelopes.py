from benchmarks.sessionizer.envelopes import bodies_near, uncompressed
from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder


def test_a_body_uncompressed_holds_the_same_events_as_they_are() -> None:
    (zipped, *_) = bodies_near(read_folder(RECORDINGS), 20_000)
    plain = uncompressed(zipped)
    assert (plain.prepared.encoding, plain.prepared.payload) == ("identity", zipped.raw)
    assert plain.prepared.summary == zipped.prepared.summary
