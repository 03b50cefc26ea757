"""The broker as a process: its files, its one-time format, its command line. Starts only the format tool.

The data folder holds `server.properties` (written anew at each start, so ports may change), `log/` (kept
between runs).
"""

import base64
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from playhead.kafka.class_archive import read_archive, write_archive
from playhead.kafka.java import class_path, java
from playhead.kafka.server_properties import server_properties

READY_LINE = "Kafka Server started"

# One machine, a few partitions: the serial collector and the first compiler need the least memory.
_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms48m", "-Djava.awt.headless=true")
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.server=info",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
    "-Dorg.slf4j.simpleLogger.showShortLogName=true",
)


class FormatFailed(Exception):  # noqa: N818
    """Kafka's storage tool refused the data folder; the message holds what it said."""


@dataclass(frozen=True)
class Broker:
    """Where one broker lives.

    Attributes:
        folder: its files; kept between runs.
        jars: what Maven copied.
        heap_mb: the largest Java heap, in MiB.
    """

    folder: Path
    jars: Path
    port: int
    controller_port: int
    heap_mb: int = 256

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def properties(self) -> Path:
        return self.folder / "server.properties"

    def prepare(self) -> None:
        """Write the configuration and format the data folder if it never was.

        Raises:
            NotInstalled: no Java, or no jars.
            FormatFailed: the folder cannot be formatted.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        text = server_properties(data=self.log, port=self.port, controller_port=self.controller_port)
        self.properties.write_text(text)
        if not (self.log / "meta.properties").exists():
            self._format()

    def _format(self) -> None:
        cluster_id = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        tool = [
            "kafka.tools.StorageTool",
            "format",
            # In one word: an id may begin with a dash, and would be taken for an option.
            f"--cluster-id={cluster_id}",
            "--config",
            str(self.properties),
        ]
        done = subprocess.run(
            [*self._java(read_archive(self.jars)), *tool], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise FormatFailed(f"Kafka could not format {self.log}:\n{done.stdout}{done.stderr}")

    def command(self) -> list[str]:
        """The command line that runs the broker in the foreground.

        Raises:
            NotInstalled: no Java, or no jars.
        """
        return [*self._java(read_archive(self.jars)), "kafka.Kafka", str(self.properties)]

    def archiving_command(self, archive: Path) -> list[str]:
        """The same, but at its end it writes the archive of the classes that it loaded."""
        return [*self._java(write_archive(archive)), "kafka.Kafka", str(self.properties)]

    def _java(self, archive: list[str]) -> list[str]:
        heap = f"-Xmx{self.heap_mb}m"
        return [str(java()), *_JVM, *_LOGGING, heap, *archive, "-cp", class_path(self.jars)]
