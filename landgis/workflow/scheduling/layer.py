"""A plan as a layer: a row a parcel with its site, mode, start and the quarter planned for each milestone."""

from __future__ import annotations

import datetime
from typing import Any

import geopandas as gpd
import numpy as np

from landgis.errors import InputRefused, Place, Problem
from landgis.results import WAN, column
from landgis.tables import MILESTONE_TITLES, MILESTONES, SIDE_MILESTONES
from landgis.text import N_, Message
from landgis.workflow.project import Project
from landgis.workflow.scheduling.document import PlanDocument, Site
from landgis.workflow.scheduling.quarters import quarter_name

STEPS = tuple(name for name in MILESTONES if name not in SIDE_MILESTONES)
SHORT = 8  # letters of a milestone in a shapefile's field name
YES_NO = {True: "yes", False: "no"}


def planned(milestone: str) -> str:
    """The column of the quarter that is planned for a milestone.

    >>> planned("SIGNED")
    'planned_signed'
    """
    return f"planned_{milestone.lower()}"


PLAN_COLUMNS = (
    column("parcel_id", "key", "", "parcel_id", N_("parcel number"), N_("Number of the parcel, as in the input.")),
    column("plan", "text", "", "plan", N_("plan"), N_("Name of the plan.")),
    column("block_id", "text", "", "block_id",
            N_("block"), N_("Block of the parcel: declared, else the block that covers most of it.")),
    column("site_id", "text", "", "site_id",
            N_("site"), N_("Land that falls and rises together; empty where the parcel is in no site.")),
    column("renovation_mode", "text", "", "mode",
            N_("mode of renovation"), N_("Mode that the plan chose; empty where the site is left as it is.")),
    column("start_quarter", "text", "", "start",
            N_("start"), N_("Quarter in which the site is started, as 2027-Q1; before the plan where it had begun.")),
    column("begun", "text", "", "begun",
            N_("had begun"), N_("yes where the site had begun and keeps its mode and its start, no elsewhere.")),
    *(
        column(planned(step), "text", "", f"q_{step.lower()[:SHORT]}", MILESTONE_TITLES[step],
                N_("Quarter planned for this milestone; empty where the mode's path lacks it."))
        for step in STEPS
    ),
    column("completed_quarter", "text", "", "completed",
            N_("work finished"), N_("Quarter at the end of which all work on the site is finished.")),
    column("finish_p50", "text", "", "finish_p50",
            N_("finish, even odds"), N_("Quarter by which the site is finished in half of the drawn futures.")),
    column("finish_p80", "text", "", "finish_p80",
            N_("finish, four to one"), N_("Quarter by which the site is finished in 80 % of the drawn futures.")),
    column("site_cost_wan", "number", WAN, "site_cost",
            N_("cost of the whole site, 10 000 CNY"),
            N_("Public money for all of the site, not for this parcel alone.")),
    column("why_not", "text", "", "why_not",
            N_("why not started"), N_("Why the plan leaves the site as it is: worth, excluded, a family of limits, or"
                                      " together for several of them.")),
    column("left_out", "text", "", "left_out",
            N_("why in no site"), N_("Why the parcel is in no site; empty where it is in one.")),
)  # fmt: skip


def plan_layer(project: Project, document: PlanDocument) -> gpd.GeoDataFrame:
    """PLAN_COLUMNS of every parcel of the project, in the order of the layer, with its outline.

    A parcel that the plan does not know, as it came later, has `left_out` new. InputRefused where no parcel of the
    plan is in the project: it is a plan of another one.
    """
    parcels = project.store.layers()["parcels"]
    keys = parcels["parcel_id"].astype(str).tolist()
    land = project.store.land()["land_parcels"]
    block_of = dict(zip(land["parcel_id"].astype(str), land["block_id"], strict=True))
    site_of, reason_of = document.site_of(), {one.parcel_id: one.reason for one in document.left_out}
    if keys and not (set(keys) & (site_of.keys() | reason_of.keys())):
        words = N_("none of the plan's parcels is in this project; it was made for another one")
        raise InputRefused([Problem("E-PLAN-PROJECT", Message(words), Place(project.store.where), document.name)])
    rows = [_row(site_of.get(key), reason_of.get(key, "new")) for key in keys]
    table: dict[str, Any] = {
        column.name: [row.get(column.name) for row in rows] for column in PLAN_COLUMNS
    }  # fmt: skip
    table |= {"parcel_id": keys, "plan": [document.name] * len(keys)}
    table["block_id"] = [block_of.get(key) for key in keys]
    table["site_cost_wan"] = np.array(table["site_cost_wan"], dtype=float)
    return gpd.GeoDataFrame(table, geometry=parcels.geometry.to_numpy(), crs=parcels.crs)


def _row(site: Site | None, reason: str) -> dict[str, Any]:
    """What the plan says of a parcel."""
    if site is None:
        return {"begun": YES_NO[False], "left_out": reason}
    quarters = {
        planned(step): quarter_name(datetime.date.fromisoformat(day))
        for step, day in site.milestones.items() if step in STEPS
    }  # fmt: skip
    return quarters | {
        "site_id": site.site_id, "renovation_mode": site.mode, "start_quarter": site.start_quarter,
        "begun": YES_NO[site.begun], "completed_quarter": site.completed_quarter,
        "finish_p50": site.finish_p50, "finish_p80": site.finish_p80, "site_cost_wan": site.cost_wan,
        "why_not": site.why_not,
    }  # fmt: skip
