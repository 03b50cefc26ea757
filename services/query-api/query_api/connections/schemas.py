"""What the calls about connections answer."""

from pydantic import BaseModel, ConfigDict, Field


class Connection(BaseModel):
    id: str
    name: str
    created_at: int = Field(description="ms since the epoch")


class Connections(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"connections": [{"id": "demo-shop", "name": "Demo shop", "created_at": 1_795_500_000_000}]}
            ]
        }
    )

    connections: list[Connection] = Field(description="In order of creation.")
