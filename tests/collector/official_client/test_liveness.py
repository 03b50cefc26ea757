"""A client that keeps its events until it connects anew is seen from its silence."""

from collector.official_client.liveness import LIVE_AFTER_MS, Liveness

REFRESH_MS = 20_000


def test_one_that_sent_all_at_once_and_then_nothing_is_refreshed():
    liveness = Liveness(0, REFRESH_MS)
    for at in (30, 40, 1_000):
        liveness.hear(at)
    assert liveness.refresh_at_ms == 21_000


def test_one_that_sends_nothing_at_all_is_refreshed():
    assert Liveness(500, REFRESH_MS).refresh_at_ms == 20_500


def test_a_first_message_that_comes_late_proves_nothing():
    # A large one, over a slow line.
    liveness = Liveness(0, REFRESH_MS)
    liveness.hear(LIVE_AFTER_MS * 2)
    assert liveness.refresh_at_ms == LIVE_AFTER_MS * 2 + REFRESH_MS


def test_one_that_sends_again_after_a_while_is_live_for_good():
    for later, live in ((LIVE_AFTER_MS - 1, False), (LIVE_AFTER_MS, True)):
        liveness = Liveness(0, REFRESH_MS)
        liveness.hear(10)
        liveness.hear(10 + later)
        liveness.hear(10 + later)
        assert (liveness.refresh_at_ms is None) is live
