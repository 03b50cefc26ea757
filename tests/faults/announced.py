"""What the topic `playhead.sessions` tells, as a reader of committed records has it once it is compacted."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from schemas.session import ErasureReceipt, SessionState, decode, receipt_key, session_key
from schemas.topic import SESSIONS
from tests.faults.log import log_of
from tests.faults.rows import ReceiptRow, SessionRow, WindowRow

EPOCH = date(1970, 1, 1)


class Announced(msgspec.Struct):
    sessions: dict[UUID, SessionState]
    receipts: list[ReceiptRow]
    odd: list[str]
    """Records under a key that is not theirs, or in a partition where another version of them is not."""


async def announced(bootstrap: str) -> Announced:
    last: dict[bytes, tuple[int, bytes | None]] = {}
    found = Announced(sessions={}, receipts=[], odd=[])
    for number, records in (await log_of(bootstrap, SESSIONS)).items():
        for record in records:
            assert record.key is not None
            if last.get(record.key, (number, None))[0] != number:
                found.odd.append(f"{record.key!r} is in two partitions")
            last[record.key] = number, record.value
    for key, (_, value) in last.items():
        if value is None:
            continue
        told = decode(value)
        if isinstance(told, ErasureReceipt):
            right = receipt_key(told.erasure_id)
            sessions = frozenset(told.session_ids)
            found.receipts.append(ReceiptRow(told.erasure_id, sessions, told.batches, told.events))
        else:
            right = session_key(told.session_id)
            found.sessions[told.session_id] = told
        if key != right:
            found.odd.append(f"{told} is under {key!r}")
    return found


def session_differences(told: Announced, expected: Iterable[SessionRow]) -> list[str]:
    """A completed session is announced as it is; an active one as it was once; an erased one not at all."""
    rows = {row.session_id: row for row in expected}
    differences = [*told.odd, *(f"announced, but no session: {each}" for each in told.sessions.keys() - rows)]
    for session_id, row in rows.items():
        state = told.sessions.get(session_id)
        if state is None:
            differences.append(f"not announced: {row}")
            continue
        announced_row = _row(state, row.partition)
        if row.status == "completed" and announced_row != row:
            differences.append(f"announced: {announced_row}, it is: {row}")
        if row.status == "active" and (announced_row.status, state.started_at) != ("active", row.started_at):
            differences.append(f"announced: {announced_row}, it is active: {row}")
        if state.version > row.version:
            differences.append(f"announced in version {state.version}: {row}")
    return differences


def _row(state: SessionState, partition: int) -> SessionRow:
    values = {name: getattr(state, name) for name in SessionRow._fields if name != "partition"}
    values["windows"] = tuple(WindowRow(*msgspec.structs.astuple(window)) for window in state.windows)
    values["expires_on"] = (date.fromisoformat(state.expires_on) - EPOCH).days
    return SessionRow(partition=partition, **values)
