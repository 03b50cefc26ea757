"""`playhead demo`: the stack with recorded sessions played into it, some completed and some still active."""

from collections.abc import Sequence
from pathlib import Path

from playhead.demo_tenant import ADMIN, SHOP
from playhead.demo_visits import plan_visits
from playhead.foreground import run_until_stopped
from playhead.landed import expected, until_landed
from playhead.player.play import Played, play
from playhead.player.recording import Recording, read_folder
from playhead.query_client import QueryClient
from playhead.settings import StackSettings
from playhead.stack.stack import Stack

_LANDS_WITHIN_MS = 60_000


async def demo(settings: StackSettings, recordings: Path) -> None:
    """Run until stopped. Raises what `run_until_stopped`, the player and `until_landed` raise."""
    read = read_folder(recordings)

    async def play_in(stack: Stack) -> None:
        await _play_in(stack, read)

    await run_until_stopped(settings, play_in)


async def _play_in(stack: Stack, recordings: Sequence[Recording]) -> None:
    print(f"playing {len(recordings)} recordings on two connections", flush=True)
    keys = {SHOP: stack.secrets.demo_shop_key, ADMIN: stack.secrets.demo_admin_key}
    planned = plan_visits(recordings, keys)
    async with QueryClient(stack.addresses.query_api, stack.secrets.dashboard_token) as client:
        before = {connection: await client.stats(connection) for connection in planned}
        played = {
            connection: await play(stack.addresses.collector, visits, done=_say)
            for connection, visits in planned.items()
        }
        wanted = {connection: expected(before[connection], done) for connection, done in played.items()}
        await until_landed(client, wanted, _LANDS_WITHIN_MS)
        for connection in planned:
            now = await client.stats(connection)
            print(f"  {connection}: {now.total} sessions, {now.active} active, {now.completed} completed")
    print("ready", flush=True)


def _say(played: Played) -> None:
    ago = played.visit.ended_ago_ms // 60_000
    when = f"ended {ago} min ago" if ago else "still active"
    print(
        f"  {played.visit.recording.name}: {played.accepted} events in {played.batches} batches, {when}",
        flush=True,
    )
