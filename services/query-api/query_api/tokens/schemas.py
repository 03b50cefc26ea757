"""What the calls about tokens take and answer."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.token import Role

MAX_IN_COOKIE = 4_000
"""Longest token in characters that a browser keeps: its cookie may have 4,096 with name and attributes."""


class SignIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"token": "kq0b3nT0yF8cX1k2L5oQm7rS9uV4wZ6aE8gHiJpDtYU"}]},
    )

    token: Annotated[str, Field(min_length=1, max_length=MAX_IN_COOKIE)]


class Me(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "support desk", "tenant": "demo", "role": "reader"}]}
    )

    name: str = Field(description="Who holds the token, for people.")
    tenant: str
    role: Role
