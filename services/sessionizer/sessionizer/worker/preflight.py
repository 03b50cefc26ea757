"""What must be so before the worker joins the group: the topics are there, and fit together."""

import asyncio

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG, SESSIONS
from sessionizer.worker.continuity import REBUILD, admin_of, find, other_count

NEEDED = (BATCHES, SESSIONIZER_CHANGELOG, SESSIONS, DEAD_LETTERS)
BROKER_WAIT_S = 60
RETRY_S = 1.0

log = structlog.get_logger(__name__)


class NotReady(RuntimeError):  # noqa: N818
    """The worker cannot work here; the message says what to do."""


async def verify_topics(bootstrap: str, group: str) -> None:
    """Wait for the broker, then check the topics, and that their count is the one that the group noted.

    Raises:
        NotReady: no broker within a minute, or the topics are not as they must be.
    """
    await wait_for_topics(bootstrap)
    async with admin_of(bootstrap) as admin:
        found = await find(admin, group)
    refused = other_count(found.partitions, (each.partitions for each in found.committed.values()))
    if refused is not None:
        raise NotReady(refused)


async def wait_for_topics(bootstrap: str) -> None:
    """Wait for the broker, then check that the topics are there and fit together.

    Raises:
        NotReady: no broker within a minute, or the topics are not as they must be.
    """
    admin = await _connected(bootstrap)
    try:
        described = await admin.describe_topics([*NEEDED])
    finally:
        await admin.close()
    partitions = {each["topic"]: len(each["partitions"]) for each in described if not each["error_code"]}
    missing = set(NEEDED) - partitions.keys()
    if missing:
        raise NotReady(f"topics are missing: {', '.join(sorted(missing))}; `playhead topics` creates them")
    if partitions[BATCHES] != partitions[SESSIONIZER_CHANGELOG]:
        raise NotReady(
            f"{BATCHES} has {partitions[BATCHES]} partitions and {SESSIONIZER_CHANGELOG} has "
            f"{partitions[SESSIONIZER_CHANGELOG]}: a visitor's state would not be where its batches are. "
            f"Give the second as many as the first; then {REBUILD}"
        )


async def _connected(bootstrap: str) -> AIOKafkaAdminClient:
    deadline = asyncio.get_running_loop().time() + BROKER_WAIT_S
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","))
        try:
            await admin.start()
        except KafkaConnectionError as error:
            await admin.close()
            if asyncio.get_running_loop().time() > deadline:
                raise NotReady(f"no broker at {bootstrap}: {error}") from error
            log.warning("waiting for the broker", bootstrap=bootstrap)
            await asyncio.sleep(RETRY_S)
        else:
            return admin
