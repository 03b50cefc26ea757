"""Writes the query API's OpenAPI document to services/query-api/openapi.json, from which the dashboard's
types are made: `npm run api --workspace @playhead/dashboard` does both."""

import json
from pathlib import Path

from query_api.app import create_app
from query_api.settings import Settings

TARGET = Path(__file__).parents[2] / "openapi.json"

if __name__ == "__main__":
    document = create_app(Settings()).openapi()
    TARGET.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
