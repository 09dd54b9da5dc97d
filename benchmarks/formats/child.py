"""One process of the formats benchmark: `python -m benchmarks.formats.child JOB WHO SOURCE TARGET`.

JOB is `write` or `read`. Prints the seconds of the job itself as JSON, what was imported and read before it left out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any


def writer(who: str, source: str, target: str) -> Callable[[], object]:
    """What writes the results of SOURCE; a GeoJSON is in longitude and latitude, whoever brings it there."""
    import geopandas as gpd

    frame = gpd.read_parquet(source)
    if who == "landgis":
        from landgis.io.write import write_layer
        from landgis.results import RESULT_COLUMNS

        return lambda: write_layer(frame, target, columns=RESULT_COLUMNS, overwrite=True)
    arrow: dict[str, Any] = {"use_arrow": True} if who == "pyogrio-arrow" else {}
    if target.endswith(".geojson"):
        return lambda: (frame if frame.crs.is_geographic else frame.to_crs(4326)).to_file(target, **arrow)
    return lambda: frame.to_file(target, **arrow)


def reader(who: str, source: str) -> Callable[[], object]:
    """What reads a layer whole."""
    if who == "landgis":
        from landgis.io.read import read_raw

        return lambda: read_raw(source)
    import geopandas as gpd

    arrow: dict[str, Any] = {"use_arrow": True} if who == "pyogrio-arrow" else {}
    return lambda: gpd.read_file(source, **arrow)


def main() -> None:
    job, who, source, target = sys.argv[1:]
    action = writer(who, source, target) if job == "write" else reader(who, source)
    started, processor = time.perf_counter(), time.process_time()
    action()
    taken = {"job_s": time.perf_counter() - started, "job_processor_s": time.process_time() - processor}
    print(json.dumps({name: round(seconds, 4) for name, seconds in taken.items()}))


if __name__ == "__main__":
    main()
