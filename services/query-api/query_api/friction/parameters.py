"""The thresholds of friction as they stand in the address of a call."""

from pydantic import BaseModel, ConfigDict, Field

from query_api.friction.thresholds import FrictionThresholds

MOST_MS = 60_000
HOUR_MS = 3_600_000

_DEFAULTS = FrictionThresholds()


class ClickThresholdParameters(BaseModel):
    """One that is not known is refused: passed over, it would show what was not asked for."""

    model_config = ConfigDict(extra="forbid")

    rage_clicks: int = Field(
        _DEFAULTS.rage_clicks,
        ge=2,
        le=100,
        description="So many clicks of one window are a rage click.",
        examples=[3],
    )
    rage_within_ms: int = Field(
        _DEFAULTS.rage_within_ms,
        ge=1,
        le=MOST_MS,
        description="They are, where there is no more time (ms) from the first of them to the last.",
        examples=[1_000],
    )
    rage_radius_px: int = Field(
        _DEFAULTS.rage_radius_px,
        ge=0,
        le=10_000,
        description="They are, where no two of them are further apart (CSS pixels) in x or in y.",
        examples=[30],
    )
    dead_after_ms: int = Field(
        _DEFAULTS.dead_after_ms,
        ge=1,
        le=MOST_MS,
        description="A click is dead after which, for longer than this (ms), the page neither changes, "
        "scrolls, takes input, selects, plays nor moves to another page, while its window is still recorded. "
        "A click that gives focus, or goes into a field that takes input, never is.",
        examples=[2_500],
    )


class FrictionThresholdParameters(ClickThresholdParameters):
    quick_back_within_ms: int = Field(
        _DEFAULTS.quick_back_within_ms,
        ge=1,
        le=HOUR_MS,
        description="Back at the page before, after a look at another that was no longer than this (ms), is "
        "a quick-back.",
        examples=[10_000],
    )
