"""The addresses of one run, and the file by which other commands find a running stack."""

import os
from pathlib import Path

import msgspec
import psutil

from playhead.settings import StackSettings
from playhead.stack.ports import LOOPBACK, demand_free, free_ports


class NotRunning(Exception):  # noqa: N818
    """No stack runs on this data folder."""


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    kafka_port: int
    kafka_controller_port: int
    clickhouse_port: int
    collector_port: int
    query_api_port: int
    sessionizer_port: int

    @property
    def kafka(self) -> str:
        """Bootstrap: host:port."""
        return f"{LOOPBACK}:{self.kafka_port}"

    @property
    def clickhouse(self) -> str:
        return f"http://{LOOPBACK}:{self.clickhouse_port}"

    @property
    def collector(self) -> str:
        return f"http://{LOOPBACK}:{self.collector_port}"

    @property
    def query_api(self) -> str:
        """The query API, and the dashboard at its root."""
        return f"http://{LOOPBACK}:{self.query_api_port}"

    @property
    def sessionizer(self) -> str:
        """Health and metrics only."""
        return f"http://{LOOPBACK}:{self.sessionizer_port}"


def choose(settings: StackSettings) -> Addresses:
    """The ports that the settings name, and a free one for each 0.

    Raises:
        PortTaken: a named port is in use.
    """
    wanted: dict[str, int] = {name: getattr(settings, name) for name in Addresses.__struct_fields__}
    for name, port in wanted.items():
        if port:
            who = name.removesuffix("_port").replace("_", " ")
            demand_free(port, wanted_by=who, setting=f"PLAYHEAD_STACK_{name.upper()}")
    free = iter(free_ports(sum(port == 0 for port in wanted.values())))
    return Addresses(**{name: port or next(free) for name, port in wanted.items()})


class _Running(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    started_at_s: float
    """The process's own start time, so that a number that was given again is not taken for it."""
    addresses: Addresses


def announce(data: Path, addresses: Addresses) -> None:
    """Write down that this process runs a stack there."""
    running = _Running(pid=os.getpid(), started_at_s=psutil.Process().create_time(), addresses=addresses)
    (data / "running.json").write_bytes(msgspec.json.format(msgspec.json.encode(running)))


def withdraw(data: Path) -> None:
    (data / "running.json").unlink(missing_ok=True)


def of_running(data: Path) -> Addresses:
    """Raises:
    NotRunning: nothing runs there, or the supervisor died.
    """
    try:
        running = msgspec.json.decode((data / "running.json").read_bytes(), type=_Running)
    except FileNotFoundError:
        raise NotRunning(f"no stack runs on {data}: start one with `playhead run`") from None
    try:
        alive = psutil.Process(running.pid).create_time() == running.started_at_s
    except psutil.NoSuchProcess:
        alive = False
    if not alive:
        raise NotRunning(f"the stack on {data} has ended: start it with `playhead run`")
    return running.addresses
