"""What the tests grow from."""

from functools import cache

from benchmarks.query.page_batches import Page, page
from playhead.checkout import RECORDINGS
from playhead.player.recording import Recording, read_folder


@cache
def recordings() -> list[Recording]:
    return read_folder(RECORDINGS)


@cache
def pages() -> list[Page]:
    return [page(recording) for recording in recordings()]
