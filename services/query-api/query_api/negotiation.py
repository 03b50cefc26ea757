"""What a caller accepts: the weights (q-values) of Accept and Accept-Encoding, RFC 9110 section 12.

Pure.
"""

import re
from collections.abc import Iterable

_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def weights(header: str) -> dict[str, float]:
    """Each name in the header with its weight, 0 to 1. What has a weight that is none is left out."""
    found: dict[str, float] = {}
    for item in header.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = next((part[2:].strip() for part in parameters if part.startswith("q=")), "1")
        if name and _WEIGHT.fullmatch(weight):
            found[name] = float(weight)
    return found


def media_type(accept: str | None, offered: Iterable[str]) -> str | None:
    """The offered type that is liked best, of equals the first offered; None where none is accepted.

    Args:
        accept: the header; None or blank accepts anything.
    """
    if accept is None or not accept.strip():
        return next(iter(offered), None)
    liked = weights(accept)

    def weight(name: str) -> float:
        kind = name.partition("/")[0]
        # The most exact range decides, also where it likes the type less.
        return next((liked[each] for each in (name, f"{kind}/*", "*/*") if each in liked), 0)

    best = max(offered, key=weight, default=None)
    return best if best is not None and weight(best) > 0 else None


def content_coding(accept_encoding: str | None, offered: Iterable[str]) -> str | None:
    """The coding that is liked best, of equals the first offered, `identity` after them; None where not even
    `identity` is accepted.

    `identity` is accepted unless it is ruled out, and where it is not named anything that is comes before it.
    """
    liked = weights(accept_encoding or "")
    weight = {name: liked.get(name, liked.get("*", 0)) for name in offered}
    best = max(weight, key=lambda name: weight[name], default=None)
    # `*` stands for what is not named, but does not ask for identity where something else is to be had.
    identity = liked.get("identity", 0 if liked.get("*") == 0 else None)
    if best is not None and weight[best] > 0 and weight[best] >= (identity or 0):
        return best
    return None if identity == 0 else "identity"
