"""How the engine reads `sessions` with FINAL: the settings of the list and of the totals. Pure."""

from query_api.sessions.filters import Filters

ONE_THREAD_MS = 24 * 60 * 60 * 1000


def final_settings(filters: Filters, covered_ms: int | None) -> dict[str, int]:
    """
    Args:
        covered_ms: how long the time is that is read; None for all there is.
    """
    settings = {
        # A session's versions are in one partition, that of the day it expires on, which never changes.
        "do_not_merge_across_partitions_select_final": 1,
        # To merge in layers, a thread each, the engine reads a granule once a layer; a connection has few
        # granules in a part, so that is most of the work done twice. What no other part overlaps is read by
        # all threads as before.
        "split_intersecting_parts_ranges_into_layers_final": 0,
    }
    # To set a second thread going costs more than a day's rows; but events may be many in a day.
    of_events = filters.url is not None or filters.has
    if covered_ms is not None and covered_ms <= ONE_THREAD_MS and not of_events:
        settings["max_threads"] = 1
    return settings


def written(settings: dict[str, int]) -> str:
    return "SETTINGS " + ", ".join(f"{name} = {value}" for name, value in settings.items())
