"""A running cluster: local workers started for the job, or a scheduler that is there already."""

from __future__ import annotations

import importlib.metadata
import logging
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from landgis.errors import InputRefused, LandgisError, Place, Problem
from landgis.scale.settings import Cluster
from landgis.text import N_, Message

if TYPE_CHECKING:
    from distributed import Client

CONNECT_S = 20.0
SAME = ("landgis", "numpy", "pyarrow", "shapely")  # another version may round or write otherwise


class ClusterLost(InputRefused):
    """The cluster is not there, or is no longer; what was finished is kept, and nothing else was written (exit 3)."""


def lost(words: str, where: str | None = None, **values: object) -> ClusterLost:
    """The error that says what became of the cluster."""
    return ClusterLost([Problem("E-CLUSTER-LOST", Message(words, values), Place(where))])


def require_dask() -> None:
    """Refuse where Dask is not installed, naming the extra."""
    try:
        import distributed  # noqa: F401  # only whether it is there
    except ImportError as error:
        message = Message(N_("--cluster needs Dask; install it with: pip install 'landgis[cluster]'"))
        raise LandgisError([Problem("E-EXTRA", message, Place(field="--cluster"))]) from error


@contextmanager
def connected(cluster: Cluster) -> Iterator[Client]:
    """A client of the cluster, with at least one worker that has the same landgis; closed in the end."""
    require_dask()
    import dask

    quiet = {"distributed.comm.timeouts.connect": CONNECT_S, "distributed.worker.daemon": False,
             "distributed.admin.large-graph-warning-threshold": "1GB"}  # fmt: skip
    for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # they would print tracebacks; we say what happened
    with dask.config.set(quiet), ExitStack() as stack:
        address = cluster.scheduler or stack.enter_context(_local(cluster))
        client = stack.enter_context(_client(address, cluster))
        require_workers(client, cluster.patience_s)
        _require_same(client)
        yield client


@contextmanager
def _local(cluster: Cluster) -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=cluster.workers, threads_per_worker=cluster.threads, processes=True, host="127.0.0.1",
        memory_limit=cluster.memory_limit, dashboard_address="127.0.0.1:0" if cluster.dashboard else None,
        silence_logs=50,
    ) as local:  # fmt: skip
        yield local


@contextmanager
def _client(address: Any, cluster: Cluster) -> Iterator[Client]:
    from distributed import Client
    from distributed.security import Security

    security = None
    if cluster.tls_ca:
        security = Security(
            tls_ca_file=cluster.tls_ca, tls_client_cert=cluster.tls_cert, tls_client_key=cluster.tls_key,
            require_encryption=True,
        )  # fmt: skip
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False, security=security)
    except (OSError, TimeoutError, ValueError) as error:
        words = N_("no scheduler answers there ({reason}); check the address, and that it runs")
        raise lost(words, str(address), reason=_short(error)) from error
    try:
        yield client
    finally:
        client.close(timeout=2)


def require_workers(client: Client, patience_s: float) -> None:
    """Wait for a first worker; raises ClusterLost where none comes."""
    try:
        client.wait_for_workers(1, timeout=patience_s)
    except TimeoutError as error:
        words = N_("the scheduler has had no worker for {seconds} s; start workers and run again")
        raise lost(words, _address(client), seconds=round(patience_s)) from error


def workers_of(client: Client) -> int:
    """How many workers there are."""
    return len(client.nthreads())


def _require_same(client: Client) -> None:
    """Every worker must have this landgis and what decides its answers, in the same versions."""
    ours = {name: _version(name) for name in SAME} | {"Python": platform.python_version()}
    theirs = {"Python": client.run(platform.python_version, on_error="return")}
    theirs |= {name: client.run(importlib.metadata.version, name, on_error="return") for name in SAME}
    wrong = sorted(
        {
            (worker, name, "-" if isinstance(version, BaseException) else str(version))
            for name, versions in theirs.items()
            for worker, version in versions.items()
            if version != ours[name]
        }
    )
    if wrong:
        words = N_("the worker has {name} {theirs} and this machine {ours}; install the same on all")
        raise ClusterLost(
            [
                Problem(
                    "E-CLUSTER-VERSION", Message(words, {"name": name, "theirs": v, "ours": ours[name]}), Place(worker)
                )
                for worker, name, v in wrong
            ]
        )


def _version(name: str) -> str:
    return importlib.metadata.version(name)


def _address(client: Client) -> str | None:
    return getattr(client.scheduler, "address", None)


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
