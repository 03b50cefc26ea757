"""Starts the embedded ClickHouse as a real process for tests, here and in other rooms."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import clickhouse_connect
import httpx
from clickhouse_connect.driver.client import Client

ADMIN_PASSWORD = "admin-secret"
ANALYST_PASSWORD = "analyst-secret"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RunningServer:
    """`python -m playhead.clickhouse` on a free port; as a context manager ready inside, gone after."""

    def __init__(self, data_dir: Path, log: Path | None = None, **settings: str):
        self.data_dir = data_dir
        self.port = free_port()
        self.log = log or data_dir.parent / f"{data_dir.name}.log"
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, verify=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        ours = {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "ADMIN_PASSWORD": ADMIN_PASSWORD,
            "ANALYST_PASSWORD": ANALYST_PASSWORD,
            "MEMORY_LIMIT_BYTES": str(1 << 30),
            **self.settings,
        }
        return {**os.environ, **{f"PLAYHEAD_CLICKHOUSE_{name}": value for name, value in ours.items()}}

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "playhead.clickhouse"], env=self.environment(), stdout=log, stderr=log
            )

    def wait_ready(self, timeout_s: float = 60) -> None:
        assert self.process is not None
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}:\n{self.log.read_text()}")
            try:
                if self.http.get("/ping", timeout=5).text == "Ok.\n":
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"not ready within {timeout_s} s:\n{self.log.read_text()}")

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self, timeout_s: float = 60) -> int:
        """SIGTERM; returns the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def __enter__(self) -> Self:
        self.start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def client(self, user: str = "admin", database: str | None = None, **options: object) -> Client:
        """A clickhouse-connect client without a session, so that threads can share it."""
        password = ADMIN_PASSWORD if user == "admin" else ANALYST_PASSWORD
        settings = {"autogenerate_session_id": False, **options}
        return clickhouse_connect.get_client(
            host="127.0.0.1",
            port=self.port,
            username=user,
            password=password,
            database=database or "__default__",
            **settings,  # type: ignore[arg-type]
        )

    def ask(
        self,
        statement: str | bytes,
        user: str = "admin",
        *,
        method: str = "POST",
        timeout_s: float = 60,
        **query: str,
    ) -> httpx.Response:
        """A request as curl would send it."""
        password = ADMIN_PASSWORD if user == "admin" else ANALYST_PASSWORD
        return self.http.request(
            method, "/", params=query, content=statement, auth=(user, password), timeout=timeout_s
        )
