"""The peers: made ready once, then started one at a time on the core that is measured.

Each tells on standard output how many records it has worked off: `progress 12345`.
"""

import asyncio
import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.sessionizer.cores import MEASURED, cpu_s, on_core
from benchmarks.sessionizer.drain import Bounds, Drain, Rate, Sample
from playhead.checkout import ROOT, STATE
from playhead.kafka.java import java
from tests.servers.broker import KafkaServer

HERE = Path(__file__).parent
MADE = STATE / "bench"
_STREAMS, _PYTHON = MADE / "kafka_streams", MADE / "peers"
_STUCK_S = 90
_JVM = (
    "-Xms2g",
    "-Xmx2g",
    "-XX:+UseSerialGC",
    "-XX:+AlwaysPreTouch",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)


def make_peers() -> None:
    """Build the Java project and the Python environment, unless they are as the files say.

    Raises:
        subprocess.CalledProcessError: Maven or pip could not.
    """
    sources = sorted((HERE / "kafka_streams").rglob("*.java"))
    _make(_STREAMS, [HERE / "kafka_streams/pom.xml", *sources], _build_streams)
    _make(_PYTHON, [HERE / "peers/requirements.txt"], _build_python)


def _make(folder: Path, of: Sequence[Path], build: Callable[[], None]) -> None:
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in of)).hexdigest()
    stamp = folder / "made-of"
    if not stamp.exists() or stamp.read_text() != digest:
        print(f"  making {folder.name} (once, about a minute)", flush=True)
        build()
        stamp.write_text(digest)


def _build_streams() -> None:
    command = ["mvn", "--batch-mode", "--quiet", "-Dstyle.color=never", f"-Dinto={_STREAMS}", "package"]
    subprocess.run([*command, "--file", str(HERE / "kafka_streams/pom.xml")], check=True)


def _build_python() -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(_PYTHON)], check=True)
    pip = [str(_PYTHON / "bin/python"), "-m", "pip", "--quiet", "install", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "--requirement", str(HERE / "peers/requirements.txt")], check=True)


@dataclass(frozen=True)
class Peer:
    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def kafka_streams(kafka: KafkaServer, folder: Path, kind: str, topic: str, store: str) -> Peer:
    """Kind: events or envelopes, windows or by-hand, as in `events-windows`; store: memory or rocksdb."""
    run = f"bench-{secrets.token_hex(4)}"
    classes = f"{_STREAMS}/peer.jar:{_STREAMS}/dependency/*"
    arguments = [kafka.bootstrap, kind, topic, run, str(folder / run), store]
    return Peer(
        f"Kafka Streams, {kind}, {store}",
        [str(java()), *_JVM, "-cp", classes, "playhead.bench.Main", *arguments],
    )


def quixstreams(kafka: KafkaServer, folder: Path, topic: str, kind: str) -> Peer:
    """Kind: state or windows."""
    run = f"bench-{secrets.token_hex(4)}"
    script = str(HERE / "peers/with_quixstreams.py")
    argv = [_python(), script, kafka.bootstrap, topic, run, str(folder / run), kind]
    return Peer(f"quixstreams, {kind}", argv, {"PYTHONPATH": str(ROOT)})


def bytewax(kafka: KafkaServer, folder: Path, topic: str, kind: str) -> Peer:
    """Kind: state or windows."""
    snapshots = folder / f"bench-{secrets.token_hex(4)}"
    snapshots.mkdir()
    environment = {
        "PYTHONPATH": f"{ROOT}:{HERE / 'peers'}",
        "BENCH_BOOTSTRAP": kafka.bootstrap,
        "BENCH_TOPIC": topic,
        "BENCH_KIND": kind,
    }
    subprocess.run(
        [_python(), "-m", "bytewax.recovery", str(snapshots), "1"], check=True, env=os.environ | environment
    )
    argv = [_python(), "-m", "bytewax.run", "with_bytewax:flow", "-r", str(snapshots), "-s", "5", "-b", "0"]
    return Peer(f"bytewax, {kind}", argv, environment)


def _python() -> str:
    return str(_PYTHON / "bin/python")


async def drain(peer: Peer, folder: Path, records: int, bounds: Bounds) -> Rate:
    """Run it until it has worked off so many records, or as many as the bounds allow; then end it.

    Raises:
        RuntimeError: it ended, or does not go on.
    """
    log = folder / "peer.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *on_core(MEASURED, peer.argv),
            env=os.environ | dict(peer.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    watched, began = Drain(records, bounds), time.monotonic()
    try:
        while line := await process.stdout.readline():
            if line.startswith(b"progress "):
                now = time.monotonic()
                if watched.enough(Sample(now, cpu_s(process.pid), int(line.split()[1]))):
                    return watched.rate()
                if now - (watched.moved_at_s or began) > _STUCK_S:
                    break
        raise RuntimeError(f"{peer.name} stopped:\n{log.read_text(errors='replace')[-3_000:]}")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
