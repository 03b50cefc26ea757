import stat
from pathlib import Path

import pytest

from playhead.demo_tenant import ensure_token
from playhead.token_file import NoSuchToken, TokenExists, add_token, read_tokens, remove_token
from schemas.token import fingerprint


def test_a_token_is_kept_as_its_hash_alone_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    token = add_token(file, name="ann", tenant="t", role="reader")
    (kept,) = read_tokens(file)
    assert (kept.name, kept.tenant, kept.role, kept.sha256) == ("ann", "t", "reader", fingerprint(token))
    assert token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_name_is_given_once(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    add_token(file, name="ann", tenant="t", role="reader")
    with pytest.raises(TokenExists, match="ann"):
        add_token(file, name="ann", tenant="t", role="admin")
    assert len(read_tokens(file)) == 1


def test_a_removed_token_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    for name in ("ann", "ben"):
        add_token(file, name=name, tenant="t", role="reader")
    remove_token(file, "ann")
    assert [token.name for token in read_tokens(file)] == ["ben"]
    with pytest.raises(NoSuchToken, match="ann"):
        remove_token(file, "ann")


def test_the_demos_token_is_let_in_once_beside_the_others(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    add_token(file, name="ann", tenant="t", role="reader")
    ensure_token(file, "secret")
    ensure_token(file, "secret")
    assert [token.name for token in read_tokens(file)] == ["ann", "demo dashboard"]
