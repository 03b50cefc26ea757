from dataclasses import replace

import pytest

from benchmarks.query.size import Size


def test_each_difference_of_a_size_is_another_folder() -> None:
    size = Size()
    others = [
        replace(size, tenants=10),
        replace(size, sessions=999_999),
        replace(size, corpus_events=1_000_000),
        replace(size, long_ms=1),
        replace(size, parts=19),
        replace(size, period_ms=size.period_ms + 1),
        replace(size, seed=8),
    ]
    assert len({one.name for one in (size, *others)}) == len(others) + 1
    assert Size().name == size.name


def test_a_scaled_size_keeps_its_tenants_parts_and_long_session() -> None:
    size = Size()
    tenth = size.scaled(0.1)
    assert (tenth.sessions, tenth.corpus_events) == (100_000, 500_000)
    assert (tenth.tenants, tenth.parts, tenth.long_ms) == (size.tenants, size.parts, size.long_ms)


def test_a_size_that_leaves_a_stretch_without_sessions_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        Size().scaled(0.001)
