"""Builds the peers and the load generator, once for each state of their sources, from locked packages."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from playhead.checkout import STATE

HERE = Path(__file__).parent
MADE = STATE / "bench/collector"
RUST = MADE / "rust/release/peer"
LOAD = MADE / "rust/release/load"
GO = MADE / "go/peer"


class CompilerMissing(Exception):  # noqa: N818
    """A peer cannot be built here; the message says what to install."""


def build() -> None:
    """Raises:
    CompilerMissing: cargo or go is not installed.
    subprocess.CalledProcessError: it does not build.
    """
    for command, peer, where in (
        ("cargo", "Rust", "https://rustup.rs"),
        ("go", "Go", "https://go.dev/dl"),
    ):
        if shutil.which(command) is None:
            raise CompilerMissing(f"the {peer} peer is built with {command}, which is not there: {where}")
    _once("rust", ("*.rs", "Cargo.*"), _build_rust)
    _once("go", ("*.go", "go.*"), _build_go)


def _once(name: str, patterns: tuple[str, ...], make: Callable[[Path], None]) -> None:
    sources = sorted(file for pattern in patterns for file in (HERE / name).rglob(pattern))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()
    stamp = MADE / f"{name}.made-of"
    if stamp.exists() and stamp.read_text() == digest:
        return
    print(f"  building the {name} peer (once, some minutes)", flush=True)
    make(MADE / name)
    stamp.write_text(digest)


def _build_rust(into: Path) -> None:
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--jobs", "1", "--target-dir", str(into)]
    subprocess.run(command, cwd=HERE / "rust", check=True)


def _build_go(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    command = ["go", "build", "-mod=readonly", "-p", "1", "-o", str(into / "peer"), "."]
    # Go's faster JSON, which is not yet the usual one.
    environment = os.environ | {"GOEXPERIMENT": "jsonv2"}
    subprocess.run(command, cwd=HERE / "go", check=True, env=environment)
