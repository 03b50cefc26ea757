"""The embedded ClickHouse's tables: makes them the declared ones (`schemas/clickhouse/*.sql`)."""

import clickhouse_connect

from playhead.stack.addresses import Addresses
from playhead.stack.ports import LOOPBACK
from playhead.stack.secret_files import StackSecrets
from playhead.stack.services import DATABASE
from schemas.migrate import migrate


def migrate_tables(addresses: Addresses, secrets: StackSecrets) -> list[str]:
    """Apply what was not applied yet; gives the files' names.

    Raises:
        MigrationRefused: a file that was applied has changed.
        clickhouse_connect.driver.exceptions.ClickHouseError: the server refused.
    """
    client = clickhouse_connect.get_client(
        host=LOOPBACK,
        port=addresses.clickhouse_port,
        username="admin",
        password=secrets.clickhouse_admin_password,
        autogenerate_session_id=False,
    )
    try:
        return migrate(client, DATABASE)
    finally:
        client.close()
