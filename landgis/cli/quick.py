"""`landgis score` as it is mostly called, understood without typer: that takes longer than scoring a small county.

Only what leaves no question is: known options with a value each, and flags. All else, and every mistake, is typer's.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from landgis.cli.scores import score_layers
from landgis.workflow.inputs import Inputs

_INPUTS = {"--" + one.name.replace("_", "-"): one.name for one in fields(Inputs) if str(one.type).startswith("str")}
_VALUES = {*_INPUTS, "--out", "--report"}
_FLAGS = {"--strict", "--overwrite", "--json"}
_INTERRUPTED = 130


def plain_score(words: Sequence[str]) -> bool:
    """Score files if the words ask for that and no more; False where typer has to look at them."""
    asked = understood(words)
    if asked is None:
        return False
    texts: dict[str, Any] = {name: asked[word] for word, name in _INPUTS.items() if word in asked}
    inputs = Inputs(**texts, strict="--strict" in asked)
    report = Path(asked["--report"]) if "--report" in asked else None
    try:  # these two end as they do under typer
        score_layers(inputs, Path(asked["--out"]), report, overwrite="--overwrite" in asked, as_json="--json" in asked)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except OSError as error:
        if error.errno != errno.EPIPE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    return True


def understood(words: Sequence[str]) -> dict[str, str] | None:
    """Option → value (empty for flags) of `score`; None where anything is not as plain as that.

    >>> understood(["score", "--parcels", "p.parquet", "--out", "o.parquet", "--overwrite"])
    {'--parcels': 'p.parquet', '--out': 'o.parquet', '--overwrite': ''}
    >>> understood(["score", "--out=o.parquet"]), understood(["score", "--help"])
    (None, None)
    """
    if list(words[:1]) != ["score"] or "_LANDGIS_COMPLETE" in os.environ:
        return None
    asked, coming = {}, iter(words[1:])
    for word in coming:
        value = next(coming, "") if word in _VALUES else ""
        if word not in _FLAGS and not (word in _VALUES and value.isprintable() and value[:1] not in ("", "-")):
            return None
        asked[word] = value
    return asked if {"--parcels", "--out"} <= asked.keys() else None
