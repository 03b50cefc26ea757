"""Remembers which texts are one statement.

Services bind their parameters, so they ask in the same few texts again and again, and the engine's parser
takes up to a millisecond for one of them. The same text is always the same statement.
"""

from collections import OrderedDict
from threading import Lock

LONGEST_CHARS = 16_384


class SingleStatements:
    """Of several threads."""

    def __init__(self, most: int = 512) -> None:
        self._texts: OrderedDict[str, None] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def __contains__(self, sql: str) -> bool:
        with self._lock:
            known = sql in self._texts
            if known:
                self._texts.move_to_end(sql)
            return known

    def add(self, sql: str) -> None:
        if len(sql) > LONGEST_CHARS:
            return
        with self._lock:
            self._texts[sql] = None
            if len(self._texts) > self._most:
                self._texts.popitem(last=False)
