"""What the allocator keeps, seen from outside: freed memory of a body's size stays with the process."""

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, resource, sys
from collector.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = (
    ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p])
def body():
    block = libc.malloc(600_000)
    ctypes.memset(block, 1, 600_000)
    libc.free(block)
body()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    body()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(way: str) -> int:
    # The usual setting, whatever the environment of the tests says.
    env = {"PYTHONPATH": ":".join(sys.path), "MALLOC_TRIM_THRESHOLD_": "131072"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, way], env=env, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's settings")
def test_a_bodys_memory_is_not_mapped_anew_each_time():
    assert page_faults("kept") < 1_000 < page_faults("as it was")
