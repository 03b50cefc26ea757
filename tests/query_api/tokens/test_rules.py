"""Every call has a rule, and every rule is of a call. The calls are those of the OpenAPI document."""

import httpx
import pytest
from fastapi import APIRouter, Depends

from query_api.app import create_app
from query_api.settings import Settings
from query_api.tokens.guard import guard
from query_api.tokens.rules import OPEN, RULES, Rule, rule_of
from tests.query_api.conftest import calling


def calls() -> set[tuple[str, str]]:
    """A HEAD has the rule of its GET."""
    paths = create_app(Settings()).openapi()["paths"]
    methods = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    return {("GET" if method == "HEAD" else method, path) for method, path in methods}


def test_every_call_has_a_rule_and_every_rule_is_of_a_call() -> None:
    assert set(RULES) == calls()


def test_what_changes_something_needs_an_admin_and_is_no_share_links_to_do() -> None:
    for (method, path), rule in RULES.items():
        if method != "GET" and rule is not OPEN:
            assert rule == Rule("admin"), path


def test_a_share_link_opens_what_a_replay_of_its_session_asks_for_and_nothing_else() -> None:
    shared = {path for (_, path), rule in RULES.items() if rule.shared}

    assert shared == {f"/v1/sessions/{{session_id}}{call}" for call in ("", "/events", "/live", "/timeline")}


def test_what_needs_nobody_is_what_an_operator_and_a_newcomer_call() -> None:
    assert {path for (_, path), rule in RULES.items() if rule is OPEN} == {
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/sign-in",
        "/v1/sign-out",
    }


def test_an_admin_may_do_all_that_a_reader_may_and_not_the_other_way_round() -> None:
    assert [Rule("reader").allows(role) for role in ("reader", "admin")] == [True, True]
    assert [Rule("admin").allows(role) for role in ("reader", "admin")] == [False, True]


def test_a_head_has_the_rule_of_its_get() -> None:
    assert rule_of("HEAD", "/v1/me") is RULES["GET", "/v1/me"]
    with pytest.raises(LookupError, match="DELETE /v1/me has no rule"):
        rule_of("DELETE", "/v1/me")


async def test_the_guard_stands_before_calls_that_ask_for_no_caller_too(
    tokens_of_demo: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with calling(create_app(tokens_of_demo), None) as client:
        for method, path in [each for each, rule in RULES.items() if rule is OPEN]:
            monkeypatch.setitem(RULES, (method, path), Rule("reader"))
            response = await client.request(method, path, json={"token": "demo_secret"})
            assert (response.status_code, response.json()["reason"]) == (401, "missing_token"), path


async def test_a_call_that_was_given_no_rule_is_answered_by_nobody(tokens_of_demo: Settings) -> None:
    """Whoever asks, and though its endpoint asks for no caller."""
    app, forgotten = create_app(tokens_of_demo), APIRouter()

    @forgotten.get("/v1/forgotten")
    async def endpoint() -> str:
        return "everything"

    app.include_router(forgotten, dependencies=[Depends(guard)])

    for secret in ("demo_secret", "demo_admin", None):
        async with calling(app, secret) as client:
            response: httpx.Response = await client.get("/v1/forgotten")
        assert (response.status_code, response.json()["reason"]) == (500, "internal_error")
