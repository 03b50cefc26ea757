import os
from pathlib import Path

import pytest

from query_api.tokens.repository import TokensFileReader
from query_api.tokens.service import TokenService
from tests.query_api.seeds import tokens_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


@pytest.fixture
def service(path: Path) -> TokenService:
    return TokenService(TokensFileReader(path))


def tenant_of(service: TokenService, secret: str) -> str | None:
    found = service.find(secret)
    return found and found.tenant


def rewrite(path: Path, content: bytes) -> None:
    """As an editor does it: the new file takes the old one's place."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def test_a_secret_is_its_token_and_only_that(service: TokenService, path: Path) -> None:
    path.write_bytes(tokens_file(one="demo", two="rival"))

    assert tenant_of(service, "one") == "demo"
    assert tenant_of(service, "two") == "rival"
    assert tenant_of(service, "three") is None
    assert tenant_of(service, "one ") is None
    assert tenant_of(service, "") is None


def test_the_hash_that_is_stored_is_no_token(service: TokenService, path: Path) -> None:
    path.write_bytes(tokens_file(one="demo"))

    known = service.find("one")
    assert known is not None
    assert tenant_of(service, known.sha256) is None


def test_tokens_change_with_the_file_without_a_restart(service: TokenService, path: Path) -> None:
    path.write_bytes(tokens_file(one="demo"))
    assert tenant_of(service, "one") == "demo"

    rewrite(path, tokens_file(two="demo"))

    assert tenant_of(service, "two") == "demo"
    assert tenant_of(service, "one") is None


def test_a_change_of_the_same_size_in_the_same_ms_is_seen_too(service: TokenService, path: Path) -> None:
    path.write_bytes(tokens_file(one="demo"))
    service.find("one")
    before = path.stat()

    rewrite(path, tokens_file(two="demo"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert path.stat().st_size == before.st_size
    assert tenant_of(service, "two") == "demo"


@pytest.mark.parametrize("content", [b"", b"{", b'{"tokens": [{"name": "x"}]}', b'{"tokens": [], "more": 1}'])
def test_a_file_that_cannot_be_read_takes_nobody_s_token_away(
    service: TokenService, path: Path, content: bytes
) -> None:
    path.write_bytes(tokens_file(one="demo"))
    service.find("one")

    rewrite(path, content)
    assert tenant_of(service, "one") == "demo"

    rewrite(path, tokens_file(two="demo"))
    assert tenant_of(service, "one") is None


def test_without_a_file_nobody_is_known_and_the_service_is_not_ready(
    service: TokenService, path: Path
) -> None:
    assert not service.ready
    assert tenant_of(service, "one") is None

    path.write_bytes(tokens_file(one="demo"))

    assert service.ready
