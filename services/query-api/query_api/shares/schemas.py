"""What the calls about shares take and answer. All `*_at` are ms since the epoch."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.rrweb_event import LATEST_AT
from schemas.share import LONGEST_DAYS

WEEK_HOURS = 168

SHARE: dict[str, Any] = {
    "share_id": "Zk3v0bQx9mT1cWfR5uY8aA",
    "session_id": "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55",
    "created_at": 1_795_500_000_000,
    "created_by": "support desk",
    "expires_at": 1_796_104_800_000,
    "at": None,
}
TOKEN = "shr_eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6IlprM3YifQ.R0SGRu0xPjWqR1eW"  # noqa: S105 - an example


class NewShare(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"valid_for_hours": 24, "at": 1_795_500_000_120}]},
    )

    valid_for_hours: Annotated[int, Field(ge=1, le=LONGEST_DAYS * 24)] = WEEK_HOURS
    at: Annotated[
        int | None,
        Field(ge=0, le=LATEST_AT, description="Where the replay starts, on the visitor's clock."),
    ] = None


class Share(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [SHARE]})

    share_id: str
    session_id: str = Field(json_schema_extra={"format": "uuid"})
    created_at: int
    created_by: str = Field(description="Whose token made it, for people.")
    expires_at: int
    at: int | None = Field(
        description="Where the replay starts, on the visitor's clock; null: at its beginning."
    )


class Shares(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"shares": [SHARE]}]})

    shares: list[Share] = Field(description="Those that are valid now, in order of creation.")


class MadeShare(Share):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                SHARE | {"token": TOKEN, "path": f"/sessions/{SHARE['session_id']}#share={TOKEN}"},
            ]
        }
    )

    token: str = Field(description="The link's bearer token. It is shown only here.")
    path: str = Field(
        description="The link, below the address of the dashboard. A browser keeps what is behind the # to "
        "itself, so the token is in nobody's log."
    )
