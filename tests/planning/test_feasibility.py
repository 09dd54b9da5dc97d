"""Money of a renovation: two published sums by hand, what is refused, and what must always hold."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.planning.cash import net_present_value
from landgis.planning.feasibility import AMOUNTS, GAPS, REFUSALS, Land, assess, cash_flows, returns, summed, totals
from landgis.rules.prices import USES, load_prices
from tests.planning.made_land import NAN, land, modes

DRAFT, ILLUSTRATIVE, XIZHU = (load_prices(name) for name in ("yongkang-draft", "illustrative", "xizhu-2018"))
MODES = tuple(DRAFT.modes)
COSTS = ("land_cny_per_m2", "fittings_cny_per_m2", "moving_cny_per_m2", "transition_cny_per_m2", "unlicensed_cny_per_m2",
         "signing_wan_per_mu", "demolition_cny_per_m2", "site_works_cny_per_m2", "construction_cny_per_m2",
         "management_share", "interest_rate", "stoppage_share", "condition", "term_share")  # fmt: skip
INCOMES = ("land_wan_per_mu", "floor_cny_per_m2", "tax_wan_per_mu_year")


def figures(where, mode, prices):
    """All figures of one parcel."""
    found = assess(where, modes(mode, len(where.area_m2)), prices)
    assert len(found.kept) == 1
    return {name: float(values[0]) for name, values in {**found.amounts, **returns(found.amounts, prices)}.items()}


def test_the_illustrative_acquisition():
    """Domain §8.1, 100 mu, old FAR 0.8, new 2.5, summed by hand in 万元:

    land 66 666.67 m² × 204 元 = 1 360; buildings 53 333.33 × 1 100 = 5 866.67; moving × 150 = 800; transition × 60 = 320;
    reward 100 mu × 2 = 200: 8 546.67 in all. Demolition 53 333.33 × 60 = 320, infrastructure 66 666.67 × 150 = 1 000.
    Finance 4.5 % × 2 years × (8 546.67 + 320 + 1 000 = 9 866.67) = 888. C_total 10 754.67.
    70 mu resold at 30 = 2 100, gap 8 654.67; ÷ 166 666.67 new m² = 519 元. Tax (30 − 8) × 70 mu × 50 % = 770 a year.
    """
    area = 200_000 / 3
    found = figures(land(area, 0.8 * area, limit=2.5), "GOV_ACQ", ILLUSTRATIVE)
    hand = {
        "land_compensation_wan": 1360, "building_compensation_wan": 5866 + 2 / 3, "moving_wan": 800, "transition_wan": 320,
        "signing_reward_wan": 200, "fittings_wan": 0, "stoppage_wan": 0, "acquisition_wan": 8546 + 2 / 3,
        "demolition_wan": 320, "site_works_wan": 1000, "construction_wan": 0, "management_wan": 0, "finance_wan": 888,
        "cost_wan": 10754 + 2 / 3, "cost_wan_per_mu": 107.54666667, "land_income_wan": 2100, "income_wan": 2100,
        "gap_wan": 8654 + 2 / 3, "gap_wan_per_mu": 86.54666667, "new_floor_m2": 500_000 / 3, "tax_gain_wan_year": 770,
        "gain_wan_year": 770, "tax_per_mu_after": 30, "floor_gain_m2": 340_000 / 3,
    }  # fmt: skip
    assert {name: found[name] for name in hand} == pytest.approx(hand)
    assert round(found["cost_wan"], 1) == 10754.7 and round(found["gap_wan"], 1) == 8654.7
    assert round(found["gap_cny_per_new_m2"]) == 519 and round(found["cost_wan_per_mu"], 1) == 107.5
    assert round(found["static_payback_years"], 1) == 11.2


def test_xizhu():
    """4.68 ha, 110 000 m², 1.2 亿元, 2 000 万元 a year: FAR 2.35, 1 091 元/m², 28.5 万元/亩 a year, 6.0 years."""
    found = figures(land(46_800, 0, tenure="collective"), "VILLAGE", XIZHU)
    assert found["new_floor_m2"] == pytest.approx(110_000) and found["cost_wan"] == pytest.approx(12_000)
    assert found["gain_wan_year"] == pytest.approx(2_000)
    assert round(found["floor_area_ratio_after"], 2) == 2.35
    assert round(found["cost_cny_per_new_m2"]) == 1091
    assert round(found["static_payback_years"], 1) == 6.0
    assert round(found["gain_wan_year"] / (46_800 * 3 / 2000), 1) == 28.5


def test_discounted_by_hand():
    """西朱 with one year of building and 20 of rent at 6 %: −12 000 in year 1, 2 000 in years 2 to 21."""
    found = figures(land(46_800, 0, tenure="collective"), "VILLAGE", XIZHU)
    worth = sum(2_000 / 1.06**year for year in range(2, 22)) - 12_000 / 1.06
    assert found["npv_wan"] == pytest.approx(worth)
    rate = found["irr"]
    assert sum(2_000 / (1 + rate) ** year for year in range(1, 21)) == pytest.approx(12_000)


def test_tenure_term_and_condition():
    """Allocated land 60 %; 20 of 50 years left 40 %; buildings 70 % as new; licensed floor only."""
    where = land(10_000, 8_000, tenure="state_allocated", years=20, condition=0.7, unlicensed=1_000)
    found = figures(where, "GOV_ACQ", DRAFT)
    assert found["land_compensation_wan"] == pytest.approx(10_000 * 204 * 0.6 * 0.4 / 1e4)
    assert found["building_compensation_wan"] == pytest.approx(8_000 * 1100 * 0.7 / 1e4)
    assert found["stoppage_wan"] == pytest.approx(0.05 * 8_000 * 1100 * 0.7 / 1e4)
    assert found["moving_wan"] == pytest.approx(8_000 * 150 / 1e4)
    assert found["demolition_wan"] == pytest.approx(9_000 * 60 / 1e4)


def test_self_renewal_by_hand():
    """The owner pays no land; the rent is that of what is added: 6 000 m² × 180 × 90 %; construction is half its time on loan."""
    found = figures(land(4_000, 4_000, limit=2.5), "SELF", DRAFT)
    built = 10_000 * 1800 / 1e4
    first = 4_000 * (150 + 60 + 0.05 * 1100 + 60) / 1e4 + 4_000 * 150 / 1e4
    assert found["land_compensation_wan"] == found["building_compensation_wan"] == found["signing_reward_wan"] == 0
    assert found["gain_wan_year"] == pytest.approx(6_000 * 180 * 0.9 / 1e4)
    assert found["finance_wan"] == pytest.approx(0.045 * (2 * first + 1 * built))
    assert found["cost_wan"] == pytest.approx((first + built) * 1.02 + found["finance_wan"])
    flows = [-1.02 * first, 0, 0, -1.02 * built / 2, -1.02 * built / 2, *[found["gain_wan_year"]] * 20]
    assert found["npv_wan"] == pytest.approx(sum(flow / 1.06**year for year, flow in enumerate(flows)))


def test_a_park_sells_half_and_lets_half():
    found = figures(land(2_000, 0, limit=3), "MSE_PARK", DRAFT)
    assert found["floor_income_wan"] == pytest.approx(3_000 * 3200 / 1e4)
    assert found["rent_wan_year"] == pytest.approx(3_000 * 180 * 0.9 / 1e4)
    assert found["land_compensation_wan"] == pytest.approx(2_000 * 204 / 1e4)


def test_the_floor_area_ratio_never_passes_six():
    new = [figures(land(1_000, 0, limit=limit), "SELF", DRAFT)["new_floor_m2"] for limit in (NAN, 0, 2, 6, 9)]
    assert new == [2_500, 0, 2_000, 6_000, 6_000]


def test_what_is_unknown_is_refused_or_named():
    where = Land(
        area_m2=np.array([NAN, 0.0, 1e3, 1e3, 1e3, 1e3, 1e3, 1e3]),
        tenure=np.array(["state_granted"] * 4 + ["unknown", None, "unknown", "state_granted"], dtype=object),
        remaining_years=np.full(8, NAN),
        max_floor_area_ratio=np.full(8, NAN),
        legal_floor_m2=np.array([[1.0] * len(USES)] * 2 + [[NAN] * len(USES)] + [[1.0] * len(USES)] * 5),
        condition=np.full(8, NAN),
        unlicensed_floor_m2=np.array([0, 0, 0, NAN, 0, 0, 0, 0.0]),
        tax_per_mu=np.array([8, 8, 8, 8, 8, 8, 8, NAN]),
    )
    asked = modes("GOV_ACQ", 8)
    asked[6] = "SELF"  # which buys no land: whatever its tenure
    found = assess(where, asked, DRAFT)
    assert found.kept.tolist() == [6, 7]
    assert set(found.refused) == set(REFUSALS) and set(found.gaps) == set(GAPS)
    said = {name: np.flatnonzero(mask).tolist() for name, mask in found.refused.items()}
    assert said == {"mode": [], "area": [0, 1], "floor_area": [2, 3], "building_use": [], "tenure": [4, 5]}
    assert found.gaps["remaining_years"].tolist() == [False, True]
    assert found.gaps["tax_per_mu"].tolist() == [False, True]
    money = returns(found.amounts, DRAFT)
    assert not np.isnan(money["cost_wan"]).any() and not np.isnan(money["npv_wan"][0])
    for name in ("npv_wan", "irr", "static_payback_years", "discounted_payback_years"):
        assert np.isnan(money[name][1]), name  # the gain in tax is not known, so neither is what hangs on it


def test_what_an_office_may_assume():
    where = land([1e3, 1e3], 500, tax=NAN, use="unknown")
    known = replace(DRAFT, tax_before_wan_per_mu_year=8.0)
    assert assess(where, modes("GOV_ACQ", 2), known).amounts["tax_gain_wan_year"] == pytest.approx([1.05 * 11] * 2)
    strict = replace(DRAFT, building_cny_per_m2=MappingProxyType({"production": 1100.0}))
    assert assess(where, modes("GOV_ACQ", 2), strict).refused["building_use"].all()
    assert not assess(land(1e3, 500), modes("GOV_ACQ"), strict).refused["building_use"].any()


def test_modes_without_terms():
    found = assess(land([1e3] * 3, 5), np.array(["REMEDIATE", None, "SELF"], dtype=object), DRAFT)
    assert found.refused["mode"].tolist() == [True, True, False] and found.kept.tolist() == [2]


def test_nobody_at_all():
    found = assess(land([], []), modes("SELF", 0), DRAFT)
    assert len(found.kept) == 0 and len(returns(found.amounts, DRAFT)["npv_wan"]) == 0


some_land = st.builds(
    land,
    st.floats(100, 1e5),
    st.floats(0, 2e5),
    limit=st.one_of(st.just(NAN), st.floats(0, 8)),
    tenure=st.sampled_from(["state_granted", "state_allocated", "collective", "leased"]),
    tax=st.floats(0, 60),
    years=st.one_of(st.just(NAN), st.floats(0, 70)),
    condition=st.one_of(st.just(NAN), st.floats(0, 1)),
    unlicensed=st.floats(0, 1e4),
)
every_mode = st.sampled_from(MODES)
at_most = {"rel": 1e-9, "abs": 1e-6}


def no_more(one, other):
    return one <= other or one == pytest.approx(other, **at_most)


@settings(max_examples=200, deadline=None)
@given(some_land, every_mode, st.sampled_from([*COSTS, "building_cny_per_m2"]), st.floats(1, 3))
def test_dearer_never_costs_less(where, mode, price, factor):
    """Land cost among them: with any price of what is paid, cost and gap grow or stay, and the present value falls."""
    if price == "building_cny_per_m2":
        dear = replace(
            DRAFT, **{price: MappingProxyType({use: one * factor for use, one in DRAFT.building_cny_per_m2.items()})}
        )
    else:
        dear = replace(DRAFT, **{price: getattr(DRAFT, price) * factor})
    one, other = (figures(where, mode, prices) for prices in (DRAFT, dear))
    for name in ("cost_wan", "gap_wan", "cost_wan_per_mu", "gap_wan_per_mu"):
        assert no_more(one[name], other[name]), name
    assert no_more(other["npv_wan"], one["npv_wan"])


@settings(max_examples=200, deadline=None)
@given(some_land, every_mode, st.sampled_from(INCOMES), st.floats(1, 3))
def test_a_better_price_of_what_is_sold_never_hurts(where, mode, price, factor):
    one, other = (figures(where, mode, p) for p in (DRAFT, replace(DRAFT, **{price: getattr(DRAFT, price) * factor})))
    assert no_more(one["income_wan"], other["income_wan"]) and no_more(other["gap_wan"], one["gap_wan"])
    assert no_more(one["gain_wan_year"], other["gain_wan_year"]) and no_more(one["npv_wan"], other["npv_wan"])


@settings(max_examples=200, deadline=None)
@given(some_land, every_mode, st.floats(0, 8), st.floats(0, 8))
def test_a_higher_limit_gives_more_floor_and_a_steady_change_of_value(where, mode, one, other):
    """New floor, rent and income grow with the FAR limit; cost does where the mode builds; the value changes in proportion
    to the floor, up or down as a m² is worth more or less than it costs."""
    low, high = sorted((one, other))
    limits = (low, (low + high) / 2, high)
    found = [figures(replace(where, max_floor_area_ratio=np.array([limit])), mode, DRAFT) for limit in limits]
    for name in ("new_floor_m2", "floor_gain_m2", "cost_wan", "income_wan", "rent_wan_year"):
        values = [each[name] for each in found]
        assert no_more(values[0], values[1]) and no_more(values[1], values[2]), name
    if not DRAFT.modes[mode].construction_share:
        assert found[0]["cost_wan"] == pytest.approx(found[2]["cost_wan"])
    value, floor = ([each[name] for each in found] for name in ("npv_wan", "new_floor_m2"))
    rises = value[2] >= value[0]
    ordered = value if rises else value[::-1]
    assert no_more(ordered[0], ordered[1]) and no_more(ordered[1], ordered[2])
    if high <= DRAFT.max_floor_area_ratio and floor[2] - floor[0] > 1:
        assert value[1] - value[0] == pytest.approx(value[2] - value[1], rel=1e-6, abs=1e-4)


@settings(max_examples=100, deadline=None)
@given(st.lists(some_land, min_size=1, max_size=6), every_mode)
def test_parts_add_up_and_so_do_parcels(parcels, mode):
    """The total is the sum of the components; a site's money is that of its parcels; value is additive."""
    each = [figures(one, mode, DRAFT) for one in parcels]
    for one in each:
        assert one["gap_wan"] == pytest.approx(one["cost_wan"] - one["income_wan"])
        assert one["cost_wan"] == pytest.approx(sum(one[name] for name in AMOUNTS[6:19]))
    whole = Land(**{name: np.concatenate([getattr(one, name) for one in parcels]) for name in Land.__annotations__})
    found = assess(whole, modes(mode, len(parcels)), DRAFT)
    site = summed(found.amounts, np.zeros(len(parcels), dtype=np.intp), 1)
    money = returns(site, DRAFT)
    for name in ("cost_wan", "gap_wan", "npv_wan"):
        assert float(money[name][0]) == pytest.approx(sum(one[name] for one in each), abs=1e-6)


