"""The topics that their files declare."""

from pathlib import Path

import msgspec
import pytest

from schemas import topic
from schemas.dead_letter import DETAIL_BYTES, LARGEST_RECORD_BYTES
from schemas.share import KEPT_MS, LONGEST_DAYS
from schemas.topic import (
    BATCHES,
    CONNECTIONS,
    DEAD_LETTERS,
    SESSIONIZER_CHANGELOG,
    SESSIONS,
    SHARES,
    declared,
    kept_ms,
)


def test_every_topic_that_the_code_names_is_declared_and_no_other() -> None:
    assert set(declared()) == {
        BATCHES,
        CONNECTIONS,
        DEAD_LETTERS,
        SESSIONIZER_CHANGELOG,
        SESSIONS,
        SHARES,
    }


def test_the_changelog_has_the_partitions_of_the_batches() -> None:
    topics = declared()
    assert topics[SESSIONIZER_CHANGELOG].partitions == topics[BATCHES].partitions


def test_state_is_compacted_and_batches_are_kept_seven_days() -> None:
    topics = declared()
    policies = {name: found.config["cleanup.policy"] for name, found in topics.items()}
    assert policies == {
        BATCHES: "delete",
        CONNECTIONS: "compact",
        DEAD_LETTERS: "delete",
        SESSIONIZER_CHANGELOG: "compact",
        SESSIONS: "compact",
        SHARES: "compact,delete",
    }
    assert int(topics[BATCHES].config["retention.ms"]) == 7 * 86_400_000


def test_a_segment_goes_as_a_whole_so_a_record_is_kept_for_a_segments_time_longer() -> None:
    assert kept_ms(declared()[BATCHES]) == 8 * 86_400_000


def test_a_share_is_in_its_topic_for_as_long_as_it_can_be_valid() -> None:
    assert int(declared()[SHARES].config["retention.ms"]) >= KEPT_MS > LONGEST_DAYS * 86_400_000


def test_what_fits_into_the_batches_fits_into_the_dead_letters_with_its_headers() -> None:
    sizes = {name: int(found.config.get("max.message.bytes", 0)) for name, found in declared().items()}
    assert sizes[BATCHES] == LARGEST_RECORD_BYTES
    assert sizes[DEAD_LETTERS] >= LARGEST_RECORD_BYTES + 64 * DETAIL_BYTES


@pytest.mark.parametrize("text", ["name: a", "name: a\nkey: k\nvalue: v\npartitions: many\nconfig: {}"])
def test_a_file_of_another_form_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text(text)
    monkeypatch.setattr(topic, "FOLDER", tmp_path)
    with pytest.raises(msgspec.ValidationError):
        declared()
