"""`playhead doctor`: what is missing on this machine, and how to get it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from playhead.kafka.java import OLDEST_JAVA
from playhead.settings import StackSettings
from playhead.stack.addresses import Addresses, NotRunning, of_running
from playhead.stack.ports import PortTaken, demand_free

_OLDEST_NODE = (20, 19)
_OLDEST_CARGO = (1, 85)
_NEEDED_MEMORY_BYTES = 3 * 1024**3


@dataclass(frozen=True)
class Finding:
    what: str
    good: bool
    seen: str
    remedy: str = ""


def examine(settings: StackSettings) -> list[Finding]:
    """Look at everything; changes nothing."""
    return [*_tools(), *_built(settings), *_ports(settings), _memory()]


def _tools() -> Iterator[Finding]:
    python = sys.version_info[:2]
    supported = (3, 11) <= python < (3, 14)
    yield Finding("Python", supported, f"{python[0]}.{python[1]}", "install Python 3.11 to 3.13")
    yield _tool(
        "cargo",
        "--version",
        r"cargo (\d+)\.(\d+)",
        _OLDEST_CARGO,
        "install Rust 1.85 or newer, on Debian 12 cargo-web (builds the collector's native module)",
    )
    yield _tool(
        "node",
        "--version",
        r"v(\d+)\.(\d+)",
        _OLDEST_NODE,
        "install Node 20.19 or newer (needed to build recorder and dashboard)",
    )
    # Java may say first which options it picked up.
    yield _tool(
        "java", "-version", r'version "(\d+)', (OLDEST_JAVA,), "Debian: apt-get install default-jre-headless"
    )
    yield _tool(
        "mvn",
        "--version",
        r"Maven (\d+)\.(\d+)",
        (3,),
        "Debian: apt-get install maven (needed once, for Kafka's jars)",
    )
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    yield Finding(
        "Chromium",
        chromium is not None,
        chromium or "absent",
        "Debian: apt-get install chromium (needed by the browser tests only)",
    )


def _tool(name: str, option: str, pattern: str, oldest: tuple[int, ...], remedy: str) -> Finding:
    path = shutil.which(name)
    if path is None:
        return Finding(name, False, "absent", remedy)
    said = subprocess.run([path, option], capture_output=True, text=True, check=False)
    found = re.search(pattern, said.stdout + said.stderr)
    if found is None:
        return Finding(name, False, "tells no version", remedy)
    version = tuple(int(part) for part in found.groups())
    return Finding(name, version >= oldest, ".".join(found.groups()), remedy)


def _built(settings: StackSettings) -> Iterator[Finding]:
    jars = len(list(settings.jars_path.glob("*.jar")))
    yield Finding("Kafka's jars", jars > 0, f"{jars} in {settings.jars_path}", "make jars")
    for what, path in (("recorder.js", settings.recorder_path), ("dashboard", settings.dashboard_path)):
        yield Finding(what, path.exists(), str(path) if path.exists() else "not built", "make build")


def _ports(settings: StackSettings) -> Iterator[Finding]:
    try:
        of_running(settings.data_path)
    except NotRunning:
        pass
    else:
        yield Finding("ports", True, "a stack of this data folder is running")
        return
    for field in Addresses.__struct_fields__:
        port = getattr(settings, field)
        who = field.removesuffix("_port").replace("_", " ")
        try:
            if port:
                demand_free(port, wanted_by=who, setting=f"PLAYHEAD_STACK_{field.upper()}")
        except PortTaken as error:
            yield Finding(f"port of {who}", False, str(port), str(error))
        else:
            yield Finding(f"port of {who}", True, str(port) if port else "a free one")


def _memory() -> Finding:
    available = psutil.virtual_memory().available
    seen = f"{available / 1024**3:.1f} GiB available"
    return Finding(
        "memory", available >= _NEEDED_MEMORY_BYTES, seen, "the idle stack takes about 1.5 GiB, a busy one 3"
    )
