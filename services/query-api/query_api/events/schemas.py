"""What the call for events answers. It is written as bytes, so this only describes it."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

EVENT: dict[str, Any] = {
    "type": 4,
    "data": {"href": "https://shop.example/cart", "width": 1280, "height": 720},
    "timestamp": 1_795_500_000_120,
}
LINE = json.dumps(EVENT, separators=(",", ":")) + "\n"


class Event(BaseModel):
    """An rrweb event, exactly as it was recorded."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [EVENT]})

    type: int = Field(description="rrweb's EventType; ones that are unknown today are kept.")
    timestamp: float = Field(description="ms since the epoch, on the visitor's clock")
    data: Any


class Events(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"events": [EVENT], "next_cursor": None}]})

    events: list[Event] = Field(description="In order of (timestamp, seq, position in the batch).")
    next_cursor: str | None = Field(
        description="Give it back as `cursor` for the next page; null on the last."
    )
