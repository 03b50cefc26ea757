"""Where things lie in a clone of the project: what was built, what was fetched, what ships with it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".playhead"
"""Everything that running makes; not in git."""
JARS = STATE / "jars"
DATA = STATE / "data"
RECORDER = ROOT / "services/collector/recorder/dist/recorder.js"
DASHBOARD = ROOT / "services/query-api/dashboard/dist"
RECORDINGS = ROOT / "examples/recordings"
SHOP = ROOT / "examples/shop"
