"""Makes docs/metrics.md and docs/settings.md from what the services declare: `make docs`.

Like the tests, it may look into every service; no service knows of it.
"""

import json
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

import collector.metrics
import collector.settings
import playhead.clickhouse.settings
import playhead.settings
import query_api.metrics
import query_api.settings
import sessionizer.settings
from sessionizer.worker.metrics import Metrics

HERE = Path(__file__).parent
ROOT = HERE.parent
MADE = "<!-- Made by `make docs` from what the services declare; change it there. -->\n"

METRICS_INTRO = """# Metrics

Every service shows these at `/metrics`, beside those of its process (`process_start_time_seconds`,
`process_resident_memory_bytes` and so on). Names end with their unit. Counters end with `_total` and count
from the start of the process.

A sessionizer that must not write any more ends itself at once. The exit code tells (70), the last line of its
log (`worker ends itself`, with the reason), `changes(process_start_time_seconds[15m])`, and, where it has a
file to note it in, `playhead_sessionizer_fences_total`. See [health.md](health.md).
"""

SETTINGS_INTRO = """# Settings

Each is an environment variable, read once at start. With a value that is not allowed its service ends.
"""

SETTINGS: list[tuple[str, type[BaseSettings]]] = [
    ("Collector", collector.settings.Settings),
    ("Sessionizer", sessionizer.settings.Settings),
    ("Query API", query_api.settings.Settings),
    ("Everything on one machine (`playhead run`)", playhead.settings.StackSettings),
    ("The embedded ClickHouse", playhead.clickhouse.settings.Settings),
]


def metrics_text() -> str:
    """docs/metrics.md, as it should be."""
    registries = [
        ("Collector", REGISTRY),
        ("Sessionizer", Metrics().registry),
        ("Query API", query_api.metrics.REGISTRY),
    ]
    parts = [METRICS_INTRO, MADE]
    for title, registry in registries:
        rows = [
            (f"`{name}`", kind, ", ".join(f"`{label}`" for label in labels), meaning)
            for name, kind, labels, meaning in declared_metrics(registry)
        ]
        parts.append(f"## {title}\n\n{_table(('metric', 'type', 'labels', 'meaning'), rows)}")
    return "\n".join(parts)


def declared_metrics(registry: CollectorRegistry) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Name as it is exposed, type, labels and help of each metric of our own."""
    collectors = dict.fromkeys(registry._names_to_collectors.values())  # noqa: SLF001 -- it lists them nowhere else
    for each in collectors:
        if isinstance(each, MetricWrapperBase):
            (family,) = each.describe()
            if not family.name.startswith("playhead_"):
                continue  # A library's, such as stamina's, which comes with its first retry.
            total = "_total" if family.type == "counter" else ""
            yield family.name + total, family.type, each._labelnames, family.documentation  # noqa: SLF001


def settings_text() -> str:
    """docs/settings.md, as it should be."""
    parts = [SETTINGS_INTRO, MADE]
    for title, model in SETTINGS:
        prefix = model.model_config.get("env_prefix", "")
        rows = [
            (
                f"`{prefix}{name.upper()}`",
                _allowed(name, field),
                _default(name, field),
                field.description or "",
            )
            for name, field in model.model_fields.items()
        ]
        parts.append(f"## {title}\n\n{_table(('variable', 'value', 'default', 'meaning'), rows)}")
    return "\n".join(parts)


def _allowed(name: str, field: FieldInfo) -> str:
    """The values that a field takes, in words."""
    limits = {
        limit: getattr(rule, limit)
        for rule in field.metadata
        for limit in ("ge", "gt", "le", "lt", "pattern")
        if getattr(rule, limit, None) is not None
    }
    words = [_kind(field.annotation)]
    match limits:
        case {"ge": low, "le": high}:
            words.append(f"{_amount(name, low)} to {_amount(name, high)}")
        case {"ge": low}:
            words.append(f"at least {_amount(name, low)}")
        case {"le": high}:
            words.append(f"at most {_amount(name, high)}")
    if "gt" in limits:
        words.append(f"more than {_amount(name, limits['gt'])}")
    if "lt" in limits:
        words.append(f"less than {_amount(name, limits['lt'])}")
    if "pattern" in limits:
        words.append(f"`{limits['pattern']}`")
    return ", ".join(words)


def _kind(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in get_args(annotation))
    if origin in (Union, UnionType):
        return " or ".join(_kind(each) for each in get_args(annotation) if each is not NoneType)
    if origin is tuple:
        return f"JSON list of {_kind(get_args(annotation)[0])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{each.value}`" for each in annotation)
    names = {
        int: "whole number",
        float: "number",
        str: "text",
        bool: "true or false",
        Path: "path",
        SecretStr: "secret",
    }
    return names.get(annotation, str(getattr(annotation, "__name__", annotation)))


def _default(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Enum):
        value = value.value
    if value is None or value in ("", (), []):
        return ""
    if isinstance(value, tuple):
        value = json.dumps(value)
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT)
    if isinstance(value, bool):
        value = str(value).lower()
    size = _amount(name, value) if isinstance(value, int) else ""
    return f"`{value}` ({size})" if size and size != str(value) else f"`{value}`"


def _amount(name: str, value: float) -> str:
    """Bytes in the largest unit that has no rest; all else as it is."""
    if name.endswith("_bytes"):
        for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
            if value >= size and value % size == 0:
                return f"{value // size} {unit}"
    return str(value)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


FILES = {"metrics.md": metrics_text, "settings.md": settings_text}

if __name__ == "__main__":
    for name, text in FILES.items():
        (HERE / name).write_text(text())
