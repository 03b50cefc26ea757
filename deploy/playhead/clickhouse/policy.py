"""What the read-only user may run."""

from collections.abc import Mapping

from playhead.clickhouse.engine import Connection
from playhead.clickhouse.errors import INTO_OUTFILE_NOT_ALLOWED, READONLY, refused
from playhead.clickhouse.plan import Plan
from playhead.clickhouse.users import User


def allowed_settings(user: User, wanted: Mapping[str, str]) -> Mapping[str, str]:
    if user.reads_only and wanted:
        raise refused(READONLY, f"Cannot modify '{next(iter(wanted))}' setting in readonly mode.")
    return wanted


def check(connection: Connection, plan: Plan) -> None:
    if plan.user.reads_only:
        raise refused(READONLY, "Not yet.")
    _ = (connection, INTO_OUTFILE_NOT_ALLOWED)
