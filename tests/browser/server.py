"""The app as a process of its own on loopback, its log read to the end."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEALTH = "/_stcore/health"
START_SECONDS, STOP_SECONDS = 60, 20
PR_SET_PDEATHSIG = 1
LISTENING = "0A"  # in /proc/net/tcp


@dataclass
class Served:
    """A running app. `log` is the file with all that it said on stdout and stderr."""

    project: str
    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        """All that the app has said until now."""
        return self.log.read_text("utf-8", errors="replace")

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    def memory_mb(self) -> float:
        """What the process holds in memory that is its own, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon")) / 1024

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; a test that asks for SIGKILL takes the power away."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def require_calm(self) -> None:
        """Fail where the log has a traceback."""
        assert "Traceback" not in self.said(), self.said()[-6000:]


def start(
    project: str | Path, log: Path, *, port: int | None = None, options: Sequence[str] = (), inside: Sequence[str] = (),
    **environment: str,
) -> Served:  # fmt: skip
    """`landgis app PROJECT`, ready to answer; in an empty home, so that no settings of this machine count.

    `inside` is a command that runs it elsewhere, as in a network of its own, where nobody from here can ask it.
    """
    port = port or free_port()
    home = log.with_suffix(".home")
    home.mkdir(exist_ok=True)
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "LANDGIS_"))}
    command = [*inside, sys.executable, "-m", "landgis", "app", str(project), "--port", str(port), *options]
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, cwd=home, preexec_fn=_end_with_parent,
            env=settings | {"HOME": str(home), "PYTHONUNBUFFERED": "1"} | environment,
        )  # fmt: skip
    served = Served(str(project), f"http://127.0.0.1:{port}", log, process)
    _wait(served, elsewhere=bool(inside))
    return served


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(served: Served, *, elsewhere: bool) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and served.process.poll() is None:
        if _listens(served) if elsewhere else _healthy(served.url):
            return
        time.sleep(0.1)
    served.stop()
    raise RuntimeError(f"the app did not start:\n{served.said()[-6000:]}")


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + HEALTH, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _listens(served: Served) -> bool:
    """Whether anybody listens on the port, in the network that the process is in."""
    wanted = f"0100007F:{served.port:04X}"
    lines = Path(f"/proc/{served.process.pid}/net/tcp").read_text("ascii").splitlines()[1:]
    return any(line.split()[1] == wanted and line.split()[3] == LISTENING for line in lines)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
