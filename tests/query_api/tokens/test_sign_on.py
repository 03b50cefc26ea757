"""JWTs of a company's own sign-on at the calls themselves, its keys from over HTTP or from a file."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from query_api import metrics
from query_api.app import create_app
from query_api.settings import Settings
from query_api.tokens.authentication import MAX_SECRET
from tests.query_api.conftest import CALLERS, calling
from tests.query_api.tokens.sign_on_server import SignOnServer, serving
from tests.query_api.tokens.signer import AUDIENCE, ISSUER, Signer, a_payload, document

ONE, TWO, STRANGER = Signer("k1"), Signer("k2"), Signer("stranger")
SIGN_ON = {"jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}


@pytest.fixture
async def server() -> AsyncIterator[SignOnServer]:
    async with serving() as server:
        server.publish(ONE)
        yield server


@pytest.fixture
def app(server: SignOnServer, tmp_path: Path) -> FastAPI:
    tokens = tmp_path / "tokens.json"
    tokens.write_bytes(CALLERS)
    return create_app(Settings(tokens_file=tokens, jwks_url=server.url, jwks_retry_ms=1_000, **SIGN_ON))


def keys_of(app: FastAPI) -> Any:
    return app.state.rooms.authentication._sign_on._jwks


def pass_ms(app: FastAPI, ms: int) -> None:
    jwks = keys_of(app)
    before = jwks._clock
    jwks._clock = lambda: before() + ms


async def me(app: FastAPI, token: str) -> httpx.Response:
    async with calling(app, token) as client:
        return await client.get("/v1/me")


async def test_a_jwt_is_a_token(app: FastAPI) -> None:
    response = await me(app, ONE.token(a_payload(role="admin")))

    assert response.json() == {"name": "Ada", "tenant": "demo", "role": "admin"}


async def test_the_tokens_file_goes_on_beside_it(app: FastAPI, server: SignOnServer) -> None:
    assert (await me(app, "demo_secret")).status_code == 200
    assert server.asked == 0, "nothing of the sign-on's is needed for it"


@pytest.mark.parametrize(
    ("token", "cause"),
    [
        (STRANGER.token(), "key"),
        (STRANGER.token(header={"kid": "k1"}), "signature"),
        (ONE.token(a_payload(exp=1)), "expired"),
        (ONE.token(a_payload(nbf=4_000_000_000)), "not_yet_valid"),
        (ONE.token(a_payload(iss="https://elsewhere.example")), "issuer"),
        (ONE.token(a_payload(aud="elsewhere")), "audience"),
        (ONE.token(a_payload(tenant=None)), "tenant"),
        (ONE.token(a_payload(role="owner")), "role"),
        (Signer("k1", "ES384", "p384").token(), "algorithm"),
        ("a.b.c", "malformed"),
    ],
)
async def test_whatever_is_wrong_with_a_jwt_its_caller_is_told_nothing_and_the_operator_which(
    app: FastAPI, token: str, cause: str
) -> None:
    counted = metrics.JWT_REFUSED.labels(cause)._value
    before = counted.get()

    response = await me(app, token)

    unknown = await me(app, "wrong")
    assert response.status_code == 401
    assert response.content == unknown.content
    assert sorted(response.headers.items()) == sorted(unknown.headers.items())
    assert counted.get() == before + 1


async def test_no_token_is_ever_logged(app: FastAPI, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = [STRANGER.token(), ONE.token(), ONE.token(a_payload(exp=1)), "a.b.c" * 50, "shr_" + ONE.token()]
    for token in tokens:
        await me(app, token)
        async with calling(app, None) as client:
            await client.post("/v1/sign-in", json={"token": token})

    written = "".join(capsys.readouterr())
    for token in tokens:
        for part in token.split("."):
            assert len(part) < 5 or part not in written


async def test_a_key_that_the_sign_on_begins_to_use_is_known_without_a_restart(
    app: FastAPI, server: SignOnServer
) -> None:
    assert (await me(app, ONE.token())).status_code == 200
    server.publish(ONE, TWO)
    pass_ms(app, 1_000)

    assert (await me(app, TWO.token())).status_code == 200
    assert (await me(app, ONE.token())).status_code == 200


async def test_a_key_that_the_sign_on_took_back_ends_without_a_restart(
    app: FastAPI, server: SignOnServer
) -> None:
    assert (await me(app, ONE.token())).status_code == 200
    server.publish(TWO)
    pass_ms(app, Settings().jwks_keep_ms)

    assert (await me(app, ONE.token())).status_code == 401
    assert (await me(app, TWO.token())).status_code == 200


async def test_a_sign_on_that_is_away_is_not_the_callers_fault(app: FastAPI, server: SignOnServer) -> None:
    server.status = 503

    response = await me(app, ONE.token())

    assert (response.status_code, response.json()["reason"]) == (503, "keys_unavailable")
    assert response.headers["retry-after"]
    assert (await me(app, "demo_secret")).status_code == 200


async def test_what_was_known_stays_valid_for_the_stated_time_while_the_sign_on_is_away(
    app: FastAPI, server: SignOnServer
) -> None:
    assert (await me(app, ONE.token())).status_code == 200
    server.status = 503

    pass_ms(app, Settings().jwks_valid_ms - 600_000)
    assert (await me(app, ONE.token(a_payload()))).status_code == 200
    pass_ms(app, 600_000)
    assert (await me(app, ONE.token(a_payload()))).status_code == 503


async def test_keys_from_a_file_are_rotated_in_it(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(document(ONE.jwk()))
    app = create_app(Settings(tokens_file=tmp_path / "none", jwks_file=file, **SIGN_ON))
    assert (await me(app, ONE.token())).status_code == 200

    file.write_bytes(document(TWO.jwk()))
    pass_ms(app, Settings().jwks_keep_ms)

    assert (await me(app, TWO.token())).status_code == 200
    assert (await me(app, ONE.token())).status_code == 401


async def test_with_keys_or_a_tokens_file_the_service_is_ready(
    tmp_path: Path, server: SignOnServer, tokens_of_demo: Settings
) -> None:
    async with calling(create_app(tokens_of_demo), None) as client:
        assert (await client.get("/readyz")).json()["tokens"] is True

    app = create_app(Settings(tokens_file=tmp_path / "none", jwks_url=server.url, **SIGN_ON))
    async with calling(app, None) as client:
        assert (await client.get("/readyz")).json()["tokens"] is True

    with_nothing = create_app(Settings(tokens_file=tmp_path / "none"))
    async with calling(with_nothing, None) as client:
        assert (await client.get("/readyz")).json()["tokens"] is False


async def test_the_cookie_lives_no_longer_than_the_jwt_in_it(app: FastAPI) -> None:
    async with calling(app, None) as client:
        ends_s = int(time.time()) + 7_200
        token = ONE.token(a_payload(exp=ends_s))
        response = await client.post("/v1/sign-in", json={"token": token})
        assert (await client.get("/v1/me")).status_code == 200

        far = await client.post("/v1/sign-in", json={"token": ONE.token(a_payload(exp=9e12))})

    assert f"playhead_token={token};" in response.headers["set-cookie"]
    (max_age,) = (part for part in response.headers["set-cookie"].split("; ") if part.startswith("Max-Age"))
    assert 0 < int(max_age.removeprefix("Max-Age=")) <= 7_200
    assert f"Max-Age={30 * 86_400}" in far.headers["set-cookie"]


async def test_without_a_sign_on_a_jwt_is_nothing(tokens_of_demo: Settings) -> None:
    assert (await me(create_app(tokens_of_demo), ONE.token())).status_code == 401


async def test_a_token_of_a_megabyte_is_not_looked_at(app: FastAPI, server: SignOnServer) -> None:
    long = ONE.token(a_payload(more="x" * MAX_SECRET))

    assert (await me(app, long)).status_code == 401
    assert (await me(app, "x" * 1_000_000)).status_code == 401
    assert server.asked == 0
    assert (await me(app, ONE.token(a_payload(groups=["a group of people"] * 300)))).status_code == 200


@pytest.mark.parametrize(
    "settings",
    [
        {"jwks_url": "https://a.example/jwks"},
        {"jwks_url": "https://a.example/jwks", "jwt_issuer": ISSUER},
        {"jwks_url": "https://a.example/jwks", "jwt_audience": AUDIENCE},
        {"jwks_url": "https://a.example/jwks", "jwks_file": "jwks.json", **SIGN_ON},
        {"jwks_url": "http://a.example/jwks", **SIGN_ON},
        {"jwks_url": "file:///etc/jwks", **SIGN_ON},
        {"jwks_url": "https:///jwks", **SIGN_ON},
        {"jwks_url": "https://a.example/jwks", "jwt_algorithms": [], **SIGN_ON},
        {"jwks_url": "https://a.example/jwks", "jwt_algorithms": ["HS256"], **SIGN_ON},
        {"jwks_url": "https://a.example/jwks", "jwt_algorithms": ["none"], **SIGN_ON},
        {"jwks_url": "https://a.example/jwks", "jwt_reader_role": "x", "jwt_admin_role": "x", **SIGN_ON},
        {"jwks_url": "https://a.example/jwks", "jwt_admin_role": "", **SIGN_ON},
    ],
)
def test_half_a_sign_on_and_an_open_one_do_not_start(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**settings)


def test_a_whole_one_does() -> None:
    Settings(jwks_url="https://a.example/jwks", jwt_algorithms=["ES256"], **SIGN_ON)
    Settings(jwks_url="http://127.0.0.1:8080/jwks", **SIGN_ON)


def test_the_algorithms_come_from_the_environment_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYHEAD_QUERY_API_JWT_ALGORITHMS", '["ES256", "RS512"]')
    assert Settings().jwt_algorithms == ("ES256", "RS512")
