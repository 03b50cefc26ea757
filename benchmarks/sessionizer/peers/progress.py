"""Counts records, and tells the number five times a second on standard output."""

import threading
import time

EVERY_S = 0.2


class Progress:
    def __init__(self) -> None:
        self.records = 0
        threading.Thread(target=self._tell, daemon=True).start()

    def _tell(self) -> None:
        while True:
            print(f"progress {self.records}", flush=True)
            time.sleep(EVERY_S)
