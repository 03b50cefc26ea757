"""What FastAPI does before an endpoint is reached."""

from typing import Any

import pytest

from query_api.app import create_app
from query_api.settings import Settings
from tests.query_api.conftest import CONNECTIONS, calling, know, know_shares


def routes() -> list[tuple[str, str]]:
    document = create_app(Settings()).openapi()
    return [(method, path) for path, operations in document["paths"].items() for method in operations]


@pytest.mark.parametrize(("method", "path"), routes())
async def test_nothing_of_it_waits_for_a_thread(
    tokens_of_demo: Settings, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    """To hand a dependency to a thread and wait for it takes longer than any of them."""
    app = create_app(tokens_of_demo)
    know(app, *CONNECTIONS)
    know_shares(app)
    in_threads: list[Any] = []

    async def noting(function: Any, *given: Any, **named: Any) -> Any:
        in_threads.append(function)
        return function(*given, **named)

    monkeypatch.setattr("fastapi.dependencies.utils.run_in_threadpool", noting)
    monkeypatch.setattr("fastapi.routing.run_in_threadpool", noting)

    async with calling(app, "demo_admin") as client:
        await client.request(method, path.replace("{", "").replace("}", ""))

    assert in_threads == []
