from playhead.connection_records import read_connections, remove_connection, write_connection
from playhead.demo_tenant import ADMIN, SHOP, TENANT, ensure_connections
from playhead.stack.secret_files import StackSecrets
from schemas.connection import Connection
from tests.servers.broker import KafkaServer

SECRETS = StackSecrets(
    clickhouse_admin_password="a",
    clickhouse_analyst_password="b",
    demo_shop_key="shop-key-1",
    demo_admin_key="admin-key-1",
    dashboard_token="c",
)


def connection(name: str, key: str = "key-of-one") -> Connection:
    return Connection(id="one", tenant="t", name=name, created_at=1, write_keys=(key,))


async def test_what_was_written_last_is_what_is_read_and_a_removed_one_is_gone(kafka: KafkaServer) -> None:
    await kafka.fresh_topics()
    assert len(await read_connections(kafka.bootstrap)) == 0
    await write_connection(kafka.bootstrap, connection("first"))
    await write_connection(kafka.bootstrap, connection("second", key="another-key"))
    book = await read_connections(kafka.bootstrap)
    assert book.by_key("another-key") == connection("second", key="another-key")
    assert book.by_key("key-of-one") is None
    await remove_connection(kafka.bootstrap, "one")
    assert len(await read_connections(kafka.bootstrap)) == 0


async def test_the_demos_connections_are_made_where_they_are_absent_and_then_left_alone(
    kafka: KafkaServer,
) -> None:
    await kafka.fresh_topics()
    await ensure_connections(kafka.bootstrap, SECRETS)
    first = await read_connections(kafka.bootstrap)
    assert [c.id for c in first.of_tenant(TENANT)] == [SHOP, ADMIN]
    assert first.by_key("shop-key-1") is first.by_id(SHOP)

    changed = Connection(
        id=SHOP, tenant=TENANT, name="Mine", created_at=1, write_keys=("shop-key-1",), gap_ms=5_000
    )
    await write_connection(kafka.bootstrap, changed)
    await ensure_connections(kafka.bootstrap, SECRETS)

    again = await read_connections(kafka.bootstrap)
    assert again.by_id(SHOP) == changed
    assert again.by_id(ADMIN) == first.by_id(ADMIN)
