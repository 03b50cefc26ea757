"""Hostile and odd requests to `POST /v1/batches`, each with what must come back.

Made by these files rather than kept as files: most are one byte away from a good body, and some are bombs.
"""

from tests.contract.bodies.case import ACCEPTED, Case
from tests.contract.bodies.compressed import all_compressed
from tests.contract.bodies.said import all_said
from tests.contract.bodies.texts import all_texts

CASES: list[Case] = [*all_texts(), *all_compressed(), *all_said()]

__all__ = ["ACCEPTED", "CASES", "Case"]
