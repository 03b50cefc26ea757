"""`make bench B=pipeline`."""

import asyncio

from benchmarks.pipeline.latency import measure_latency
from benchmarks.pipeline.memory import measure_memory
from benchmarks.pipeline.running_stack import running_stack
from benchmarks.pipeline.throughput import measure_throughput
from benchmarks.result import Measure, report
from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder


def main() -> None:
    recordings = read_folder(RECORDINGS)
    measures: list[Measure] = []
    # A stack for each question: what one leaves behind is no part of the next one's answer.
    with running_stack() as stack:
        measures += measure_memory(stack)
    with running_stack() as stack:
        measures += asyncio.run(measure_latency(stack, recordings))
    with running_stack() as stack:
        measures += asyncio.run(measure_throughput(stack, recordings))
    report("pipeline", measures)


main()
