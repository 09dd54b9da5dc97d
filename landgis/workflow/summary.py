"""What a run says at a glance: the zone, its blocks, the parcels to renovate first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from landgis.workflow.score import ScoreRun

FIRST = 8


@dataclass(frozen=True)
class Summary:
    """Numbers of the zone, one row per block, and the parcels of the lowest scores."""

    parcels: int
    area_mu: float
    grades: dict[str, int]
    low_efficiency: dict[str, int]
    blocks: DataFrame  # block_id, parcels, area_mu, floor_area_ratio, output_per_mu, low
    first: DataFrame  # parcel_id, block_id, score, score_low, score_high, reasons_zh, reasons_en


def summarise(run: ScoreRun) -> Summary:
    """The summary that `landgis score` and `landgis demo` print."""
    frame = pd.DataFrame(run.frame.drop(columns="geometry"))
    facts = run.report.facts
    rank = frame["renovation_rank"].to_numpy(float, na_value=np.inf)
    worst = (
        frame[rank <= np.partition(rank, min(FIRST, len(rank)) - 1)[min(FIRST, len(rank)) - 1]] if len(rank) else frame
    )
    ranked = worst[worst["renovation_rank"].notna()].sort_values(["renovation_rank", "parcel_id"])
    shown = ["parcel_id", "block_id", "score", "score_low", "score_high", "reasons_zh", "reasons_en"]
    return Summary(
        parcels=len(frame),
        area_mu=float(frame["area_mu"].sum()),
        grades=facts["grades"],
        low_efficiency=facts["low_efficiency"],
        blocks=_by_block(frame),
        first=ranked[shown].head(FIRST).reset_index(drop=True).fillna({"block_id": "—"}),
    )


def _by_block(frame: DataFrame) -> DataFrame:
    """Sums per block; ratios are ratios of sums over the parcels that have both numbers."""
    work = frame.assign(
        block_id=frame["block_id"].fillna("—"),
        land=frame["area_m2"].where(frame["counted_floor_area_m2"].notna()),
        output_wan=frame["output_per_mu"] * frame["area_mu"],
        yielding_mu=frame["area_mu"].where(frame["output_per_mu"].notna()),
        low=frame["low_efficiency"] == "yes",
    )
    sums = work.groupby("block_id", sort=True).agg(
        parcels=("parcel_id", "size"), area_mu=("area_mu", "sum"), counted=("counted_floor_area_m2", "sum"),
        land=("land", "sum"), output_wan=("output_wan", "sum"), yielding_mu=("yielding_mu", "sum"), low=("low", "sum"),
    )  # fmt: skip
    sums["floor_area_ratio"] = sums["counted"] / sums["land"].where(sums["land"] > 0)
    sums["output_per_mu"] = sums["output_wan"] / sums["yielding_mu"].where(sums["yielding_mu"] > 0)
    return sums.reset_index()[["block_id", "parcels", "area_mu", "floor_area_ratio", "output_per_mu", "low"]]
