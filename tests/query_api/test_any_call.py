"""Whatever is asked of the running process, the answer is one that its document names: Schemathesis asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.schemas import OpenApiSchema

from query_api.app import create_app
from query_api.settings import Settings
from schemas.share import encode as encode_share
from schemas.topic import SHARES
from tests.query_api.conftest import SHARE_KEY
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    connection,
    event,
    insert_batches,
    insert_sessions,
    session_id,
    share,
    token,
    tokens_file,
)
from tests.servers.broker import KafkaServer
from tests.servers.collector import write, write_connections
from tests.servers.engine import ClickHouseDatabase
from tests.servers.query_api import QueryApi
from tests.servers.waiting import run

pytestmark = pytest.mark.stack

EXISTING = {"connection_id": "shop", "session_id": session_id(START, 7_001), "share_id": "existing"}
SHARE = share("existing", EXISTING["session_id"])
CALLS = [
    (method.upper(), path)
    for path, operations in create_app(Settings()).openapi()["paths"].items()
    for method in operations
]


# Whether a token is asked for is test_isolation's matter. To the document any text is a cursor, and nearly
# all of them are refused.
NOT_ASKED = [
    check
    for check in schemathesis.checks.CHECKS.get_all()
    if check.__name__ in ("ignored_auth", "positive_data_acceptance")
]


@pytest.fixture(scope="module")
def document(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenApiSchema]:
    folder: Path = tmp_path_factory.mktemp("query-api")
    tokens = folder / "tokens.json"
    tokens.write_bytes(tokens_file(token("demo_secret", "demo"), token("demo_admin", "demo", "admin")))
    share_keys = folder / "share-keys"
    share_keys.write_text(SHARE_KEY)
    run(kafka.fresh_topics())
    run(write_connections(kafka.bootstrap, [connection("shop")]))
    with clickhouse.client() as store:
        insert_sessions(store, SessionVersion("shop", EXISTING["session_id"]))
        insert_batches(store, "shop", EXISTING["session_id"], batch(event(START), seq=0))
    api = QueryApi(
        folder,
        kafka_bootstrap=kafka.bootstrap,
        clickhouse_url=clickhouse.url,
        clickhouse_password=clickhouse.admin_password,
        clickhouse_database=clickhouse.name,
        tokens_file=tokens,
        share_keys_file=share_keys,
    )
    try:
        run(api.ready())
        run(write(kafka.bootstrap, SHARES, [(b"existing", encode_share(SHARE))]))
        yield schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    finally:
        run(api.process.stop(timeout_ms=20_000))


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_any_call_is_answered_as_the_document_says(document: OpenApiSchema, method: str, path: str) -> None:
    operation = document[path][method]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), existing=st.booleans(), known=st.integers(0, 9))
    def ask(case: schemathesis.Case, existing: bool, known: int) -> None:
        # Some of what is asked for exists, and most callers are known, or only refusals would be tried.
        if existing:
            case.path_parameters = {name: EXISTING[name] for name in case.path_parameters or {}}
        secret = "demo_admin" if known % 2 else "demo_secret"
        headers = {"Authorization": f"Bearer {secret}"} if known else {}
        response = case.call(headers=headers)
        case.validate_response(response, excluded_checks=NOT_ASKED)

    ask()
