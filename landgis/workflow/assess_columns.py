"""The columns of an assessment: what each means and in which unit, as data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from landgis.results import CNY_PER_M2, MU, WAN, WAN_A_YEAR, WAN_PER_MU, column
from landgis.text import N_

KEYS = (
    column("parcel_id", "key", "", "parcel_id", N_("parcel number"), N_("Number of the parcel, as in the input.")),
    column("block_id", "text", "", "block_id",
            N_("block"), N_("Block of the parcel: declared, else the block that covers most of it.")),
)  # fmt: skip
GROUP_KEYS = (
    column("group", "key", "", "group", N_("group"), N_("Parcels with the same value in the column asked for.")),
    column("parcels", "integer", "", "parcels", N_("parcels"), N_("Parcels of the group that have figures.")),
    column("parcels_refused", "integer", "", "refused",
            N_("parcels refused"), N_("Parcels of the group that have none, and are not in its sums.")),
)  # fmt: skip
FIGURES = (
    column("renovation_mode", "text", "", "renov_mode",
            N_("mode of renovation"), N_("Mode that the figures are of; several, joined by semicolons, in a group.")),
    column("prices_id", "text", "", "prices_id", N_("prices"), N_("Name of the price file.")),
    column("area_mu", "number", MU, "area_mu",
            N_("land area, mu"), N_("Land area in mu = area_m2 × 3 ÷ 2000.")),
    column("legal_floor_m2", "number", "m²", "legal_m2",
            N_("legal floor area, m²"), N_("Floor area that stands, without unlicensed buildings; it is compensated.")),
    column("unlicensed_floor_m2", "number", "m²", "unlic_m2",
            N_("unlicensed floor area, m²"), N_("Floor area of unlicensed buildings: demolished, not compensated.")),
    column("new_floor_m2", "number", "m²", "new_m2",
            N_("new floor area, m²"), N_("Land × buildable share × highest floor area ratio that is allowed.")),
    column("floor_area_ratio_after", "number", "", "far_after",
            N_("floor area ratio after"), N_("New floor area ÷ land.")),
    column("floor_gain_m2", "number", "m²", "gain_m2",
            N_("floor gained, m²"), N_("New floor area − legal floor area.")),
    column("land_compensation_wan", "number", WAN, "c_land",
            N_("compensation for land"), N_("Land × price × factor of the tenure × share of the term that is left.")),
    column("building_compensation_wan", "number", WAN, "c_building",
            N_("compensation for buildings"), N_("Legal floor area × replacement price of its use × condition.")),
    column("fittings_wan", "number", WAN, "c_fittings",
            N_("compensation for fittings"), N_("Legal floor area × price of fittings.")),
    column("moving_wan", "number", WAN, "c_moving", N_("moving"), N_("Legal floor area × price of moving.")),
    column("transition_wan", "number", WAN, "c_transit",
            N_("transition"), N_("Legal floor area × price of the time in between.")),
    column("stoppage_wan", "number", WAN, "c_stoppage",
            N_("stoppage"), N_("Share of the worth of the buildings, for the time without production.")),
    column("signing_reward_wan", "number", WAN, "c_signing",
            N_("reward for signing"), N_("Land in mu × reward.")),
    column("unlicensed_grant_wan", "number", WAN, "c_unlic",
            N_("grant for unlicensed floor"), N_("Unlicensed floor area × grant for taking it down.")),
    column("acquisition_wan", "number", WAN, "acquis_wan",
            N_("compensation in all"), N_("Sum of the compensation for land, buildings, fittings, moving, transition,"
               " stoppage, signing and unlicensed floor.")),
    column("demolition_wan", "number", WAN, "demol_wan",
            N_("demolition"), N_("All floor area that stands × price of demolition.")),
    column("site_works_wan", "number", WAN, "site_wan", N_("site works"), N_("Land × price of site works.")),
    column("construction_wan", "number", WAN, "build_wan",
            N_("construction"), N_("New floor area × price of construction × share that the mode pays.")),
    column("management_wan", "number", WAN, "manage_wan",
            N_("management"), N_("Share of compensation, demolition, site works and construction.")),
    column("finance_wan", "number", WAN, "finance_wa",
            N_("finance"), N_("Interest on compensation, demolition and site works until the land is clear, and on"
               " construction for half its time.")),
    column("cost_wan", "number", WAN, "cost_wan",
            N_("cost"), N_("Compensation, demolition, site works, construction, management and finance.")),
    column("land_income_wan", "number", WAN, "i_land",
            N_("land income"), N_("Land in mu × share that is granted anew × price.")),
    column("floor_income_wan", "number", WAN, "i_floor",
            N_("income from floor sold"), N_("New floor area × share that is sold × price.")),
    column("subsidy_wan", "number", WAN, "subsidy_wa", N_("subsidy"), N_("Land in mu × subsidy of the mode.")),
    column("income_wan", "number", WAN, "income_wan",
            N_("income"), N_("Land income, income from floor sold and subsidy.")),
    column("gap_wan", "number", WAN, "gap_wan", N_("gap"), N_("Cost − income.")),
    column("cost_wan_per_mu", "number", WAN_PER_MU, "cost_mu", N_("cost per mu"), N_("Cost ÷ land.")),
    column("cost_cny_per_new_m2", "number", CNY_PER_M2, "cost_m2",
            N_("cost per new m²"), N_("Cost ÷ new floor area.")),
    column("gap_wan_per_mu", "number", WAN_PER_MU, "gap_mu", N_("gap per mu"), N_("Gap ÷ land.")),
    column("gap_cny_per_new_m2", "number", CNY_PER_M2, "gap_m2", N_("gap per new m²"), N_("Gap ÷ new floor area.")),
    column("rent_wan_year", "number", WAN_A_YEAR, "rent_year",
            N_("rent a year"), N_("Rent of the new floor that is let − rent of the old floor that is foregone.")),
    column("tax_per_mu_after", "number", WAN_PER_MU, "tax_after",
            N_("tax per mu after"), N_("Yearly tax per mu of the land that yields tax afterwards.")),
    column("tax_gain_wan_year", "number", WAN_A_YEAR, "tax_gain",
            N_("gain in local tax a year"), N_("(Tax per mu after − before) × land that yields tax × local share.")),
    column("gain_wan_year", "number", WAN_A_YEAR, "gain_year",
            N_("gain a year"), N_("Rent, and the gain in local tax where the mode counts it as its own.")),
    column("static_payback_years", "number", "a", "payback",
            N_("static payback, years"), N_("Gap ÷ gain a year; empty where the gain never covers it.")),
    column("discounted_payback_years", "number", "a", "payback_d",
            N_("discounted payback, years"),
            N_("Years from the first payment until discounted income covers discounted cost; empty if never.")),
    column("npv_wan", "number", WAN, "npv_wan",
            N_("net present value"), N_("Cash flows, without interest, discounted to the year of the first payment.")),
    column("irr", "number", "", "irr",
            N_("internal rate of return"),
            N_("Rate at which the net present value is 0; empty where there is none, or several.")),
    column("data_gaps", "text", "", "data_gaps",
            N_("data gaps"), N_("What is missing in the input, joined by semicolons.")),
)  # fmt: skip
COLUMNS = (*KEYS, *FIGURES)
GROUP_COLUMNS = (*GROUP_KEYS, *FIGURES)
TITLES: Mapping[str, str] = MappingProxyType({column.name: column.title for column in (*COLUMNS, *GROUP_KEYS)})
