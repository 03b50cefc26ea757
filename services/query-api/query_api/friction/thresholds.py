"""From when on clicks and page views are friction: one name and one default for whoever asks."""

import msgspec


class ClickThresholds(msgspec.Struct, frozen=True, kw_only=True):
    rage_clicks: int = 3
    """So many clicks of one window are a rage click …"""
    rage_within_ms: int = 1_000
    """… from the first of them to the last …"""
    rage_radius_px: int = 30
    """… where neither their x nor their y are further apart."""
    dead_after_ms: int = 2_500
    """A click is dead after which the page shows no reaction for longer than this."""


class FrictionThresholds(ClickThresholds, frozen=True, kw_only=True):
    quick_back_within_ms: int = 10_000
    """Back at the page before, after a look at another that was no longer than this."""
