import gzip

import pytest

from benchmarks.collector.our_steps import ns_a_body, step_of
from collector.prepare import Prepared
from collector.problems import Refused

BODY = gzip.compress(b'[{"type":4,"data":{"href":"/"},"timestamp":7}]')


def test_the_whole_step_is_what_the_collector_does_with_a_body() -> None:
    prepared = step_of("raw", BODY)()
    assert isinstance(prepared, Prepared)
    assert (prepared.summary.events, prepared.summary.href, prepared.payload) == (1, "/", BODY)


def test_a_body_that_is_refused_is_not_measured() -> None:
    with pytest.raises(Refused):
        step_of("raw", gzip.compress(b"[{}]"))()
    with pytest.raises(KeyError):
        step_of("nothing", BODY)


def test_every_round_does_every_body_and_the_fastest_counts() -> None:
    done: list[int] = []
    assert ns_a_body(lambda: done.append(1), rounds=3, bodies=5) >= 0
    assert len(done) == 15
