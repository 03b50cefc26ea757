"""Building the peers says what is missing."""

import shutil

import pytest

from benchmarks.collector.build import CompilerMissing, build


@pytest.mark.parametrize(("missing", "where"), [("cargo", "rustup.rs"), ("go", "go.dev")])
def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch, missing: str, where: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else f"/usr/bin/{name}")
    with pytest.raises(CompilerMissing, match=rf"{missing}, .*{where}"):
        build()
