"""Processor time of inflating and validating alone, each in its own process, on one core and in turn."""

import subprocess
import sys
from pathlib import Path

from benchmarks.collector import build
from benchmarks.collector.bodies import Body
from benchmarks.result import Measure
from benchmarks.sessionizer.cores import MEASURED, on_core
from playhead.checkout import ROOT

_OURS = (sys.executable, "-m", "benchmarks.collector.our_steps")
_BODIES = 200


def measure_steps(
    body: Body, file: Path, rounds: int, *, of_raw: float, of_value: float | None
) -> list[Measure]:
    """µs a body. `of_raw` and `of_value` are the goals, as shares of what Rust takes."""
    ours = _us(_OURS, file, "raw", rounds)
    rust = {step: _us((str(build.RUST), "steps"), file, step, rounds) for step in ("raw", "value")}
    go = _us((str(build.GO), "steps"), file, "raw", rounds)
    measure, unit = f"inflate + validate, {body.name}", "µs of processor a body"
    rows = [
        Measure(measure, ours, unit, "Rust RawValue", rust["raw"], of_raw, of_ratio=True),
        Measure(measure, ours, unit, "Rust Value, written again", rust["value"], of_value, of_ratio=True),
        Measure(measure, ours, unit, "Go RawMessage", go),
    ]
    floors = [
        Measure(
            f"floor: {floor.removesuffix(' raw')} alone, {body.name}",
            _us(_OURS, file, floor, rounds),
            unit,
            "Rust",
            _us((str(build.RUST), "steps"), file, floor, rounds),
        )
        for floor in ("inflate", "parse raw")
    ]
    return [*rows, *floors]


def _us(command: tuple[str, ...], file: Path, step: str, rounds: int) -> float:
    argv = on_core(MEASURED, [*command, str(file), step, str(rounds), str(_BODIES)])
    done = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=ROOT)
    return float(done.stdout) / 1_000
