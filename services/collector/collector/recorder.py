"""The recorder's file as browsers get it: content, ETag, gzip.

Knows one file on disk, which it reads again when it changes.
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

import xxhash


@dataclass(frozen=True, slots=True)
class Script:
    content: bytes
    gzipped: bytes
    etag: str


class RecorderFile:
    def __init__(self, path: Path | None):
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._script: Script | None = None

    def read(self) -> Script:
        """The file as it is now.

        Raises:
            FileNotFoundError: no path is set, or no file is there; the message says which.
        """
        if self._path is None:
            raise FileNotFoundError("no recorder is configured (PLAYHEAD_COLLECTOR_RECORDER_PATH)")
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if self._script is None or stamp != self._stamp:
                content = self._path.read_bytes()
                # mtime 0, so that every collector behind a balancer serves the same bytes.
                self._script = Script(
                    content, gzip.compress(content, 9, mtime=0), xxhash.xxh3_128_hexdigest(content)
                )
                self._stamp = stamp
        except OSError as error:
            raise FileNotFoundError(f"the recorder is not built: {error.strerror}") from None
        return self._script
