"""A worker that ended itself is counted by the one that comes after it."""

from pathlib import Path
from typing import NoReturn

import pytest

from sessionizer.settings import Settings
from sessionizer.worker.app import SessionizerApp
from sessionizer.worker.ends import LARGEST_BYTES, Ends


class Ended(BaseException):
    pass


def end(reason: str, **facts: object) -> NoReturn:
    raise Ended(reason, facts)


def end_for(file: Path | None, reason: str) -> None:
    with pytest.raises(Ended) as ended:
        Ends(file, end).end(reason, partition=3)
    assert ended.value.args == (reason, {"partition": 3})


def test_each_end_is_counted_by_its_reason_in_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "ends.jsonl"
    assert Ends(file, end).by_reason() == {}
    for reason in ("no heartbeat", "processing error", "no heartbeat"):
        end_for(file, reason)
    assert Ends(file, end).by_reason() == {"no heartbeat": 2, "processing error": 1}


async def test_metrics_show_them(tmp_path: Path) -> None:
    file = tmp_path / "ends.jsonl"
    for _ in range(2):
        end_for(file, "no heartbeat")
    app = SessionizerApp(Settings(ends_file=file))
    app.unwatch()
    shown = app.metrics.registry.get_sample_value
    assert shown("playhead_sessionizer_fences_total", {"reason": "no heartbeat"}) == 2


def test_it_ends_where_nothing_can_be_noted(tmp_path: Path) -> None:
    end_for(tmp_path / "no such folder" / "ends.jsonl", "no heartbeat")
    end_for(None, "no heartbeat")
    assert Ends(None, end).by_reason() == {}


def test_a_line_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "ends.jsonl"
    end_for(file, "no heartbeat")
    with file.open("ab") as torn:
        torn.write(b'{"reason": "proc\n')
    end_for(file, "processing error")
    assert Ends(file, end).by_reason() == {"no heartbeat": 1, "processing error": 1}


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "ends.jsonl"
    file.write_bytes(b"x" * (LARGEST_BYTES + 1))
    end_for(file, "no heartbeat")
    assert file.stat().st_size < 1_000
    assert Ends(file, end).by_reason() == {"no heartbeat": 1}
