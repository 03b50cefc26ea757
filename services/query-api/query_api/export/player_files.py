"""Reads the built player of exported files, anew when it was built anew."""

import asyncio
from pathlib import Path

from query_api.export.page import Player
from query_api.problems import Reason, Refusal

SCRIPT = Path("exported") / "player.js"
STYLE = Path("exported") / "player.css"


class PlayerFiles:
    """
    Args:
        dashboard: the folder of the built dashboard; None where there is none.
    """

    def __init__(self, dashboard: Path | None) -> None:
        self._dashboard = dashboard
        self._built_ns = 0
        self._player: Player | None = None

    async def player(self) -> Player:
        """
        Raises:
            Refusal: not_acceptable, where this server has no player.
        """
        if self._dashboard is None:
            raise Refusal(Reason.NOT_ACCEPTABLE, "This server has no dashboard, and so no player for HTML.")
        return await asyncio.to_thread(self._read, self._dashboard)

    def _read(self, dashboard: Path) -> Player:
        try:
            built_ns = (dashboard / SCRIPT).stat().st_mtime_ns
            if self._player is None or built_ns != self._built_ns:
                script, style = ((dashboard / part).read_text() for part in (SCRIPT, STYLE))
                self._player, self._built_ns = Player(script, style), built_ns
        except FileNotFoundError:
            raise Refusal(Reason.NOT_ACCEPTABLE, "The player for HTML has not been built.") from None
        return self._player
