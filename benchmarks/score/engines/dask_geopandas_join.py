"""dask-geopandas on two processes: the two joins of geopandas, partition by partition.

It is given its input cut into partitions along a Hilbert curve, which is not timed; a partition's buildings are those
that its parcels' hull meets.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.files import Files

WORKERS = 2
PARCELS = 20_000  # a partition, and at least one for each process


def run(files: Files, out: Path, clock: Clock) -> None:
    with clock.phase("import, cluster"):
        import dask
        import dask_geopandas
        import pandas as pd
        from distributed import Client, LocalCluster

        from benchmarks.score.engines import group

        dask.config.set({"dataframe.convert-string": False, "distributed.worker.memory.target": False})
        cluster = LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None, memory_limit=0)
        client = Client(cluster)
    with clock.phase("read, join, intersection, floor"):
        parcels, buildings = (
            dask_geopandas.read_parquet(partitions(files, name), split_row_groups=False)
            for name in ("parcels", "buildings")
        )
        delayed = [
            dask.delayed(stands)(one, two)
            for one, two in zip(parcels.to_delayed(), buildings.to_delayed(), strict=True)
        ]
        area, sums = (pd.concat(parts) for parts in zip(*dask.compute(*delayed), strict=True))
    with clock.phase("group"):
        firms = group.used(files)
    with clock.phase("grade"):
        found = group.graded(area, sums, firms)
    with clock.phase("write"):
        group.write(found, out)
    client.close()
    cluster.close()


def stands(parcels, buildings):
    """Areas of a partition's parcels, and the sums of the buildings on them: no parcel is in two partitions."""
    import pandas as pd
    import shapely

    from benchmarks.score.engines import group
    from benchmarks.score.engines.geopandas_overlay import mended

    parcels, buildings = mended(parcels.reset_index(drop=True)), buildings.reset_index(drop=True)
    buildings["counted"] = group.counted(buildings)
    within = buildings.sjoin(parcels, predicate="within")
    within["overlap_m2"] = within.area
    crossing = buildings[~buildings.index.isin(within.index)].sjoin(parcels, predicate="intersects")
    held = parcels.geometry.to_numpy()[crossing["index_right"]]
    crossing["overlap_m2"] = shapely.area(shapely.intersection(crossing.geometry.to_numpy(), held))
    names = ["parcel_id", "overlap_m2", "storeys", "counted"]
    both = pd.concat([pd.DataFrame(within[names]), pd.DataFrame(crossing[names])], ignore_index=True)
    return parcels.set_index("parcel_id").area, group.built(both)


def partitions(files: Files, name: str) -> Path:
    return files.place / "dask" / name


def prepare(files: Files) -> None:
    """Cut both layers along a Hilbert curve; a building goes to every partition whose parcels its box meets."""
    import geopandas as gpd
    import numpy as np
    import shapely

    if partitions(files, "parcels").exists():
        return
    for name in ("parcels", "buildings"):
        partitions(files, name).mkdir(parents=True)
    parcels = gpd.read_parquet(files.parcels, columns=["parcel_id", "geometry"])
    buildings = gpd.read_parquet(files.buildings, columns=["storeys", "height_m", "geometry"])
    tree = shapely.STRtree(buildings.geometry.to_numpy())
    order = np.argsort(parcels.hilbert_distance().to_numpy())
    for number, at in enumerate(np.array_split(order, max(WORKERS, -(-files.rows // PARCELS)))):
        part = parcels.iloc[at]
        near = np.unique(tree.query(part.geometry.to_numpy())[1])
        file = f"part.{number:04d}.parquet"
        part.to_parquet(partitions(files, "parcels") / file, index=False)
        buildings.iloc[near].to_parquet(partitions(files, "buildings") / file, index=False)


if __name__ == "__main__":
    main(run, prepare)