def test_a_site_with_an_unknown_gain_has_none():
    found = assess(land([1e3, 1e3, 1e3], 5, tax=[8, NAN, 8]), modes("GOV_ACQ", 3), DRAFT)
    sites = summed(found.amounts, np.array([0, 0, -1]), 2)
    assert np.isnan(sites["gain_wan_year"][0]) and totals(sites)["cost_wan"][0] > 0
    assert sites["area_m2"].tolist() == [2000, 0]  # the third parcel is in no site


def test_flows_and_totals_tell_the_same_story():
    """Undiscounted, without finance: what flows is the gap and twenty years of gain."""
    found = assess(land([5e3, 9e3], [4e3, 2e3]), modes("JOINT", 2), DRAFT)
    money, flows = totals(found.amounts), cash_flows(found.amounts, DRAFT)
    gap = money["gap_wan"] - found.amounts["finance_wan"]
    assert flows.sum(axis=1) == pytest.approx(20 * found.amounts["gain_wan_year"] - gap)
    assert net_present_value(flows, 0.0) == pytest.approx(flows.sum(axis=1))


def test_a_hundred_thousand_parcels_at_once():
    """Each row has the figures it has alone; how long it takes: `python -m benchmarks plan --assess 100000`."""
    size, rng = 100_000, np.random.default_rng(1)
    where = land(
        rng.uniform(500, 30_000, size),
        rng.uniform(0, 30_000, size),
        limit=rng.uniform(1, 5, size),
        tax=rng.uniform(0, 30, size),
    )
    asked = rng.choice(np.array(MODES, dtype=object), size)
    found = assess(where, asked, DRAFT)
    money = returns(found.amounts, DRAFT)
    assert found.kept.tolist() == list(range(size)) and not np.isnan(money["npv_wan"]).any()
    for row in rng.integers(0, size, 20).tolist():
        alone = figures(where.at(np.array([row])), asked[row], DRAFT)
        for name, values in {**found.amounts, **money}.items():
            assert values[row] == pytest.approx(alone[name], nan_ok=True), name
