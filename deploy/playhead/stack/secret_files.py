"""Secrets that the stack makes once and keeps in its data folder, readable by their owner alone."""

import os
import secrets
from pathlib import Path

import msgspec

from schemas.token import new_secret


class StackSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """Made at the first start."""

    clickhouse_admin_password: str
    clickhouse_analyst_password: str
    demo_shop_key: str
    """Public write key of the connection `demo-shop`."""
    demo_admin_key: str
    """Public write key of the connection `demo-admin`."""
    dashboard_token: str
    """Of the demo tenant; its hash is in the tokens file."""


def share_keys_file(data: Path) -> Path:
    """What signs share links. A file of its own: the query API reads it itself, and again when it changes."""
    return data / "share-keys"


def stack_secrets(data: Path) -> StackSecrets:
    """Those of this data folder; makes them if it has none yet.

    Raises:
        msgspec.DecodeError: `secrets.json` is there and is not ours.
    """
    file, signing = data / "secrets.json", share_keys_file(data)
    if not signing.exists():
        write_private(signing, new_secret().encode())
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=StackSecrets)
    made = StackSecrets(
        clickhouse_admin_password=new_secret(),
        clickhouse_analyst_password=new_secret(),
        demo_shop_key=secrets.token_hex(16),
        demo_admin_key=secrets.token_hex(16),
        dashboard_token=new_secret(),
    )
    write_private(file, msgspec.json.format(msgspec.json.encode(made)))
    return made


def write_private(file: Path, content: bytes) -> None:
    """Replace the file in one step; mode 0600 from its first byte on."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
