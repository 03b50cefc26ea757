"""`playhead demo`: the stack with recorded sessions played into it, some completed and some still active."""

from collections.abc import Sequence
from pathlib import Path

from playhead.demo_playing import LANDS_WITHIN_MS, play_in
from playhead.foreground import run_until_stopped
from playhead.landed import until_landed
from playhead.player.play import Played
from playhead.player.recording import Recording, read_folder
from playhead.query_client import QueryClient
from playhead.settings import StackSettings
from playhead.stack.stack import Stack


async def demo(settings: StackSettings, recordings: Path) -> None:
    """Run until stopped. Raises what `run_until_stopped`, the player and `until_landed` raise."""
    read = read_folder(recordings)

    async def play_in(stack: Stack) -> None:
        await _play_in(stack, read)

    await run_until_stopped(settings, play_in)


async def _play_in(stack: Stack, recordings: Sequence[Recording]) -> None:
    print(f"playing {len(recordings)} recordings on two connections", flush=True)
    async with QueryClient(stack.addresses.query_api, stack.secrets.dashboard_token) as client:
        into = await play_in(stack, client, recordings, done=_say)
        await until_landed(client, into.wanted, LANDS_WITHIN_MS)
        for connection in into.played:
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
