"""What an operator sees of the query API."""

import httpx
import pytest

from tests.query_api.seeds import START, session_id

pytestmark = pytest.mark.stack


async def sample(client: httpx.AsyncClient, name: str) -> float:
    """The value of an exposed sample; `name` with its labels as exposed."""
    lines = (await client.get("/metrics")).text.splitlines()
    values = [line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == name]
    return float(values[0]) if values else 0.0


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        # By the route's template: a path would make a series a session.
        (
            f"/v1/sessions/{session_id(START, 1)}",
            'method="GET",route="/v1/sessions/{session_id}",status="404"',
        ),
        ("/v1/nowhere", 'method="GET",route="other",status="404"'),
        ("/v1/me", 'method="GET",route="/v1/me",status="200"'),
    ],
)
async def test_calls_are_counted_by_route_method_and_status(
    demo: httpx.AsyncClient, path: str, labels: str
) -> None:
    name = f"playhead_query_api_request_seconds_count{{{labels}}}"
    before = await sample(demo, name)

    await demo.get(path)

    assert await sample(demo, name) == before + 1


async def test_refusals_are_counted_by_reason(demo: httpx.AsyncClient) -> None:
    name = 'playhead_query_api_refusals_total{reason="unknown_session"}'
    before = await sample(demo, name)

    await demo.get("/v1/sessions/x")

    assert await sample(demo, name) == before + 1


async def test_a_method_of_a_stranger_s_making_makes_no_series(demo: httpx.AsyncClient) -> None:
    await demo.request("BREW", "/v1/me")

    assert "BREW" not in (await demo.get("/metrics")).text
