"""Makes the class archive: runs a broker of no use to anybody once, until it serves (part of `make jars`)."""

import tempfile
from pathlib import Path

from playhead.kafka.broker import Broker
from playhead.kafka.class_archive import archive_file
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import NotReady, broker_answers, wait_until

_START_TIMEOUT_MS = 60_000
_STOP_TIMEOUT_MS = 60_000


async def make_archive(jars: Path) -> None:
    """Replaces the one that is there.

    Raises:
        NotInstalled: no Java, or no jars.
        NotReady: the broker did not start, or ended without an archive.
    """
    wanted = archive_file(jars)
    wanted.unlink(missing_ok=True)
    made = wanted.with_suffix(".new")
    made.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="playhead-archive-") as folder:
        port, controller_port = free_ports(2)
        broker = Broker(Path(folder), jars, port, controller_port)
        broker.prepare()
        process = Process(Command("kafka", broker.archiving_command(made), {}, Path(folder) / "kafka.log"))
        try:
            await wait_until(broker_answers(broker.bootstrap), what="Kafka", timeout_ms=_START_TIMEOUT_MS)
        finally:
            await process.stop(_STOP_TIMEOUT_MS)
        if not made.exists():
            raise NotReady(f"Java wrote no class archive:\n{process.log_end()}")
    made.replace(wanted)
