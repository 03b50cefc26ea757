"""Browser, operating system and device of a user agent (rule 9), as the columns of `sessions` have them."""

from functools import lru_cache
from typing import NamedTuple

import ua_parser


class UserAgent(NamedTuple):
    """Families; empty where the user agent does not say."""

    browser: str
    os: str
    device: str


@lru_cache(maxsize=4_096)
def parsed(user_agent: str) -> UserAgent:
    """Pure and cached: many visitors share one user agent."""
    found = ua_parser.parse(user_agent)
    return UserAgent(
        browser=found.user_agent.family if found.user_agent else "",
        os=found.os.family if found.os else "",
        device=found.device.family if found.device else "",
    )
