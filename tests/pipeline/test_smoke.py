"""Recordings in, everything asked back: as `make smoke` runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder


@pytest.mark.stack
def test_every_event_of_the_recordings_comes_back_byte_equal() -> None:
    command = [str(Path(sys.executable).parent / "playhead"), "smoke"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    recordings = read_folder(RECORDINGS)
    events = sum(len(recording.events) for recording in recordings)
    assert f"smoke: {len(recordings)} sessions (3 active, 3 completed), {events:,} events" in done.stdout
