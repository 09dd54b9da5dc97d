"""Compile the kernels: `python -m landgis.compiled.build`. Wheels bring them compiled; without them shapely is used."""

from __future__ import annotations

import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
NAME = {"darwin": "libkernels.dylib", "win32": "kernels.dll"}.get(sys.platform, "libkernels.so")
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared", "-fvisibility=hidden")
BASELINE = {"x86_64": "-march=x86-64-v2", "AMD64": "-march=x86-64-v2"}


def command(target: Path, compiler: str | None = None) -> list[str]:
    """What the compiler is called with; the flags keep the arithmetic as IEEE 754 says, on which the signs rest."""
    compiler = compiler or sysconfig.get_config_var("CC") or "cc"
    baseline = BASELINE.get(platform.machine())
    more = [baseline] if baseline else []
    return [*compiler.split(), *FLAGS, *more, "-o", str(target), str(HERE / "kernels.c"), "-lm"]


def build(target: Path = HERE / NAME) -> Path:
    """Compile beside the source; raises CalledProcessError or FileNotFoundError where there is no compiler."""
    subprocess.run(command(target), check=True)
    return target


if __name__ == "__main__":
    build()
