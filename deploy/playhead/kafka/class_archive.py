"""Java's class data sharing for the broker: an archive of its loaded classes beside the jars.

With it the broker is ready in half of the time. Without it, or with one that another Java made (which Java
passes over by itself), the broker only starts slower.
"""

from pathlib import Path

_NO_NOTES = ("-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
"""An archive that does not fit is no error, and Java's notes are not for the log."""


def archive_file(jars: Path) -> Path:
    return jars / "kafka.jsa"


def read_archive(jars: Path) -> list[str]:
    """Java's options to use the archive, if there is one."""
    file = archive_file(jars)
    return [f"-XX:SharedArchiveFile={file}", *_NO_NOTES] if file.exists() else []


def write_archive(file: Path) -> list[str]:
    """Java's options to write one when the process ends."""
    return [f"-XX:ArchiveClassesAtExit={file}", *_NO_NOTES]
