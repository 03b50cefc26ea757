"""The Native format as `client_protocol_version` wants it. Pure."""

from playhead.clickhouse.errors import NOT_IMPLEMENTED, refused

BLOCK_INFO = 51903


def framed(block: bytes, revision: int) -> bytes:
    """A Native block of revision 0 in the form of a client's revision."""
    if revision == 0:
        return block
    raise refused(NOT_IMPLEMENTED, f"client_protocol_version={revision} is not supported.")
