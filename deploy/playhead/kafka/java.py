"""What the broker runs on: a Java and the jars that Maven copied. Knows where they are, starts nothing."""

import shutil
from pathlib import Path

OLDEST_JAVA = 17


class NotInstalled(Exception):  # noqa: N818
    """Something the broker needs is not on this machine; the message says how to get it."""


def java() -> Path:
    """Raises:
    NotInstalled: no `java` on the PATH.
    """
    found = shutil.which("java")
    if found is None:
        raise NotInstalled(
            f"Java {OLDEST_JAVA} or newer is not on the PATH (Debian: apt-get install default-jre-headless)"
        )
    return Path(found)


def class_path(jars: Path) -> str:
    """Raises:
    NotInstalled: the folder holds no broker.
    """
    if not any(jars.glob("kafka_2.13-*.jar")):
        raise NotInstalled(f"no Kafka jars in {jars}: run `make jars`")
    # Java itself reads the star; a class archive is only used with the very same text.
    return f"{jars}/*"
