"""Tells the C library to keep what bodies free, instead of giving it to the system and asking for it again.

A body and what it is decompressed to are some hundred KB, taken and freed with each request. glibc hands such
memory back at once, and each page of it is then mapped and zeroed anew: a third of a large body's processor
time (ADR 79).
"""

import ctypes

import structlog

from collector.settings import MIB

log = structlog.get_logger(__name__)

# From malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
KEPT = {
    # What is larger is mapped by itself and given back whole; set, so that glibc does not raise it by itself.
    M_MMAP_THRESHOLD: MIB,
    M_TRIM_THRESHOLD: 16 * MIB,
    M_TOP_PAD: MIB,
}


def keep_freed_memory() -> bool:
    """Up to 16 MiB at the heap's end. False where the C library has no such settings (it is not glibc)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or not all(mallopt(name, value) for name, value in KEPT.items()):
        log.info("the C library's allocator stays as it is")
        return False
    return True
