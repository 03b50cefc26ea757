"""A link's token: what it says, and that nobody else can say it."""

import base64
import json
import uuid
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt import PyJWS

from query_api.shares.links import PREFIX, KeysFile, Opened, open_link, sign
from schemas.share import Share

KEY, OTHER = b"a secret key of thirty-two bytes", b"another secret key of 32 bytes.."
SHARE = Share(
    id="one", tenant="demo", session_id=uuid.UUID(int=7), created_at=5, expires_at=9, created_by="desk", at=6
)


def test_a_link_says_what_it_opens_and_until_when() -> None:
    token = sign(SHARE, KEY)

    assert token.startswith(PREFIX)
    assert open_link(token, (KEY,)) == Opened("one", "demo", uuid.UUID(int=7), 9)
    assert open_link(token, (KEY,)) == Opened.of(SHARE)


def test_only_the_keys_that_are_held_open_it() -> None:
    token = sign(SHARE, KEY)

    assert open_link(token, (OTHER,)) is None
    assert open_link(token, ()) is None
    assert open_link(token, (OTHER, KEY)) == Opened.of(SHARE), (
        "while a key is rotated the one before opens too"
    )


def forged(payload: object, key: bytes = OTHER, **header: Any) -> str:
    text = msgspec.json.encode(payload)
    return PREFIX + PyJWS().encode(text, key, algorithm="HS256", headers=header)


def test_what_a_link_says_cannot_be_changed() -> None:
    head, payload, signature = sign(SHARE, KEY).removeprefix(PREFIX).split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    for change in (
        {"id": "two"},
        {"tenant": "rival"},
        {"session_id": str(uuid.UUID(int=8))},
        {"expires_at": 99},
    ):
        other = base64.urlsafe_b64encode(json.dumps(said | change).encode()).rstrip(b"=").decode()
        assert open_link(f"{PREFIX}{head}.{other}.{signature}", (KEY,)) is None
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    assert open_link(f"{PREFIX}{unsigned}.{payload}.", (KEY,)) is None
    assert open_link(forged(said), (KEY,)) is None
    assert open_link(forged(said, KEY), (KEY,)) == Opened.of(SHARE), "it is the key that makes the difference"


@pytest.mark.parametrize(
    "payload", [[], {}, {"id": "one"}, {**msgspec.to_builtins(Opened.of(SHARE)), "id": 5}, "x"]
)
def test_what_a_key_signed_and_is_no_share_opens_nothing(payload: object) -> None:
    assert open_link(forged(payload, KEY), (KEY,)) is None


@given(st.text(max_size=200))
def test_any_text_opens_nothing_and_does_not_fail(text: str) -> None:
    assert open_link(PREFIX + text, (KEY, OTHER)) is None


def test_keys_are_read_from_a_file_and_rotated_in_it(tmp_path: Path) -> None:
    file = tmp_path / "share-keys"
    keys = KeysFile(file)
    assert keys.keys() == ()

    file.write_bytes(KEY + b"\n")
    assert keys.keys() == (KEY,)

    file.write_bytes(OTHER + b"\n\n" + KEY + b"\r\n")
    assert keys.keys() == (OTHER, KEY)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"too short", KEY + b"\nshort\n"])
def test_a_file_that_cannot_be_used_leaves_the_keys_as_they_were(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "share-keys"
    keys = KeysFile(file)
    file.write_bytes(KEY)
    keys.keys()

    file.write_bytes(content)
    assert keys.keys() == (KEY,)
    file.unlink()
    assert keys.keys() == (KEY,)


def test_a_key_that_cannot_be_used_is_not_written_to_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "share-keys"
    file.write_text("hunter2")
    KeysFile(file).keys()

    written = "".join(capsys.readouterr())
    assert "share keys" in written
    assert "hunter2" not in written


def test_without_a_file_there_is_no_key() -> None:
    assert KeysFile(None).keys() == ()
