"""What may not be asked of the list and the totals; each refusal names the parameter and says why."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from query_api.sessions.activity import MOST
from schemas.rrweb_event import LATEST_AT
from tests.query_api.conftest import CONNECTIONS, know

pytestmark = pytest.mark.stack

MEGABYTE = "x" * 1_000_000
BOTH = ["sessions", "sessions/stats"]
NAMES = [
    *("status", "from", "to", "url", "visitor", "browser", "os", "country", "min_duration", "min_events"),
    *("replayable", "has", "rage_clicks", "cursor", "time_zone", "sort", "bucket"),
]
BAD: list[tuple[str, Any, str]] = [
    ("status", "done", "status"),
    ("status", "", "status"),
    ("from", -1, "from"),
    ("from", "yesterday", "from"),
    ("from", LATEST_AT + 1, "from"),
    ("from", "1" * 5_000, "from"),
    ("to", 1.5, "to"),
    ("to", "NaN", "to"),
    ("url", "", "url"),
    ("url", "x" * 1_001, "url"),
    ("visitor", "", "visitor"),
    ("visitor", "x" * 257, "visitor"),
    ("browser", "x" * 65, "browser"),
    ("browser", ["Chrome"] * 21, "browser"),
    ("os", "", "os"),
    ("country", "Netherlands", "country"),
    ("country", "", "country"),
    ("country", "ÄÖ", "country"),
    ("min_duration", -1, "min_duration"),
    ("min_duration", 2**53, "min_duration"),
    ("min_events", -1, "min_events"),
    ("min_events", 2**64, "min_events"),
    ("replayable", "perhaps", "replayable"),
    ("has", "joy", "has"),
    ("has", ["error", "joy"], "has"),
    ("rage_clicks", 1, "rage_clicks"),
    ("rage_within_ms", 0, "rage_within_ms"),
    ("rage_radius_px", -1, "rage_radius_px"),
    ("dead_after_ms", 60_001, "dead_after_ms"),
    ("statsu", "active", "statsu"),
    ("tenant", "rival", "tenant"),
]


@pytest.fixture(autouse=True)
def _known(app: Any) -> None:
    know(app, *CONNECTIONS)


async def refused(demo: httpx.AsyncClient, path: str, asked: dict[str, Any]) -> str:
    response = await demo.get(f"/v1/connections/shop/{path}", params=asked)
    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter"), response.text
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["detail"])


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize(("name", "value", "named"), BAD)
async def test_a_bad_value_is_refused_by_its_name(
    demo: httpx.AsyncClient, path: str, name: str, value: Any, named: str
) -> None:
    detail = await refused(demo, path, {name: value})

    assert f"query.{named}" in detail
    assert len(detail) < 500


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("sessions", "sort", "colour"),
        ("sessions", "direction", "sideways"),
        ("sessions", "limit", 0),
        ("sessions", "limit", -1),
        ("sessions", "limit", 201),
        ("sessions", "cursor", "x" * 257),
        ("sessions", "bucket", "PT1H"),
        ("sessions/stats", "bucket", "PT2H"),
        ("sessions/stats", "bucket", "-P1D"),
        ("sessions/stats", "time_zone", "Mars/Olympus"),
        ("sessions/stats", "time_zone", "../../etc/passwd"),
        ("sessions/stats", "time_zone", ""),
        ("sessions/stats", "time_zone", "europe/amsterdam"),
        ("sessions/stats", "time_zone", "UTC\0"),
        ("sessions/stats", "limit", 50),
    ],
)
async def test_a_bad_value_of_one_call_is_refused_by_its_name(
    demo: httpx.AsyncClient, path: str, name: str, value: Any
) -> None:
    assert f"query.{name}" in await refused(demo, path, {name: value})


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize(("from_at", "to_at"), [(2, 1), (1, 1)])
async def test_a_time_that_ends_before_it_begins_is_refused(
    demo: httpx.AsyncClient, path: str, from_at: int, to_at: int
) -> None:
    detail = await refused(demo, path, {"from": from_at, "to": to_at})

    assert detail == "query.to: It must be later than `from`"


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize("name", [*NAMES, "s3cr3t", MEGABYTE])
async def test_a_value_of_a_megabyte_is_refused_and_not_repeated(
    demo: httpx.AsyncClient, path: str, name: str
) -> None:
    # The app is asked itself: a server refuses an address of that length before.
    transport: Any = demo._transport
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/v1/connections/shop/{path}",
        "raw_path": f"/v1/connections/shop/{path}".encode(),
        "root_path": "",
        "query_string": f"{name}={MEGABYTE}".encode(),
        "headers": [(b"authorization", b"Bearer demo_secret"), (b"host", b"api")],
        "client": ("127.0.0.1", 1),
        "server": ("api", 80),
    }
    await transport.app(scope, receive, send)

    assert messages[0]["status"] == 400
    body = b"".join(message.get("body", b"") for message in messages[1:])
    assert b"bad_parameter" in body
    assert len(body) < 1_000


@pytest.mark.parametrize("path", BOTH)
async def test_bytes_that_are_no_text_are_answered(demo: httpx.AsyncClient, path: str) -> None:
    for odd in ("%FF%FE", "%ED%A0%80", "%00", "%F0%9F%92%A9"):
        response = await demo.get(f"/v1/connections/shop/{path}?url={odd}&visitor={odd}&browser={odd}")
        assert response.status_code == 200, response.text


@pytest.mark.parametrize("path", BOTH)
async def test_the_largest_question_there_is_is_answered(demo: httpx.AsyncClient, path: str) -> None:
    wide = "\U0001f4a9"
    asked: dict[str, Any] = {
        "status": "completed",
        "from": 0,
        "to": MOST * 60_000,
        "url": wide * 1_000,
        "visitor": wide * 256,
        "browser": [wide * 64] * 20,
        "os": [wide * 64] * 20,
        "country": ["NL"] * 20,
        "min_duration": 2**53 - 1,
        "min_events": 2**53 - 1,
        "replayable": True,
        "has": ["rage_click", "dead_click", "error"] * 6,
        "rage_clicks": 100,
    }
    if path == "sessions/stats":
        asked |= {"bucket": "PT1M", "time_zone": "America/Argentina/ComodRivadavia"}

    response = await demo.get(f"/v1/connections/shop/{path}?{urlencode(asked, doseq=True)}")

    assert response.status_code == 200, response.text
