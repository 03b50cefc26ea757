"""Java's class data sharing for the broker: an archive of its loaded classes beside the jars.

With it the broker is ready in well under half of the time. It is made once, after the jars; without it
(or with one that another Java made, which Java passes over by itself) the broker only starts slower.
"""

from pathlib import Path


def archive_file(jars: Path) -> Path:
    return jars / "kafka.jsa"


def archive_option(jars: Path) -> list[str]:
    file = archive_file(jars)
    # "auto": an archive that does not fit is no error. The log setting keeps Java's note about it off stdout.
    return [f"-XX:SharedArchiveFile={file}", "-Xshare:auto", "-Xlog:cds=off"] if file.exists() else []
