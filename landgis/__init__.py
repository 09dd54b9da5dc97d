"""landgis: scores, tracks and plans the renovation of low-efficiency industrial land (低效工业用地改造).

The public names, and nothing else; they are imported when first asked for, so that `landgis --help` stays quick.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Inputs": "landgis.workflow.inputs",
    "score_files": "landgis.workflow.score",
    "evaluate_files": "landgis.workflow.firms",
    "check_files": "landgis.workflow.check",
    "load_rules": "landgis.rules",
    "read_table": "landgis.io.read",
    "write_layer": "landgis.io.write",
    "LandgisError": "landgis.errors",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'landgis' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
