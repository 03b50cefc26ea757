import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from query_api import problem_answers
from query_api.problems import TABLE, Problem, Reason, Refusal
from tests.query_api.conftest import calling


def app_that_refuses() -> FastAPI:
    app = FastAPI()
    problem_answers.install(app)

    @app.get("/refuse/{reason}")
    async def refuse(reason: Reason) -> None:
        raise Refusal(reason)

    @app.get("/fail")
    async def fail() -> None:
        raise RuntimeError("a secret of the inside")

    @app.post("/takes")
    async def takes(body: dict[str, int], limit: int = 1) -> None: ...

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app_that_refuses(), None) as client:
        yield client


@pytest.mark.parametrize("reason", list(Reason))
async def test_every_reason_is_answered_as_the_table_says(client: httpx.AsyncClient, reason: Reason) -> None:
    facts = TABLE[reason]

    response = await client.get(f"/refuse/{reason}")

    assert response.status_code == facts.status
    assert response.headers["content-type"] == "application/problem+json"
    assert Problem.model_validate_json(response.content) == Problem(
        type=f"urn:playhead:problem:{reason}",
        title=facts.title,
        status=facts.status,
        detail=facts.detail,
        reason=reason,
    )
    assert response.headers.get("retry-after") == (facts.retry_after_s and str(facts.retry_after_s))
    assert response.headers.get("www-authenticate") == ("Bearer" if facts.status == 401 else None)
    assert response.headers["cache-control"] == "no-store"


def test_whoever_may_come_back_later_is_told_when() -> None:
    assert all((facts.retry_after_s is not None) == (facts.status == 503) for facts in TABLE.values())


async def test_a_fault_of_ours_tells_nothing_of_the_inside(client: httpx.AsyncClient) -> None:
    response = await client.get("/fail")

    assert (response.status_code, response.json()["reason"]) == (500, "internal_error")
    assert "secret" not in response.text


@pytest.mark.parametrize(
    "call",
    [
        {"json": {"a": "not a number 5up3rs3cr3t"}},
        {"content": b"{nonsense 5up3rs3cr3t", "headers": {"content-type": "application/json"}},
        {"content": b'{"a": 1}', "headers": {"content-type": "text/plain"}},
        {"json": {}, "params": {"limit": "5up3rs3cr3t"}},
        {"content": b"\xff\xfe", "headers": {"content-type": "application/json"}},
    ],
)
async def test_what_is_not_valid_is_named_and_not_repeated(
    client: httpx.AsyncClient, call: dict[str, Any]
) -> None:
    response = await client.post("/takes", **call)

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")
    assert "5up3rs3cr3t" not in response.text


async def test_a_path_that_is_not_there(client: httpx.AsyncClient) -> None:
    response = await client.get("/nowhere")

    assert (response.status_code, response.json()["reason"]) == (404, "unknown_path")


async def test_a_method_that_is_not_there(client: httpx.AsyncClient) -> None:
    response = await client.delete("/takes")

    assert (response.status_code, response.json()["reason"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


def test_the_document_shows_an_example_of_each_refusal_of_a_call() -> None:
    shown = problem_answers.responses(Reason.MISSING_TOKEN, Reason.UNKNOWN_TOKEN, Reason.NOT_READY)

    assert set(shown) == {401, 503}
    assert set(shown[401]["content"]["application/problem+json"]["examples"]) == {
        "missing_token",
        "unknown_token",
    }
    assert "Retry-After" in shown[503]["headers"]
    assert json.dumps(shown)
