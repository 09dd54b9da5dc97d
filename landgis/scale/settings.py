"""What `--cluster` says: how many local workers, the address of a scheduler, or a TOML file with more."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.text import N_, Message

PROTOCOLS = ("tcp", "tls", "ws", "wss", "ucx")
TLS = ("tls_ca", "tls_cert", "tls_key")


@dataclass(frozen=True)
class Cluster:
    """Where the work is done. Either `scheduler` or `workers` is given; the fields are the keys of the TOML file."""

    scheduler: str | None = None  # address of a Dask scheduler, tcp://HOST:PORT or tls://HOST:PORT
    workers: int | None = None  # so many worker processes on this machine instead
    threads: int = 1  # of each local worker; the work is bound by processors, so one is best
    memory_limit: str = "auto"  # of each local worker, as "4GB"; "auto" shares out what the machine has
    scratch: str | None = None  # folder or URL that all workers see; beside the output if not given
    parcels: int = 250_000  # of a partition; a worker needs up to 4 kB of memory for each
    patience_s: float = 60.0  # wait so long for a first worker, and after the last one is gone
    keep: bool = False  # leave the job's folder after success
    dashboard: bool = True  # of local workers
    tls_ca: str | None = None  # PEM files for tls://
    tls_cert: str | None = None
    tls_key: str | None = None


KEYS = {one.name: one for one in dataclasses.fields(Cluster)}
_KINDS: dict[str, type | tuple[type, ...]] = {
    "workers": int, "threads": int, "parcels": int, "patience_s": (int, float), "keep": bool, "dashboard": bool
}  # fmt: skip


def read_cluster(text: str) -> Cluster:
    """`local:N`, `tcp://HOST:PORT` or the path of a TOML file; raises UsageError or InputRefused."""
    kind, mark, rest = text.partition(":")
    if kind == "local" and mark:
        if not rest.isdecimal() or int(rest) < 1:
            raise _usage(N_("{text} does not say how many workers; write local:4"), text)
        return Cluster(workers=int(rest))
    if kind in PROTOCOLS and rest.startswith("//"):
        if not rest.rpartition(":")[2].isdecimal():
            raise _usage(N_("{text} has no port; write tcp://HOST:8786"), text)
        return Cluster(scheduler=text)
    path = Path(text)
    if path.suffix == ".toml":
        return _from_file(path)
    raise _usage(N_("{text} is no cluster; write local:4, tcp://HOST:8786 or the name of a TOML file"), text)


def _usage(words: str, text: str) -> UsageError:
    return UsageError([Problem("E-CLUSTER", Message(words, {"text": text}), Place(field="--cluster"))])


def _from_file(path: Path) -> Cluster:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        words = N_("the file cannot be read ({reason}); check the path")
        raise _refused(path, [(None, Message(words, {"reason": error.strerror or str(error)}))]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(path, [(None, Message(N_("this is no TOML: {reason}"), {"reason": str(error)}))]) from error
    faults = [fault for key, value in document.items() if (fault := _fault(key, value))]
    if faults:
        raise _refused(path, faults)
    cluster = Cluster(**document)
    if faults := _contradictions(cluster):
        raise _refused(path, faults)
    return cluster


def _fault(key: str, value: Any) -> tuple[str | None, Message] | None:
    if key not in KEYS:
        return key, Message(N_("there is no such key; there are: {keys}"), {"keys": ", ".join(KEYS)})
    wanted = _KINDS.get(key, str)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        return key, Message(N_("{value} is of the wrong kind; docs/scale.md lists the keys"), {"value": repr(value)})
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value <= 0:
        return key, Message(N_("{value} is too small; give a number above 0"), {"value": value})
    return None


def _contradictions(cluster: Cluster) -> list[tuple[str | None, Message]]:
    if (cluster.scheduler is None) == (cluster.workers is None):
        return [(None, Message(N_("give either scheduler or workers, not both and not neither")))]
    given = [name for name in TLS if getattr(cluster, name)]
    if cluster.scheduler and cluster.scheduler.startswith("tls://") and len(given) < len(TLS):
        lacking = ", ".join(name for name in TLS if name not in given)
        return [(lacking, Message(N_("a scheduler at tls:// needs all three PEM files")))]
    absent = [name for name in given if not Path(getattr(cluster, name)).is_file()]
    return [(name, Message(N_("there is no such file; check the path"))) for name in absent]


def _refused(path: Path, faults: list[tuple[str | None, Message]]) -> InputRefused:
    return InputRefused([Problem("E-CLUSTER-FILE", message, Place(str(path), field=key)) for key, message in faults])
