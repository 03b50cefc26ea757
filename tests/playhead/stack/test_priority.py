"""Merges get the processor that is left."""

import ctypes
import os
import sys
import threading
from collections.abc import Iterator

import pytest

from playhead.stack.priority import MERGE_THREAD, NICENESS, lower_merges

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities on Linux")
PR_SET_NAME = 15


@pytest.fixture
def a_merge() -> Iterator[int]:
    """A thread by the name of a merge's, and its number."""
    named, over = threading.Event(), threading.Event()

    def merge() -> None:
        ctypes.CDLL(None).prctl(PR_SET_NAME, MERGE_THREAD.encode())
        named.set()
        over.wait()

    thread = threading.Thread(target=merge)
    thread.start()
    named.wait()
    assert thread.native_id is not None
    yield thread.native_id
    over.set()
    thread.join()


def test_a_merge_is_lowered_and_nothing_else(a_merge: int) -> None:
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert lower_merges(os.getpid()) == 1
    assert os.getpriority(os.PRIO_PROCESS, a_merge) == NICENESS
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_a_process_that_is_gone_has_no_merges() -> None:
    assert lower_merges(2**22 + 1) == 0
