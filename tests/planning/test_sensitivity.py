"""Tornado: the effect of each price is worked out by scaling its share of the sum; the list is sorted."""

from dataclasses import fields

import numpy as np
import pytest

from landgis.planning.feasibility import assess, returns
from landgis.planning.sensitivity import TITLES, scaled, tornado
from landgis.rules.prices import Prices, load_prices
from tests.planning.made_land import NAN, land, modes

ILLUSTRATIVE = load_prices("illustrative")
AREA = 200_000 / 3


def levers(where, mode="GOV_ACQ", prices=ILLUSTRATIVE, **more):
    found = tornado(where, modes(mode, len(where.area_m2)), prices, **more)
    return {lever.name: lever for lever in found}, [lever.name for lever in found]


def test_the_illustrative_acquisition_by_hand():
    """Buildings 5 866.67 万元 with 9 % finance on them: 10 % dearer is 639.47; land granted anew 2 100: 10 % dearer −210."""
    by_name, order = levers(land(AREA, 0.8 * AREA, limit=2.5))
    assert by_name["building_cny_per_m2"].gap_high_wan == pytest.approx(5866.6667 * 0.1 * 1.09, rel=1e-6)
    assert by_name["building_cny_per_m2"].gap_low_wan == pytest.approx(-5866.6667 * 0.1 * 1.09, rel=1e-6)
    assert by_name["building_cny_per_m2"].npv_high_wan == pytest.approx(-5866.6667 * 0.1, rel=1e-6)
    assert by_name["land_wan_per_mu"].gap_high_wan == pytest.approx(-210)
    assert by_name["land_wan_per_mu"].npv_high_wan == pytest.approx(210 / 1.06**2)
    assert by_name["interest_rate"].gap_high_wan == pytest.approx(88.8) and by_name["interest_rate"].npv_high_wan == 0
    assert by_name["rent_cny_per_m2_year"].npv_swing_wan == 0
    tax = sum(0.1 * 30 * 70 * 0.5 / 1.06**year for year in range(5, 25))
    assert by_name["tax_wan_per_mu_year"].npv_high_wan == pytest.approx(tax)
    swings = [by_name[name].npv_swing_wan for name in order]
    assert swings == sorted(swings, reverse=True) and order[0] == "tax_wan_per_mu_year"


def test_every_price_is_a_lever():
    """What is a number of the prices and no lever is no price: years, limits, what is assumed where nothing is known."""
    others = {"year", "term_years", "term_share", "condition", "clear_years", "build_years", "income_years",
              "floor_area_ratio", "max_floor_area_ratio", "buildable_share", "tax_before_wan_per_mu_year"}  # fmt: skip
    tables = {"building_cny_per_m2"}
    numbers = {one.name for one in fields(Prices) if one.type in ("float", "int")}
    assert set(TITLES) == numbers - others | tables


def test_the_effect_is_that_of_prices_changed_by_hand():
    where = land([5e3, 8e3, 2e3], [4e3, 1e3, 9e3], limit=[2, 3, NAN], tax=[8, 3, NAN])
    draft = load_prices("yongkang-draft")
    by_name, _ = levers(where, "JOINT", draft, share=0.25)
    for name, lever in by_name.items():
        for factor, gap, npv in (
            (0.75, lever.gap_low_wan, lever.npv_low_wan),
            (1.25, lever.gap_high_wan, lever.npv_high_wan),
        ):
            changed = [0.0, 0.0]
            for sign, prices in ((-1, draft), (1, scaled(draft, name, factor))):
                found = assess(where, modes("JOINT", 3), prices)
                money = returns(found.amounts, prices)
                changed[0] += sign * money["gap_wan"].sum()
                changed[1] += sign * money["npv_wan"][:2].sum()  # the third row's gain is not known
            assert (gap, npv) == pytest.approx(changed, abs=1e-6), name


def test_shares_stay_shares():
    prices = load_prices("yongkang-draft")
    assert scaled(prices, "local_tax_share", 3).local_tax_share == 1.0
    assert scaled(prices, "rent_cny_per_m2_year", 3).rent_cny_per_m2_year == 540


def test_nobody_at_all():
    by_name, _ = levers(land([], []))
    assert all(lever.gap_swing_wan == 0 for lever in by_name.values())
    assert np.isfinite([lever.npv_swing_wan for lever in by_name.values()]).all()
