"""What the call for friction answers."""

from pydantic import BaseModel, ConfigDict, Field


class SessionFriction(BaseModel):
    session_id: str = Field(json_schema_extra={"format": "uuid"})
    rage_clicks: int = Field(description="Bursts of clicks, however many clicks follow in one.")
    dead_clicks: int
    quick_backs: int
    errors: int = Field(description="Written to the console, or caught by nobody.")


class SessionsFriction(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sessions": [
                        {
                            "session_id": "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55",
                            "rage_clicks": 1,
                            "dead_clicks": 2,
                            "quick_backs": 0,
                            "errors": 3,
                        }
                    ]
                }
            ]
        }
    )

    sessions: list[SessionFriction] = Field(
        description="Those of the sessions that this connection has, in the order asked for."
    )
