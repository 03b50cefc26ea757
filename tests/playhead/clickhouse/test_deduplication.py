"""A token in the log without a part in the table: the engine was killed between the two."""

from pathlib import Path

import httpx
import pytest

from playhead.clickhouse.deduplication import Blocks, blocks_of, mend, without_orphans
from tests.playhead.clickhouse.running import RunningServer
from tests.playhead.clickhouse.test_durability import ROWS, insert, tokens

ADD_5 = b"1\tall_5_5_0\tall_10_20\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("all_5_5_0", Blocks("all", 5, 5)),
        ("202612_1_17_3", Blocks("202612", 1, 17)),
        ("202612_1_17_3_21", Blocks("202612", 1, 17)),
        ("tmp_insert_all_5_5_0", None),
        ("delete_tmp_all_5_5_0", None),
        ("detached", None),
        ("format_version.txt", None),
    ],
)
def test_a_parts_name_says_which_blocks_it_holds(name: str, expected: Blocks | None) -> None:
    assert blocks_of(name) == expected


@pytest.mark.parametrize(
    "present",
    [
        pytest.param([Blocks("all", 5, 5)], id="the part itself"),
        pytest.param([Blocks("all", 1, 4), Blocks("all", 5, 9)], id="the part it was merged into"),
    ],
)
def test_a_record_of_a_part_that_is_there_stays(present: list[Blocks]) -> None:
    assert without_orphans(ADD_5, present) == ADD_5


@pytest.mark.parametrize(
    "present",
    [
        pytest.param([], id="an empty table"),
        pytest.param([Blocks("all", 1, 4), Blocks("all", 6, 9)], id="others around it"),
        pytest.param([Blocks("202612", 1, 9)], id="another partition"),
    ],
)
def test_a_record_of_a_part_that_never_came_to_be_goes(present: list[Blocks]) -> None:
    before, after = b"1\tall_2_2_0\tall_1_1\n", b"1\tall_7_7_0\tall_3_3\n"
    known = [*present, Blocks("all", 2, 2), Blocks("all", 7, 7)]
    assert without_orphans(before + ADD_5 + after, known) == before + after


def test_a_line_cut_short_goes_and_what_is_not_understood_stays() -> None:
    odd = b"2\tall_3_3_0\tall_1_2\n3\twhat\n"
    assert without_orphans(odd + b"1\tall_5", [Blocks("all", 5, 5)]) == odd


def test_every_tables_logs_are_mended_once(tmp_path: Path) -> None:
    table = tmp_path / "store/0ab/0ab-cd"
    (table / "deduplication_logs").mkdir(parents=True)
    (table / "all_1_1_0").mkdir()
    file = table / "deduplication_logs/deduplication_log_1.txt"
    kept = b"1\tall_1_1_0\tall_1_2\n"
    file.write_bytes(kept + ADD_5)
    assert mend(tmp_path) == 1
    assert file.read_bytes() == kept
    assert mend(tmp_path) == 0
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


@pytest.mark.stack
def test_a_repeat_of_an_insert_that_was_killed_after_its_token_is_kept(data_dir: Path) -> None:
    """The kill is made by hand: the part of an acknowledged insert is taken away, its token stays."""
    server = RunningServer(data_dir)
    with server, httpx.Client(trust_env=False) as http:
        settings = "SETTINGS non_replicated_deduplication_window = 100"
        columns = "(token String, n UInt32, payload String)"
        assert server.ask(
            f"CREATE TABLE source {columns} ENGINE = MergeTree ORDER BY n {settings}"
        ).is_success
        insert(server, http, "first")
        insert(server, http, "killed")
        server.kill()
        (part,) = (data_dir / "engine").glob("store/*/*/all_2_2_0")
        part.rename(part.with_name("tmp_insert_all_2_2_0"))
        server.start()
        server.wait_ready()
        assert set(tokens(server, "source")) == {"first"}
        insert(server, http, "killed")
        insert(server, http, "first")
        assert tokens(server, "source") == dict.fromkeys(["first", "killed"], ROWS)
