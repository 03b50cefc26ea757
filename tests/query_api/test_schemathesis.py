"""Whatever is asked, the answer is one that the document names."""

from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from query_api.app import create_app
from query_api.settings import Settings
from tests.query_api.conftest import CONNECTIONS, know
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    event,
    insert_batches,
    insert_sessions,
    session_id,
    tokens_file,
)
from tests.servers.engine import ClickHouseDatabase

pytestmark = pytest.mark.stack

KNOWN = session_id(START, 7_001)


@pytest.fixture(scope="module")
def any_call(
    clickhouse: ClickHouseDatabase, tmp_path_factory: pytest.TempPathFactory
) -> schemathesis.BaseSchema:
    tokens: Path = tmp_path_factory.mktemp("tokens") / "tokens.json"
    tokens.write_bytes(tokens_file(demo_secret="demo"))
    app = create_app(
        Settings(
            clickhouse_url=clickhouse.url,
            clickhouse_password=clickhouse.admin_password,
            clickhouse_database=clickhouse.name,
            tokens_file=tokens,
        )
    )
    know(app, *CONNECTIONS)
    store = clickhouse.client()
    insert_sessions(store, SessionVersion("shop", KNOWN))
    insert_batches(store, "shop", KNOWN, batch(event(START), seq=0))
    return within_a_lifetime(app)


def within_a_lifetime(app: FastAPI) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_asgi("/openapi.json", app)


schema = schemathesis.pytest.from_fixture("any_call")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_call(case: schemathesis.Case) -> None:
    # Some of what is asked for exists, or only refusals would be tried.
    case.path_parameters = {
        name: {"connection_id": "shop", "session_id": KNOWN}[name] if hash(str(value)) % 2 else value
        for name, value in (case.path_parameters or {}).items()
    }
    case.headers = {**(case.headers or {}), "Authorization": "Bearer demo_secret"}
    case.call_and_validate(
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ]
    )
