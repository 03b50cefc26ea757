"""The demo tenant: two connections and a dashboard token, made where they are absent."""

import time
from pathlib import Path

from playhead.connection_records import read_connections, write_connection
from playhead.stack.secret_files import StackSecrets
from playhead.token_file import add_token, read_tokens
from schemas.connection import Connection
from schemas.token import fingerprint

TENANT = "demo"
SHOP = "demo-shop"
ADMIN = "demo-admin"


async def ensure_connections(bootstrap: str, secrets: StackSecrets) -> None:
    """Write those of the demo's connections that the topic lacks."""
    known = await read_connections(bootstrap)
    now = time.time_ns() // 1_000_000
    wanted = (
        Connection(
            id=SHOP, tenant=TENANT, name="Demo shop", created_at=now, write_keys=(secrets.demo_shop_key,)
        ),
        Connection(
            id=ADMIN,
            tenant=TENANT,
            name="Demo admin dashboard",
            created_at=now + 1,
            write_keys=(secrets.demo_admin_key,),
        ),
    )
    for connection in wanted:
        if known.by_id(connection.id) is None:
            await write_connection(bootstrap, connection)


def ensure_token(tokens_file: Path, token: str) -> None:
    """Let the demo's dashboard token in, if the tokens file does not yet."""
    if all(known.sha256 != fingerprint(token) for known in read_tokens(tokens_file)):
        add_token(tokens_file, name="demo dashboard", tenant=TENANT, role="admin", token=token)
