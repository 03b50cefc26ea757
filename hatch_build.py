"""Builds the collector's native module with the package: `collector/plain_array.abi3.so`.

It is compiled by cargo, from locked crates, and copied beside the modules of Python, where an editable
install finds it as well.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

CRATE = Path("services/collector/native")
BUILT = "libplain_array.dylib" if sys.platform == "darwin" else "libplain_array.so"
MODULE = Path("services/collector/collector/plain_array.abi3.so")


class NativeModule(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile and place it.

        Raises:
            SystemExit: cargo is not installed.
        """
        root = Path(self.root)
        if shutil.which("cargo") is None:
            raise SystemExit("cargo is not installed, which the collector's native module is built with")
        target = root / ".playhead/native"
        subprocess.run(
            ["cargo", "build", "--release", "--locked", "--quiet", "--features", "module",
             "--manifest-path", root / CRATE / "Cargo.toml", "--target-dir", target],
            check=True,
            env=os.environ | {"PYO3_PYTHON": sys.executable},
        )  # fmt: skip
        # Not copied into place: a process that runs has the old one open.
        beside = root / MODULE.with_suffix(".new")
        shutil.copyfile(target / "release" / BUILT, beside)
        beside.replace(root / MODULE)
        # Stable from Python 3.11 on, and of this machine.
        build_data["pure_python"] = False
        build_data["tag"] = f"cp311-abi3-{next(platform_tags())}"
        build_data["artifacts"].append(f"/{MODULE}")
