"""Which recording is played on which connection, and how long ago it was. Pure.

A visit that ended longer ago than the gap is completed as soon as it is in; not so long ago that the
sessionizer would no longer add its later batches to it.
"""

from collections.abc import Mapping, Sequence

from playhead.demo_tenant import ADMIN, SHOP
from playhead.player.play import Visit
from playhead.player.recording import Recording

_MINUTE_MS = 60_000
_COMPLETED_AGO_MS = range(45 * _MINUTE_MS, 100 * _MINUTE_MS, 9 * _MINUTE_MS)

_USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/146.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.0 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0",
)
"""Of desktop browsers, as the recordings' window is one."""


def plan_visits(recordings: Sequence[Recording], keys: Mapping[str, str]) -> dict[str, list[Visit]]:
    """A visit for each recording, by connection.

    The connections take turns. Half of the visits are completed, the rest ended just now.

    Args:
        keys: write key by connection id.
    """
    planned: dict[str, list[Visit]] = {SHOP: [], ADMIN: []}
    for number, recording in enumerate(recordings):
        connection = (SHOP, ADMIN)[number % 2]
        completed = (number + number // 2) % 2 == 1
        ago = _COMPLETED_AGO_MS[number % len(_COMPLETED_AGO_MS)] if completed else 0
        planned[connection].append(
            Visit(recording, keys[connection], ago, _USER_AGENTS[number % len(_USER_AGENTS)])
        )
    return planned
