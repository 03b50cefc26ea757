"""Makes both clients from the query API's OpenAPI document; `make clients` and the clients' test run it."""

import subprocess
import sys
from pathlib import Path

CLIENTS = Path(__file__).parent
ROOT = CLIENTS.parent
DOCUMENT = ROOT / "services/query-api/openapi.json"

PYTHON = (
    *(sys.executable, "-m", "openapi_python_client", "generate", "--path", DOCUMENT, "--meta", "none"),
    *("--config", CLIENTS / "python/generator.yaml"),
    *("--output-path", CLIENTS / "python/playhead_client", "--overwrite"),
)
TYPESCRIPT = (
    *("npx", "--no-install", "openapi-typescript", DOCUMENT),
    *("-o", CLIENTS / "typescript/schema.generated.ts"),
)


def generate() -> None:
    for command in (PYTHON, TYPESCRIPT):
        subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    generate()
