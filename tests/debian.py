"""Programs from Debian's packages that tests run; installed where they are missing and we may."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def need(command: str, package: str) -> str:
    """The path of a command; skips, and says why, where it is neither there nor can be installed."""
    found = there(command, package)
    if found is None:
        pytest.skip(f"{command} is missing; install Debian's {package}")
    return found


def there(command: str, *packages: str) -> str | None:
    """The path of a command, installed from Debian's packages if need be; None where that cannot be."""
    with (Path(tempfile.gettempdir()) / f"landgis-apt-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test workers, one apt
        return shutil.which(command) or _install(command, *packages)


def _install(command: str, *packages: str) -> str | None:
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        return None
    quiet = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    }
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], **quiet)
    return shutil.which(command)
