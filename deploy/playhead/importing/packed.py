"""The string into which `@rrweb/packer` packs an event. Pure.

From its source (packages/packer/src/pack.ts and unpack.ts of rrweb): the event's JSON with a field `v: "v1"`
added, in UTF-8, as a zlib stream, each byte of which is one character. A string may also be the event's JSON.
"""

import zlib

import msgspec

from playhead.importing.problems import Unimportable
from schemas.rrweb_event import repair_surrogates

MARK = "v1"
LONGEST_EVENT_BYTES = 32 * 1024 * 1024
"""A collector takes no batch that is longer than this once decompressed."""


class _Marked(msgspec.Struct):
    v: str = ""


def unpack(packed: str) -> bytes:
    """The event's JSON, lone surrogates repaired, the mark left in as `unpack` of `@rrweb/packer` leaves it.

    Raises:
        Unimportable: it is neither packed nor JSON, another version's, or larger than any event may be.
    """
    if packed.lstrip()[:1] == "{":
        return repair_surrogates(packed.encode())
    try:
        stream = packed.encode("latin-1")
    except UnicodeEncodeError:
        raise Unimportable("a string that is neither an event's JSON nor packed by @rrweb/packer") from None
    inflate = zlib.decompressobj()
    try:
        text = repair_surrogates(inflate.decompress(stream, LONGEST_EVENT_BYTES))
    except zlib.error as error:
        raise Unimportable(f"a string that does not unpack as @rrweb/packer's do: {error}") from None
    if not inflate.eof:
        if inflate.unconsumed_tail:
            raise Unimportable(f"a packed event of more than {LONGEST_EVENT_BYTES} bytes")
        raise Unimportable("a packed event that is cut off")
    try:
        mark = msgspec.json.decode(text, type=_Marked).v
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unimportable(f"a packed string that holds no event: {error}") from None
    if mark != MARK:
        raise Unimportable(f"an event packed by version {mark!r} of @rrweb/packer; this reads {MARK!r}")
    return text
