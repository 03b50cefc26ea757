"""The dashboard's cookie."""

import httpx
import pytest

from tests.query_api.conftest import calling

pytestmark = pytest.mark.stack


async def test_a_token_becomes_a_cookie_that_no_script_and_no_other_site_can_use(
    nobody: httpx.AsyncClient,
) -> None:
    response = await nobody.post("/v1/sign-in", json={"token": "demo_secret"})

    assert (response.status_code, response.content) == (204, b"")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("playhead_token=demo_secret;")
    assert {"HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={30 * 86_400}"} <= set(cookie.split("; "))
    # Over plain HTTP (one machine, loopback) a browser would drop a Secure cookie.
    assert "Secure" not in cookie


async def test_over_https_the_cookie_never_goes_over_http(app: object) -> None:
    async with calling(app, None) as client:  # type: ignore[arg-type]
        client.base_url = httpx.URL("https://api")
        response = await client.post("/v1/sign-in", json={"token": "demo_secret"})

    assert "Secure" in response.headers["set-cookie"].split("; ")


async def test_the_cookie_is_as_good_as_the_token_until_signing_out(nobody: httpx.AsyncClient) -> None:
    await nobody.post("/v1/sign-in", json={"token": "demo_secret"})
    signed_in = await nobody.get("/v1/me")
    await nobody.post("/v1/sign-out")
    signed_out = await nobody.get("/v1/me")

    assert signed_in.json() == {"name": "demo's desk", "tenant": "demo", "role": "reader"}
    assert (signed_out.status_code, signed_out.json()["reason"]) == (401, "missing_token")


async def test_an_unknown_token_gets_no_cookie(nobody: httpx.AsyncClient) -> None:
    response = await nobody.post("/v1/sign-in", json={"token": "wrong"})

    assert (response.status_code, response.json()["reason"]) == (401, "unknown_token")
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "body", [{}, {"token": ""}, {"token": 5}, {"token": "x" * 4_001}, {"token": "x", "more": 1}, []]
)
async def test_a_body_that_is_no_sign_in_is_refused(nobody: httpx.AsyncClient, body: object) -> None:
    response = await nobody.post("/v1/sign-in", json=body)

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


async def test_a_form_of_another_site_cannot_sign_anybody_in(nobody: httpx.AsyncClient) -> None:
    """A page elsewhere can make a browser post text/plain without asking, and JSON only after asking."""
    response = await nobody.post(
        "/v1/sign-in", content=b'{"token": "demo_secret"}', headers={"Content-Type": "text/plain"}
    )

    assert response.status_code == 400
    assert "set-cookie" not in response.headers
