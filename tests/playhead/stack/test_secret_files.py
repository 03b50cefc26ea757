import stat
from pathlib import Path

import msgspec
import pytest

from playhead.stack.secret_files import share_keys_file, stack_secrets, write_private


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_secrets_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    first = stack_secrets(tmp_path)
    assert stack_secrets(tmp_path) == first
    assert mode(tmp_path / "secrets.json") == 0o600
    assert len(set(msgspec.structs.astuple(first))) == 5


def test_a_key_that_signs_share_links_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    stack_secrets(tmp_path)
    first = share_keys_file(tmp_path).read_bytes()
    stack_secrets(tmp_path)

    assert share_keys_file(tmp_path).read_bytes() == first
    assert len(first) >= 32
    assert mode(share_keys_file(tmp_path)) == 0o600


def test_two_folders_have_different_secrets(tmp_path: Path) -> None:
    assert stack_secrets(tmp_path / "a") != stack_secrets(tmp_path / "b")


def test_a_damaged_file_is_an_error_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    with pytest.raises(msgspec.DecodeError):
        stack_secrets(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == "{}"


def test_a_file_that_all_could_read_is_private_once_written(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, b"new")
    assert (file.read_bytes(), mode(file)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [file]
