"""The engine's own configuration file: how much memory, how many threads, which logs. Pure."""

from pathlib import Path
from xml.sax.saxutils import escape


def render(memory_limit_bytes: int, cache_bytes: int, user_files: Path) -> str:
    """The text of the engine's config.xml.

    The engine's defaults are those of a big server: 5 GiB for each cache and up to 10,000 threads. In this
    form it keeps no system log tables (query_log and the like), and none are asked for.
    """
    values = {
        "logger.level": "none",
        "user_files_path": str(user_files),
        "max_server_memory_usage": memory_limit_bytes,
        "mark_cache_size": cache_bytes,
        "index_mark_cache_size": cache_bytes,
        "primary_index_cache_size": cache_bytes,
        "uncompressed_cache_size": 0,
        "query_condition_cache_size": cache_bytes,
        "compiled_expression_cache_size": cache_bytes,
        "vector_similarity_index_cache_size": 0,
        "text_index_tokens_cache_size": cache_bytes,
        "text_index_header_cache_size": cache_bytes,
        "text_index_postings_cache_size": cache_bytes,
        "max_thread_pool_size": 256,
        "max_thread_pool_free_size": 16,
        "max_io_thread_pool_size": 16,
        "max_active_parts_loading_thread_pool_size": 4,
        # One merge at a time: inserts and readers keep a processor to themselves, and more parts wait to be
        # merged at once.
        "background_pool_size": 1,
        "background_schedule_pool_size": 4,
        # Merges of big payloads are what takes memory while nobody asks.
        "merges_mutations_memory_usage_soft_limit": memory_limit_bytes // 2,
    }
    lines = [_element(name, str(value)) for name, value in values.items()]
    return "<clickhouse>\n" + "\n".join(lines) + "\n</clickhouse>\n"


def _element(name: str, value: str) -> str:
    parts = name.split(".")
    return (
        "".join(f"<{part}>" for part in parts)
        + escape(value)
        + "".join(f"</{part}>" for part in reversed(parts))
    )
