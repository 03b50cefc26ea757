"""The dashboard's files beside the API, and the headers under which they are served."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from query_api.app import create_app
from query_api.dashboard import RESOURCES_META
from query_api.response_headers import dashboard_policy
from query_api.settings import Settings
from tests.query_api.conftest import calling


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "dashboard"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(
        '<!doctype html><title>Playhead</title><meta name="playhead-recorded-resources" content="block" />'
    )
    script = folder / "assets" / "index-abc123.js"
    script.write_text("let a = 1")
    script.with_name("index-abc123.js.gz").write_bytes(gzip.compress(b"let a = 1 // gzip"))
    script.with_name("index-abc123.js.br").write_bytes(b"as brotli has it")
    (folder / "assets" / "plain-abc123.js").write_text("let b = 2")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
async def browser(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(create_app(Settings(dashboard_path=folder)), None) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/sessions/019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55", "/v10"]
)
async def test_every_place_inside_the_dashboard_is_its_index(browser: httpx.AsyncClient, path: str) -> None:
    response = await browser.get(path)

    assert response.status_code == 200
    assert "<title>Playhead</title>" in response.text
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["content-security-policy"] == dashboard_policy("block")
    assert response.headers["x-dns-prefetch-control"] == "off"


async def test_files_named_after_their_content_are_kept_for_ever(browser: httpx.AsyncClient) -> None:
    response = await browser.get("/assets/plain-abc123.js")

    assert response.text == "let b = 2"
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]


async def test_a_file_comes_as_it_was_compressed_when_it_was_built(browser: httpx.AsyncClient) -> None:
    response = await browser.get("/assets/index-abc123.js", headers={"Accept-Encoding": "gzip, deflate"})
    kept = await browser.get(
        "/assets/index-abc123.js",
        headers={"Accept-Encoding": "gzip", "If-None-Match": response.headers["etag"]},
    )
    liked = browser.stream("GET", "/assets/index-abc123.js", headers={"Accept-Encoding": "gzip, br, zstd"})
    async with liked as brotli:
        content = b"".join([piece async for piece in brotli.aiter_raw()])

    assert response.text == "let a = 1 // gzip"
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["vary"] == brotli.headers["vary"] == "Accept-Encoding"
    assert (kept.status_code, kept.headers.get("content-encoding")) == (304, None)
    assert (brotli.headers["content-encoding"], content) == ("br", b"as brotli has it")
    assert brotli.headers["etag"] != response.headers["etag"]


@pytest.mark.parametrize(
    ("path", "accepted", "text"),
    [
        ("/assets/index-abc123.js", "identity", "let a = 1"),
        ("/assets/index-abc123.js", "br;q=0, gzip;q=0", "let a = 1"),
        ("/assets/plain-abc123.js", "br, gzip", "let b = 2"),
    ],
)
async def test_a_file_comes_plain_where_nothing_else_is_liked_or_there(
    browser: httpx.AsyncClient, path: str, accepted: str, text: str
) -> None:
    response = await browser.get(path, headers={"Accept-Encoding": accepted})

    assert (response.text, response.headers.get("content-encoding")) == (text, None)
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/favicon.ico", "/v1", "/v1/", "/v1/nowhere", "/v1/nowhere.js"]
)
async def test_a_file_or_a_call_that_is_missing_is_not_the_index(
    browser: httpx.AsyncClient, path: str
) -> None:
    response = await browser.get(path)

    assert (response.status_code, response.json()["reason"]) == (404, "unknown_path")


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd", "/%00.txt"],
)
async def test_nothing_outside_the_folder_is_served(browser: httpx.AsyncClient, path: str) -> None:
    response = await browser.send(browser.build_request("GET", f"http://api{path}"))

    assert "secret" not in response.text
    assert "root:" not in response.text
    assert response.status_code in (200, 404)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/sign-in"), ("POST", "/v1/me"), ("DELETE", "/healthz")]
)
async def test_a_call_with_the_wrong_method_is_told_so_with_a_dashboard_too(
    browser: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await browser.request(method, path)

    assert (response.status_code, response.json()["reason"]) == (405, "method_not_allowed")
    assert response.headers["allow"]


async def test_files_are_only_read(browser: httpx.AsyncClient) -> None:
    response = await browser.post("/sessions")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/assets/index-abc123.js", "/v1/me", "/v1/nowhere", "/healthz"])
async def test_every_answer_carries_the_security_headers(browser: httpx.AsyncClient, path: str) -> None:
    headers = (await browser.get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    if path.startswith("/v1/"):
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("choice", ["allow", "block"])
def test_no_choice_lets_a_recorded_page_run_submit_frame_or_connect(choice: str) -> None:
    policy = dict(part.partition(" ")[::2] for part in dashboard_policy(choice).split("; "))  # type: ignore[arg-type]

    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["form-action"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["frame-src"] == "'none'"
    assert "unsafe-eval" not in dashboard_policy(choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("choice", ["allow", "block"])
async def test_the_page_says_and_the_policy_holds_what_a_replay_may_load(folder: Path, choice: str) -> None:
    settings = Settings(dashboard_path=folder, recorded_resources=choice)  # type: ignore[arg-type]
    async with calling(create_app(settings), None) as client:
        response = await client.get("/")
        kept = await client.get("/", headers={"If-None-Match": response.headers["etag"]})

    assert f'<meta name="playhead-recorded-resources" content="{choice}" />' in response.text
    assert response.headers["content-security-policy"] == dashboard_policy(choice)  # type: ignore[arg-type]
    assert (kept.status_code, kept.content) == (304, b"")


def test_the_built_page_has_a_place_for_that() -> None:
    page = Path(__file__).parents[2] / "services" / "query-api" / "dashboard" / "index.html"

    assert RESOURCES_META in page.read_text()


def test_blocking_names_no_other_host() -> None:
    assert "http" not in dashboard_policy("block")
    assert "img-src 'self' https: http:" in dashboard_policy("allow")


async def test_without_a_dashboard_there_is_only_the_api() -> None:
    async with calling(create_app(Settings()), None) as client:
        response = await client.get("/")
        assert (response.status_code, response.json()["reason"]) == (404, "unknown_path")
        assert (await client.get("/healthz")).status_code == 200


async def test_a_dashboard_that_was_not_built_says_so(tmp_path: Path) -> None:
    async with calling(create_app(Settings(dashboard_path=tmp_path / "none")), None) as client:
        response = await client.get("/")
        assert (response.status_code, response.json()["detail"]) == (404, "The dashboard has not been built.")
