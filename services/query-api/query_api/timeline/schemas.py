"""What the call for the timeline answers. All `*_at` are ms since the epoch, on the visitor's clock."""

from pydantic import BaseModel, ConfigDict, Field

from query_api.timeline.repository import TEXT_CHARACTERS, Kind


class Item(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "click",
                    "at": 1_795_500_000_120,
                    "until_at": None,
                    "window_id": "w_1",
                    "node_id": 47,
                    "x": 512.0,
                    "y": 300.5,
                    "name": None,
                    "text": None,
                }
            ]
        }
    )

    kind: Kind
    at: int
    until_at: int | None = Field(description="When an idle stretch or a burst of clicks ended.")
    window_id: str
    node_id: int | None = Field(description="rrweb's id of the element, within its window.")
    x: float | None = Field(description="CSS pixels from the left of the viewport.")
    y: float | None = Field(description="CSS pixels from its top.")
    name: str | None = Field(description="A custom event's name, or an error's level.")
    text: str | None = Field(
        description="A page's address, an error's message, or a custom event's payload as JSON; cut after "
        f"{TEXT_CHARACTERS} characters. What a visitor typed is never in it."
    )


class Timeline(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "kind": "page_view",
                            "at": 1_795_500_000_000,
                            "until_at": None,
                            "window_id": "w_1",
                            "node_id": None,
                            "x": None,
                            "y": None,
                            "name": None,
                            "text": "https://shop.example/cart",
                        }
                    ],
                    "more": False,
                }
            ]
        }
    )

    items: list[Item] = Field(description="In order of time.")
    more: bool = Field(description="There are more than `limit`: ask on with `from` at the last one's time.")
