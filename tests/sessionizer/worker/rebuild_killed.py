"""The program's commands, killed when two partitions are rebuilt and the third is begun to be written."""

import os
import signal

from sessionizer import __main__ as program
from sessionizer.worker import rebuild
from sessionizer.worker.transaction import PartitionWriter

PARTITION = 2
ENTRIES_AT_ONCE = 2


class DyingWriter(PartitionWriter):
    async def commit(self) -> None:
        await super().commit()
        if self.partition == PARTITION:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    rebuild.ENTRIES_AT_ONCE = ENTRIES_AT_ONCE
    rebuild.PartitionWriter = DyingWriter  # type: ignore[misc]
    program.main()
