"""The OpenAPI document: whole, true, and with examples that fit."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from query_api.app import create_app
from query_api.problems import TABLE, Reason
from query_api.settings import Settings

DOCUMENT = create_app(Settings()).openapi()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
SCHEMAS = DOCUMENT["components"]["schemas"]


def test_it_is_a_valid_document() -> None:
    validate(DOCUMENT)


def test_it_names_the_pinned_calls() -> None:
    assert {name for name, _ in OPERATIONS} == {
        "GET /v1/connections",
        "GET /v1/connections/{connection_id}/sessions",
        "GET /v1/connections/{connection_id}/sessions/stats",
        "GET /v1/connections/{connection_id}/sessions/friction",
        "GET /v1/sessions/{session_id}",
        "GET /v1/sessions/{session_id}/events",
        "GET /v1/sessions/{session_id}/export",
        "GET /v1/sessions/{session_id}/live",
        "GET /v1/sessions/{session_id}/timeline",
        "GET /v1/sessions/{session_id}/shares",
        "POST /v1/sessions/{session_id}/shares",
        "DELETE /v1/sessions/{session_id}/shares/{share_id}",
        "GET /v1/me",
        "POST /v1/sign-in",
        "POST /v1/sign-out",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    }


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_every_call_says_what_it_is_for(name: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert "422" not in operation["responses"], "refusals are 400 here"


@pytest.mark.parametrize(("name", "operation"), [each for each in OPERATIONS if " /v1/" in each[0]])
def test_every_refusal_of_a_call_is_a_problem_with_an_example(name: str, operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if int(status) < 400:
            continue
        content = response["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        for reason, example in content["examples"].items():
            assert example["value"]["reason"] == reason
            assert example["value"]["status"] == int(status) == TABLE[Reason(reason)].status
            conforms(example["value"], "Problem")


@pytest.mark.parametrize(("name", "operation"), [each for each in OPERATIONS if "/sessions" in each[0]])
def test_every_parameter_says_what_it_is_for(name: str, operation: dict[str, Any]) -> None:
    for parameter in operation["parameters"]:
        assert parameter["description"], parameter["name"]


@pytest.mark.parametrize("name", ["", "/stats"])
def test_every_parameter_of_the_list_and_the_totals_has_an_example_that_fits(name: str) -> None:
    operation = DOCUMENT["paths"]["/v1/connections/{connection_id}/sessions" + name]["get"]
    for parameter in operation["parameters"]:
        schema = parameter["schema"]
        assert schema["examples"], parameter["name"]
        for example in schema["examples"]:
            jsonschema.validate(example, schema)


def test_the_list_and_the_totals_take_the_same_filters() -> None:
    path = "/v1/connections/{connection_id}/sessions"
    of_list, of_stats = (
        {parameter["name"]: parameter for parameter in DOCUMENT["paths"][each]["get"]["parameters"]}
        for each in (path, path + "/stats")
    )
    for name in ("sort", "direction", "limit", "cursor"):
        del of_list[name]
    for name in ("bucket", "time_zone"):
        del of_stats[name]
    assert of_list == of_stats
    # What design.md names.
    assert set(of_list) >= {
        *("status", "from", "to", "url", "visitor", "browser", "os", "country"),
        *("min_duration", "min_events", "replayable", "has"),
    }


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_examples_fit_their_schema(name: str) -> None:
    for example in SCHEMAS[name].get("examples", []):
        conforms(example, name)


@pytest.mark.parametrize("name", sorted(set(SCHEMAS) - {"SignIn", "NewShare", "Reason", "Event"}))
def test_every_field_of_an_answer_is_always_there(name: str) -> None:
    assert set(SCHEMAS[name]["required"]) == set(SCHEMAS[name]["properties"])


def conforms(value: object, name: str) -> None:
    jsonschema.validate(value, {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}})


def test_the_document_in_the_repository_is_the_services_own() -> None:
    """The dashboard's types are made from it: `npm run api --workspace @playhead/dashboard` writes both."""
    committed = Path(__file__).parents[2] / "services/query-api/openapi.json"
    assert json.loads(committed.read_text()) == DOCUMENT
