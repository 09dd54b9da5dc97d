"""Compile the kernels: `python -m landgis.compiled.build`. Installing does it, and wheels bring them compiled.

Needs the standard library alone, as the build hook (`hatch_build.py`) runs this file before there is anything else.
"""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
NAME = {"darwin": "libkernels.dylib", "win32": "kernels.dll"}.get(sys.platform, "libkernels.so")
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared", "-fvisibility=hidden")
BASELINE = {"x86_64": "-march=x86-64-v2", "AMD64": "-march=x86-64-v2"}


def mark() -> str:
    """A digest of the sources, which the library carries: one that was made of others is not used."""
    sources = sorted(HERE.glob("*.[ch]"))
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:16]


def command(target: Path, compiler: str | None = None) -> list[str]:
    """What the compiler is called with; the flags keep the arithmetic as IEEE 754 says, on which the signs rest."""
    compiler = compiler or sysconfig.get_config_var("CC") or "cc"
    baseline = BASELINE.get(platform.machine())
    more = [f'-DMARK="{mark()}"', *([baseline] if baseline else [])]
    return [*compiler.split(), *FLAGS, *more, "-o", str(target), str(HERE / "kernels.c"), "-lm"]


def build(target: Path = HERE / NAME) -> Path:
    """Compile, and only then replace what was there; raises CalledProcessError, or OSError without a compiler."""
    making = target.with_name(f"making-{target.name}")
    try:
        subprocess.run(command(making), check=True)
    except FileNotFoundError:  # the compiler that Python was made with is not here
        subprocess.run(command(making, "cc"), check=True)
    return making.replace(target)


if __name__ == "__main__":
    try:
        build()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"landgis goes on without its kernels, and slower: {error}")
