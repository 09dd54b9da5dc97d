"""What is planned and has not been reached: step by step, and by quarter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame

from landgis.phases.curve import NEVER
from landgis.phases.history import day_text
from landgis.phases.lifecycle import CODES
from landgis.workflow.progress import STEPS
from landgis.workflow.register import Register
from landgis.workflow.trend import Picture, amounts_of

LATE = "late"  # stands for the quarter of what should have been reached by now


def planned_steps(
    register: Register, found: Picture, *, measure: str = "parcels", block: str | None = None
) -> DataFrame:
    """The steps that are still open by the plan as it is now, the earliest first; each with what its parcel counts for.

    parcel_id, block_id, milestone, planned_on (ISO), frozen_on (by the frozen plan, if there is one that has the step),
    late (it was planned for a day before as_of), amount (of the measure, NaN where it is not known). A parcel that was
    withdrawn, or that is no more, has none.
    """
    plan, _ = register.reached(as_of=found.day, kind="planned")
    state, land = found.status.state, found.status.land
    codes = np.array([CODES[step] for step in STEPS])
    owing = found.chosen(block) & state.exists & (state.side != CODES["WITHDRAWN"])
    still = (plan.day[:, codes] < NEVER) & (state.day[:, codes] > found.day) & owing[:, None]
    parcel, step = np.nonzero(still)
    day = plan.day[parcel, codes[step]]
    frozen = found.plan.day[parcel, codes[step]] if found.status.baseline else np.full(len(day), NEVER)
    order = np.lexsort((step, parcel, day))
    return DataFrame({
        "parcel_id": land.parcel_ids.to_numpy()[parcel],
        "block_id": found.block_ids()[parcel],
        "milestone": np.array(STEPS, dtype=object)[step],
        "planned_on": np.array([day_text(one) for one in day], dtype=object),
        "frozen_on": np.array([None if one == NEVER else day_text(one) for one in frozen], dtype=object),
        "late": day < found.day,
        "amount": amounts_of(land, measure)[parcel],
    }).iloc[order].reset_index(drop=True)  # fmt: skip


def by_quarter(steps: DataFrame, *, columns: str = "milestone") -> DataFrame:
    """The amounts of `planned_steps` by quarter (rows, as 2026-Q4, what is late first) and milestone or block_id.

    The columns are milestones in their order, or blocks ("" for none). Amounts that are not known add nothing;
    `unknown_amounts` says of how many steps that is so.
    """
    quarter = pd.PeriodIndex(pd.to_datetime(steps["planned_on"]), freq="Q").strftime("%Y-Q%q")
    rows = pd.Series(np.where(steps["late"], LATE, quarter), index=steps.index, name="quarter", dtype=object)
    table = steps.groupby([rows, steps[columns].fillna("")])["amount"].sum().unstack(fill_value=0)
    in_order = [step for step in STEPS if step in table.columns] if columns == "milestone" else sorted(table.columns)
    return table.loc[sorted(table.index, key=lambda name: (name != LATE, name)), in_order]


def unknown_amounts(steps: DataFrame) -> int:
    """How many of some planned steps are of parcels whose amount is not known."""
    return int(steps["amount"].isna().sum())
