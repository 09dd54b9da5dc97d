"""What only the whole job tells: means of points, grades and ranks; over numbers without geometry, on one worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from landgis.scale.arrays import load_arrays, save_arrays
from landgis.scale.folders import Folder
from landgis.scoring.score import Settled, settle
from landgis.workflow.spread.work import Work


def settle_all(folder: Folder, *, work: Work, blocks: Mapping[str, list[str]]) -> dict[str, Any]:
    """Grade and rank of every parcel, over the whole column in file order, cut by partition again.

    `blocks` are the names of the blocks of each partition (by its number as text), as `rate_part` said them.
    """
    parts = {name: load_arrays(folder, f"rated-{int(name):05d}") for name in blocks}
    rows = work.rows("parcels")
    rated, population = np.full(rows, np.nan), np.zeros(rows, np.int32)
    number = {
        block: at for at, block in enumerate(dict.fromkeys(["", *(one for names in blocks.values() for one in names)]))
    }
    within = work.rules.score.classes.within == "block"
    for name, part in parts.items():
        rated[part["position"]] = part["rated"]
        if within:
            known = np.array([*(number[block] for block in blocks[name]), number[""]], np.int32)
            population[part["position"]] = known[part["block"]]
    settled = settle(rated, population, work.rules)
    code = settled.grade.indices.to_numpy(zero_copy_only=False)
    for name, part in parts.items():
        at = part["position"]
        save_arrays(folder, f"settled-{int(name):05d}", grade=code[at], rank=settled.rank[at])
    return {"grades": settled.grade.dictionary.to_pylist()}


def settled_of(folder: Folder, partition: int, grades: list[str]) -> Settled:
    """Grade and rank of the parcels of one partition."""
    found = load_arrays(folder, f"settled-{partition:05d}")
    return Settled(
        pa.DictionaryArray.from_arrays(pa.array(found["grade"]), pa.array(grades, pa.large_string())), found["rank"]
    )
