"""Compiles the kernels into the wheel; where there is no compiler, goes on without them (landgis then asks GEOS)."""

import platform
import runpy
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class KernelsHook(BuildHookInterface):
    """One library for all Pythons of a platform, as it knows nothing of Python."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile in place for an editable install, else beside the tree, and name the platform in the wheel."""
        maker = runpy.run_path(str(Path(self.root, "landgis", "compiled", "build.py")))
        self.folder = tempfile.TemporaryDirectory()
        place = maker["HERE"] if version == "editable" else Path(self.folder.name)
        try:
            library = maker["build"](place / maker["NAME"])
        except (OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"landgis is built without its kernels, and will be slower: {error}")
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"
        if version != "editable":
            build_data["force_include"][str(library)] = f"landgis/compiled/{library.name}"

    def finalize(self, *_of_the_build: object) -> None:
        """Take the library away that the wheel now holds."""
        self.folder.cleanup()


def _platform() -> str:
    """Of this machine's processor alone, though Python may have been made for two."""
    return sysconfig.get_platform().replace("universal2", platform.machine()).replace("-", "_").replace(".", "_")
