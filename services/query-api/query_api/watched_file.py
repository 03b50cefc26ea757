"""A file that is read again when it has changed. Costs one stat where nothing has."""

from pathlib import Path

Stamp = tuple[int, int, int]


class WatchedFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp | None = None

    def changed(self) -> bytes | None:
        """What the file holds, where that is not what it held the last time; None where it is, and while the
        file is not there. A content is given once: whoever cannot use it keeps what was before.

        Raises:
            OSError: it is there and cannot be read.
        """
        stamp = self._look()
        if stamp is None or stamp == self._stamp:
            return None
        self._stamp = stamp
        return self._path.read_bytes()

    def _look(self) -> Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
