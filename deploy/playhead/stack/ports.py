"""Ports of the loopback address: a free one, and who holds a taken one."""

import socket

import psutil

LOOPBACK = "127.0.0.1"


class PortTaken(Exception):  # noqa: N818
    """The message says which port is wanted for what, and which process holds it."""


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on. Another process may take one before it is used."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def demand_free(port: int, *, wanted_by: str, setting: str) -> None:
    """Raises:
    PortTaken: something listens there.
    """
    with socket.socket() as probe:
        # As servers do; without it a connection that lingers from our own last run would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            holder = _holder(port)
            raise PortTaken(
                f"port {port} for {wanted_by} is taken by {holder}; "
                f"stop it, or choose another with {setting} (0: a free one)"
            ) from error


def _holder(port: int) -> str:
    try:
        listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    except psutil.AccessDenied:
        return "a process that this user may not see"
    pids = {c.pid for c in listening if c.laddr and c.laddr.port == port}
    named = [_describe(pid) for pid in pids if pid is not None]
    return " and ".join(named) if named else "a process that this user may not see"


def _describe(pid: int) -> str:
    try:
        command = " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return f"process {pid}"
    return f"process {pid} ({command[:120]})"
