"""The part of the job that is no geometry, in pandas: what geopandas and dask-geopandas do after the overlay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.score import job
from benchmarks.score.files import Files


def counted(buildings: pd.DataFrame) -> pd.Series:
    """How often the floor of each building counts."""
    return pd.Series(np.where(buildings["height_m"] > job.DOUBLE_ABOVE_M * buildings["storeys"], 2, 1), buildings.index)


def built(stands: pd.DataFrame) -> pd.DataFrame:
    """Sums by parcel of rows with parcel_id, overlap_m2, storeys, counted."""
    floor = stands["overlap_m2"] * stands["storeys"]
    columns = {"footprint_m2": stands["overlap_m2"], "floor_area_m2": floor, "counted_m2": floor * stands["counted"]}
    return pd.DataFrame(columns).groupby(stands["parcel_id"].to_numpy(), sort=False).sum()


def used(files: Files) -> pd.DataFrame:
    """Who is on each parcel and what they yield, indexed by parcel_id."""
    occupancies = pd.read_parquet(files.occupancies, columns=["enterprise_id", "parcel_id", "floor_area_m2"])
    enterprises = pd.read_parquet(
        files.enterprises, columns=["enterprise_id", "above_scale", "output_wan", "tax_wan"]
    ).set_index("enterprise_id")
    held = occupancies.groupby(["parcel_id", "enterprise_id"], sort=False)["floor_area_m2"].sum().reset_index()
    area = held["floor_area_m2"]
    share = area / held.groupby("enterprise_id", sort=False)["floor_area_m2"].transform("sum")
    firm = enterprises.loc[held["enterprise_id"]].reset_index(drop=True)
    rows = pd.DataFrame({
        "occupants": 1, "occupied_m2": area, "squares": area**2, "output_wan": firm["output_wan"] * share,
        "tax_wan": firm["tax_wan"] * share, "above": firm["above_scale"].astype(int),
    })  # fmt: skip
    by_parcel = rows.groupby(held["parcel_id"], sort=False)
    found = by_parcel[["occupants", "occupied_m2", "squares"]].sum()
    found[["output_wan", "tax_wan"]] = by_parcel[["output_wan", "tax_wan"]].sum(min_count=1)
    found["above"] = by_parcel["above"].max()
    return found


def graded(area_m2: pd.Series, stands: pd.DataFrame, firms: pd.DataFrame) -> pd.DataFrame:
    """The twelve columns from the areas (indexed by parcel_id), the sums of `built` and those of `used`."""
    table = pd.DataFrame({"area_m2": area_m2}).join(stands).join(firms)
    floor = table[["footprint_m2", "floor_area_m2", "counted_m2"]].fillna(0)
    none = table["occupants"].isna()
    mu = table["area_m2"] / job.M2_PER_MU
    effective = table["occupied_m2"] ** 2 / table["squares"]
    found = pd.DataFrame({
        "area_m2": table["area_m2"], "footprint_m2": floor["footprint_m2"],
        "building_coverage_ratio": floor["footprint_m2"] / table["area_m2"], "floor_area_m2": floor["floor_area_m2"],
        "floor_area_ratio": floor["counted_m2"] / table["area_m2"], "occupant_count": table["occupants"].fillna(0),
        "tenancy_fragmentation": 1 - 1 / effective,
        "output_per_mu": (table["output_wan"] / mu).mask(none, 0), "tax_per_mu": (table["tax_wan"] / mu).mask(none, 0),
    })  # fmt: skip
    found["score"] = _score(found, effective, table["above"] == 1)
    better = (found["score"] * job.COMPARED).round().rank(method="min", ascending=False).sub(1) / len(found)
    place = np.searchsorted(list(job.GRADE_SHARES.values()), better, side="right")
    found["grade"] = np.array([*job.GRADE_SHARES, "D"])[place]
    return found


def _score(found: pd.DataFrame, effective: pd.Series, above: pd.Series) -> pd.Series:
    intensity = job.FAR_POINTS * (found["floor_area_ratio"] / job.FAR_FULL).clip(upper=1)
    intensity += job.COVERAGE_POINTS * (found["building_coverage_ratio"] / job.COVERAGE_FULL).clip(upper=1)
    tenancy = 100 * ((effective - job.OCCUPANTS_NONE) / (job.OCCUPANTS_FULL - job.OCCUPANTS_NONE)).clip(0, 1)
    full = np.where(above, job.TAX_FULL_ABOVE, job.TAX_FULL_BELOW)
    tax = job.TAX_POINTS * (found["tax_per_mu"] / full).clip(upper=1)
    output = job.OUTPUT_POINTS * (found["output_per_mu"] / job.OUTPUT_FULL).clip(upper=1)
    both = (tax + output).fillna(output * 100 / job.OUTPUT_POINTS)
    sure = job.INTENSITY * intensity + job.OUTPUT * both
    return (sure + job.TENANCY * tenancy).fillna(sure / (job.INTENSITY + job.OUTPUT))


def write(found: pd.DataFrame, out: Path) -> None:
    """One row a parcel."""
    found.rename_axis("parcel_id").reset_index()[list(job.COLUMNS)].to_parquet(out, index=False)
