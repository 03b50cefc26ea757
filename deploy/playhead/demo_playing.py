"""Plays the demo's visits into a running stack and says what must be readable then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from playhead.demo_tenant import ADMIN, SHOP
from playhead.demo_visits import plan_visits
from playhead.landed import Expected, expected
from playhead.player.play import Played, play
from playhead.player.recording import Recording
from playhead.query_client import QueryClient
from playhead.stack.stack import Stack

LANDS_WITHIN_MS = 60_000


@dataclass(frozen=True)
class PlayedIn:
    """By connection id.

    Attributes:
        wanted: for `until_landed`.
    """

    played: Mapping[str, Sequence[Played]]
    wanted: Mapping[str, Expected]


async def play_in(
    stack: Stack,
    client: QueryClient,
    recordings: Sequence[Recording],
    done: Callable[[Played], None] = lambda _: None,
) -> PlayedIn:
    """Send every recording as `plan_visits` says. Raises what the player and the query client raise."""
    keys = {SHOP: stack.secrets.demo_shop_key, ADMIN: stack.secrets.demo_admin_key}
    planned = plan_visits(recordings, keys)
    before = {connection: await client.stats(connection) for connection in planned}
    played = {
        connection: await play(stack.addresses.collector, visits, done=done)
        for connection, visits in planned.items()
    }
    return PlayedIn(played, {connection: expected(before[connection], p) for connection, p in played.items()})
