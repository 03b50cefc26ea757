"""Which dead letters are put back. Pure.

A record that is older than `playhead.batches` keeps its records is left where it is, unless it is asked for:
the marker that an erasure leaves is kept as long as the batches are, so nobody knows any more whether the
visitor wished to be forgotten (rule 11).
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from playhead.dead_letters.book import Book, Held
from playhead.dead_letters.instant import spelt
from playhead.dead_letters.problems import NotReplayable
from schemas.dead_letter import is_hopeless

OLD = (
    "it is older than playhead.batches keeps its records, so an erasure of its visitor may be forgotten; "
    "--old puts it back all the same"
)


class Choice(msgspec.Struct, frozen=True):
    put_back: tuple[Held, ...]
    """In the order in which they were put aside, which is their order in the log."""
    left_out: tuple[tuple[str, int], ...] = ()
    """Why, and how many."""


def by_name(book: Book, names: Sequence[str], *, again: bool, oldest_at: int | None) -> Choice:
    """Exactly these; nothing if one of them cannot be put back.

    Args:
        again: also what was put back already.
        oldest_at: only what was recorded then or later, in ms.

    Raises:
        NoSuchLetter: a position has none.
        NotReplayable: one has no content, is not whole, is too old, or was put back already.
    """
    held = {(each.partition, each.offset): each for each in map(book.named, names)}
    for each in held.values():
        if (why := _impossible(each)) is not None:
            raise NotReplayable(f"{each.letter.position} cannot be put back: {why}")
        if each.mark is not None and not again:
            raise NotReplayable(
                f"{each.letter.position} was put back at {spelt(each.mark.replayed_at)}, as "
                f"{each.mark.replayed_to}; --again puts it back once more"
            )
        if _too_old(each, oldest_at):
            raise NotReplayable(f"{each.letter.position} is not put back: {OLD}")
    return Choice(tuple(held[place] for place in sorted(held)))


def by_reason(letters: Iterable[Held], *, again: bool, oldest_at: int | None, hopeless: bool) -> Choice:
    """All of these that can be put back; the others are told.

    Args:
        again: also what was put back already.
        oldest_at: only what was recorded then or later, in ms.
        hopeless: also those that no version will ever read.
    """
    put_back: list[Held] = []
    left_out: Counter[str] = Counter()
    for each in letters:
        if (why := _impossible(each)) is not None:
            left_out[why] += 1
        elif each.mark is not None and not again:
            left_out["put back already; --again puts them back once more"] += 1
        elif _too_old(each, oldest_at):
            left_out[OLD] += 1
        elif is_hopeless(each.letter.reason) and not hopeless:
            left_out[
                f"{each.letter.reason}, which no version reads; --reason {each.letter.reason} takes them"
            ] += 1
        else:
            put_back.append(each)
    return Choice(tuple(put_back), tuple(left_out.items()))


def _impossible(held: Held) -> str | None:
    if held.letter.whole_bytes is not None:
        return "it was too large to be kept whole; `show` says how large"
    if held.value_bytes is None and held.letter.record_key is None:
        return "it has neither key nor value"
    return None


def _too_old(held: Held, oldest_at: int | None) -> bool:
    recorded_at = held.letter.recorded_at
    return oldest_at is not None and (held.put_aside_at if recorded_at is None else recorded_at) < oldest_at
