"""The tables that go out: every result column, what it means and in which unit, as data (contract §2).

`io` writes them, the dictionary prints them and the page labels them from here; a name stands nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from landgis.tables import MILESTONE_TITLES
from landgis.text import N_

Kind = Literal["key", "text", "number", "integer"]
SHAPEFILE_NAME_LENGTH = 10  # bytes that a dBase field name can hold


@dataclass(frozen=True)
class ResultColumn:
    """One column of a result: `title` and `meaning` are English, translated at the faces; a ratio has no `unit`."""

    name: str
    kind: Kind
    unit: str
    title: str
    meaning: str
    shapefile: str


def column(name: str, kind: Kind, unit: str, shapefile: str, title: str, meaning: str) -> ResultColumn:
    """A column, its texts last: the way tables of columns are written."""
    return ResultColumn(name, kind, unit, title, meaning, shapefile)


MU, WAN, WAN_PER_MU, WAN_A_YEAR, CNY_PER_M2 = "亩 (mu)", "万元", "万元/亩", "万元/年", "元/m²"
POINTS, POINTS_MU = "0–100", "分·亩 (points × mu)"

RESULT_COLUMNS = (
    column("parcel_id", "key", "", "parcel_id",
            N_("parcel number"), N_("Number of the parcel, as in the input.")),
    column("block_id", "text", "", "block_id",
            N_("block"), N_("Block of the parcel: declared, else the block that covers most of it.")),
    column("rules_id", "text", "", "rules_id",
            N_("rule set"), N_("Name of the rule set that the parcel was judged by.")),
    column("area_m2", "number", "m²", "area_m2",
            N_("land area, m²"), N_("Land area that everything else is divided by.")),
    column("area_mu", "number", MU, "area_mu",
            N_("land area, mu"), N_("Land area in mu = area_m2 × 3 ÷ 2000.")),
    column("area_source", "text", "", "area_src",
            N_("source of the land area"), N_("Where the land area comes from: registered or geometry.")),
    column("footprint_m2", "number", "m²", "footpr_m2",
            N_("building footprint, m²"), N_("Area of the building footprints inside the parcel.")),
    column("building_coverage_ratio", "number", "", "bldg_cover",
            N_("building coverage ratio"), N_("Building coverage ratio = footprint_m2 ÷ area_m2.")),
    column("floor_area_m2", "number", "m²", "floor_m2",
            N_("floor area, m²"), N_("Floor area of all buildings on the parcel, each storey counted once.")),
    column("floor_area_source", "text", "", "floor_src",
            N_("source of the floor area"),
            N_("Where the floor area comes from: declared, footprint (footprint × storeys) or mixed.")),
    column("floor_area_ratio_plain", "number", "", "far_plain",
            N_("plain floor area ratio"),
            N_("Floor area ratio with each storey counted once = floor_area_m2 ÷ area_m2.")),
    column("counted_floor_area_m2", "number", "m²", "count_m2",
            N_("counted floor area, m²"),
            N_("Floor area that counts for the ratio: a storey strictly higher than the limit of the rule set"
               " (8 m) counts twice.")),
    column("floor_area_ratio", "number", "", "far",
            N_("floor area ratio"), N_("Floor area ratio = counted_floor_area_m2 ÷ area_m2.")),
    column("floor_area_ratio_legal", "number", "", "far_legal",
            N_("floor area ratio without unlicensed buildings"),
            N_("Floor area ratio without unlicensed buildings = counted floor area of the others ÷ area_m2.")),
    column("floor_area_ratio_low", "number", "", "far_low",
            N_("floor area ratio, lower bound"),
            N_("Floor area ratio if no storey of unknown height counts twice.")),
    column("floor_area_ratio_high", "number", "", "far_high",
            N_("floor area ratio, upper bound"),
            N_("Floor area ratio if every storey of unknown height counts twice.")),
    column("occupant_count", "integer", "", "occupants",
            N_("occupants"), N_("Number of different firms that occupy the parcel.")),
    column("effective_occupants", "number", "", "eff_occup",
            N_("effective occupants"),
            N_("Effective number of occupants = 1 ÷ Σ share², shares by floor area.")),
    column("tenancy_fragmentation", "number", "", "tenancy_fr",
            N_("tenancy fragmentation"),
            N_("How split the floor area is among firms = 1 − Σ share²; empty where no occupancy is known.")),
    column("leased_share", "number", "", "leased_sh",
            N_("leased share"), N_("Leased share = leased ÷ occupied floor area.")),
    column("unknown_floor_share", "number", "", "unknown_sh",
            N_("unexplained floor share"), N_("Share of the floor area that no occupancy record explains.")),
    column("output_per_mu", "number", WAN_PER_MU, "output_mu",
            N_("output per mu"), N_("Yearly output of all firms on the parcel ÷ area_mu.")),
    column("revenue_per_mu", "number", WAN_PER_MU, "revenue_mu",
            N_("revenue per mu"), N_("Yearly revenue of all firms on the parcel ÷ area_mu.")),
    column("value_added_per_mu", "number", WAN_PER_MU, "valadd_mu",
            N_("value added per mu"), N_("Yearly value added of all firms on the parcel ÷ area_mu.")),
    column("tax_per_mu", "number", WAN_PER_MU, "tax_mu",
            N_("tax per mu"), N_("Yearly tax paid by all firms on the parcel ÷ area_mu.")),
    column("intensity_score", "number", POINTS, "intens_sc",
            N_("intensity score"), N_("How intensively the land is built on, 0–100; higher = better used.")),
    column("tenancy_score", "number", POINTS, "tenancy_sc",
            N_("tenancy score"), N_("How little the tenancy is split, 0–100; higher = better used.")),
    column("output_score", "number", POINTS, "output_sc",
            N_("output score"), N_("How much the land yields, 0–100; higher = better used.")),
    column("score", "number", POINTS, "score",
            N_("score"), N_("Weighted mean of the three scores by the weights of the rule set, 0–100.")),
    column("score_low", "number", POINTS, "score_low",
            N_("score, lower bound"), N_("Lowest score that any values of what is missing could give.")),
    column("score_high", "number", POINTS, "score_high",
            N_("score, upper bound"), N_("Highest score that any values of what is missing could give.")),
    column("grade", "text", "", "grade",
            N_("grade"),
            N_("Grade A, B, C or D within the population that the rule set names; T = not rated.")),
    column("renovation_rank", "integer", "", "renov_rank",
            N_("renovation rank"), N_("Rank by score, 1 = renovate first; equal scores share a rank.")),
    column("low_efficiency", "text", "", "low_effic",
            N_("low-efficiency land"), N_("yes, no, or unknown where a missing value could turn it.")),
    column("reasons", "text", "", "reasons",
            N_("reasons"), N_("Names of the rules that fired, joined by semicolons.")),
    column("reasons_zh", "text", "", "reasons_zh",
            N_("reasons in Chinese"), N_("The rules that fired, as sentences in Chinese.")),
    column("reasons_en", "text", "", "reasons_en",
            N_("reasons in English"), N_("The rules that fired, as sentences in English.")),
    column("data_gaps", "text", "", "data_gaps",
            N_("data gaps"), N_("What is missing in the input, joined by semicolons.")),
)  # fmt: skip

FIRM_COLUMNS = (
    column("enterprise_id", "key", "", "firm_id",
            N_("enterprise number"), N_("Number of the enterprise, as in the input.")),
    column("name", "text", "", "name",
            N_("name"), N_("Name of the enterprise, as in the input.")),
    column("year", "integer", "", "year",
            N_("year"), N_("Year of the figures.")),
    column("population", "text", "", "population",
            N_("population"),
            N_("Group that the firm is graded in: above_scale, below_scale, tenant or not_rated.")),
    column("attribution", "text", "", "attributn",
            N_("land attribution"),
            N_("How the rule set gives land to firms: owner_merge, lessee_includes_rented or tenant_separate.")),
    column("land_mu", "number", MU, "land_mu",
            N_("land, mu"), N_("Land that counts as the firm's.")),
    column("tax_per_mu", "number", WAN_PER_MU, "tax_mu",
            N_("tax per mu"), N_("Tax paid ÷ land_mu.")),
    column("value_added_per_mu", "number", WAN_PER_MU, "valadd_mu",
            N_("value added per mu"), N_("Value added ÷ land_mu.")),
    column("value_added_per_tce", "number", "万元/tce", "valadd_tce",
            N_("value added per tce"), N_("Value added ÷ energy used, in tonnes of coal equivalent.")),
    column("value_added_per_emission_t", "number", "万元/t", "valadd_em",
            N_("value added per tonne of emissions"), N_("Value added ÷ emissions of the main pollutants.")),
    column("value_added_per_employee", "number", "万元/人", "valadd_emp",
            N_("value added per employee"), N_("Value added ÷ employees.")),
    column("rnd_share", "number", "", "rnd_share",
            N_("research share"), N_("Spending on research ÷ revenue.")),
    column("tax_per_kwh", "number", "万元/kWh", "tax_kwh",
            N_("tax per kWh"), N_("Tax paid ÷ electricity used.")),
    column("score", "number", "", "score",
            N_("score"), N_("Sum of the weighted indicators, each value ÷ benchmark × weight.")),
    column("grade", "text", "", "grade",
            N_("grade"), N_("Grade A, B, C or D within its population; T = not rated.")),
    column("parts", "text", "", "parts",
            N_("parts of the score"),
            N_("Points of each indicator, as indicator=points joined by semicolons.")),
    column("data_gaps", "text", "", "data_gaps",
            N_("data gaps"), N_("What is missing in the input, joined by semicolons.")),
)  # fmt: skip

_STEP_NAMES = {  # milestone → short name for a shapefile
    "IDENTIFIED": "ident_on", "PLANNED": "plan_on", "NEGOTIATED": "negot_on", "SIGNED": "signed_on",
    "VACATED": "vacated_on", "DEMOLISHED": "demol_on", "CLEARED": "cleared_on", "GRANTED": "granted_on",
    "HANDED_OVER": "handed_on", "STARTED": "started_on", "TOPPED_OUT": "topped_on", "COMPLETED": "complet_on",
    "OPERATING": "operat_on", "REACHED": "reached_on",
}  # fmt: skip

PHASE_COLUMNS = (
    column("parcel_id", "key", "", "parcel_id",
            N_("parcel number"), N_("Number of the parcel, as in the input.")),
    column("block_id", "text", "", "block_id",
            N_("block"), N_("Block of the parcel: declared, else the block that covers most of it.")),
    column("renovation_mode", "text", "", "renov_mode",
            N_("mode of renovation"), N_("How the parcel is renovated, one of the rule set's modes.")),
    column("area_mu", "number", MU, "area_mu",
            N_("land area, mu"), N_("Land area in mu = area_m2 × 3 ÷ 2000.")),
    column("phase", "text", "", "phase",
            N_("phase"), N_("The last milestone that the parcel had reached by the day; empty where none.")),
    column("phase_on", "text", "", "phase_on",
            N_("phase reached on"), N_("The day of that milestone.")),
    column("standstill", "text", "", "standstill",
            N_("standstill"), N_("PAUSED or WITHDRAWN, where the parcel is one of them on the day.")),
    column("renovated", "text", "", "renovated",
            N_("renovated"), N_("yes or no: demolished, or refurbished where the mode demolishes nothing.")),
    *(
        column(f"{name.lower()}_on", "text", "", short,
                MILESTONE_TITLES[name], N_("The day by which the parcel had reached the milestone; empty where not."))
        for name, short in _STEP_NAMES.items()
    ),
    column("vacated_share", "number", "", "vacated_sh",
            N_("vacated share"), N_("Share of the floor area that is vacated, where only some buildings are.")),
    column("demolished_share", "number", "", "demol_sh",
            N_("demolished share"), N_("Share of the floor area that is demolished, where only some buildings are.")),
    column("next_milestone", "text", "", "next_step",
            N_("next milestone"), N_("The next planned milestone that has not been reached.")),
    column("next_planned_on", "text", "", "next_plan",
            N_("next milestone planned on"), N_("The day for which it is planned.")),
    column("overdue_days", "integer", "d", "overdue_d",
            N_("overdue, days"), N_("Days by which the parcel's latest step is overdue; empty where none is.")),
    column("score", "number", "0–100", "score",
            N_("score"), N_("Score as saved last by landgis score; empty where the parcel was not scored.")),
    column("grade", "text", "", "grade",
            N_("grade"), N_("Grade A, B, C or D within its population; T = not rated.")),
    column("low_efficiency", "text", "", "low_effic",
            N_("low-efficiency land"), N_("yes, no, or unknown where a missing value could turn it.")),
)  # fmt: skip

RESULT_NAMES = tuple(column.name for column in RESULT_COLUMNS)
FIRM_NAMES = tuple(column.name for column in FIRM_COLUMNS)
