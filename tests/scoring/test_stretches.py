"""However a job is cut into batches of buildings and stretches of parcels, every result is the same bits."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.columns import Columns, texts
from landgis.frames import column_from, columns_of
from landgis.metrics import yields
from landgis.metrics.built import BuildingSums
from landgis.metrics.measure import Prepared
from landgis.metrics.tenants import Firms, settle_tenants
from landgis.overlay import Placement
from landgis.results import RESULT_NAMES
from landgis.rules import load_rules
from landgis.rules.model import Condition, Level, Rule, Words
from landgis.scoring.means import settle_means
from landgis.scoring.score import populations, result_columns, score, score_stretch, settle
from tests.made import masked, zones

KEPT = settings(deadline=None, max_examples=8)
SAID = Words("{value}到{limit}", "{value} to {limit}")


def with_means(rules):
    """Every unknown counts the mean: of the parts and of all their indicators."""
    return replace(rules, score=replace(rules.score, missing="mean_score"))


def within_blocks(rules):
    return replace(rules, score=replace(rules.score, classes=replace(rules.score.classes, within="block")))


def with_own_columns(rules):
    """Rules on columns of the office: numbers, words, both in one rule with a metric."""
    conditions = (
        Condition("idle_months", ">=", limit=Level(6.0), is_column=True),
        Condition("remark", "in", words=("停产", "2"), is_column=True),
        Condition("floor_area_ratio", "<", limit=Level(0.7)),
    )
    more = (Rule("X1", conditions, SAID), Rule("X2", conditions[::-1], SAID), Rule("X3", conditions[:1], SAID, "all"))
    low = rules.low_efficiency
    return replace(rules, low_efficiency=replace(low, hard=(*low.hard, *more)))


CHANGES = {"as it is": lambda rules: rules, "means": with_means, "blocks": within_blocks, "own": with_own_columns}


def columns(draw, size, values):
    return draw(st.lists(values, min_size=size, max_size=size))


@st.composite
def jobs(draw, name):
    """A zone of tables with gaps, its buildings over several parcels, and columns of the office's own."""
    zone = draw(st.one_of(zones(name), zones(name).flatmap(masked)))
    size = len(zone.parcels)
    zone.parcels = zone.parcels.assign(
        idle_months=columns(draw, size, st.sampled_from([0.0, 3.25, 6.0, 14.0, np.nan])),
        remark=pd.Series(columns(draw, size, st.sampled_from(["停产", "2", "", None])), dtype="str"),
        industry_code=pd.Series(columns(draw, size, st.sampled_from(["33", "2927", None])), dtype="str"),
        exempt_reason=pd.Series(columns(draw, size, st.sampled_from([None, None, None, "公用设施"])), dtype="str"),
        block_id=pd.Series(columns(draw, size, st.sampled_from(["N", "S", None])), dtype="str"),
    )
    zone.geometry_area_m2 = np.array(columns(draw, size, st.sampled_from([900.0, 4000.0, np.nan])))
    if zone.buildings is None:
        return zone, None
    count = len(zone.buildings)
    pair = st.tuples(st.integers(0, max(count - 1, 0)), st.integers(0, size - 1), st.floats(0.01, 1))
    pairs = draw(st.lists(pair, max_size=12)) if count else []
    building, parcel, share = (np.array(column) for column in zip(*pairs, strict=True)) if pairs else (
        np.empty(0, int), np.empty(0, int), np.empty(0))  # fmt: skip
    order = np.argsort(building, kind="stable")  # a batch has whole buildings
    footprint = zone.buildings["footprint_m2"].to_numpy(float)[building]
    return zone, Placement(building[order], parcel[order], share[order], (footprint * share)[order])


def cuts_of(draw, size):
    inner = draw(st.lists(st.integers(0, size), max_size=4))
    return list(zip([0, *sorted(inner)], [*sorted(inner), size], strict=True))


def sums_of(zone, placement, rules, batches):
    if placement is None:
        return None
    sums, table = BuildingSums(len(zone.parcels), rules.storey), columns_of(zone.buildings)
    footprint = zone.buildings["footprint_m2"].to_numpy(float)
    for first, last in batches:
        here = slice(*np.searchsorted(placement.building, [first, last]))
        part = Placement(placement.building[here] - first, placement.parcel[here], placement.share[here],
                         placement.footprint_m2[here])  # fmt: skip
        sums.add(table.stretch(first, last), part, footprint[first:last])
    return sums


def score_in(zone, placement, rules, stretches, batches):
    """Every result column, put together from its pieces."""
    parcels, firms = columns_of(zone.parcels), zone._firms()
    sums = sums_of(zone, placement, rules, batches)
    tenants = None if firms is None else settle_tenants(firms, parcels.size)
    prepared = Prepared.of(parcels, zone.geometry_area_m2, sums, tenants, rules)
    measured = [prepared.measures(*stretch) for stretch in stretches]
    means = settle_means(lambda: iter(measured), rules)
    parts = [parcels.stretch(*stretch) for stretch in stretches]
    scored = [score_stretch(one, part, rules, means) for one, part in zip(measured, parts, strict=True)]
    block = texts(column_from(zone.parcels["block_id"]))
    rated = np.concatenate([one.rated for one in scored])
    settled = settle(rated, populations(rules, block, parcels.size), rules)
    rows = zip(measured, scored, stretches, parts, strict=True)
    return [result_columns(m, s, settled, stretch, part, rules) for m, s, stretch, part in rows], measured


def bits(column):
    """What must be the same: the bits of numbers, all unknowns being one; the texts."""
    if isinstance(column, np.ndarray):
        return np.where(np.isnan(column), np.nan, column).view(np.int64).tolist()
    return texts(column).to_pylist()


def chained(lists):
    return list(chain.from_iterable(lists))


def joined(pieces: list[Columns]) -> dict[str, list]:
    return {name: chained(bits(piece[name]) for piece in pieces) for name in pieces[0]}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["yongkang-draft", "huangyan-2022", "cn-2008"])
@given(data=st.data())
@KEPT
def test_cutting_changes_nothing(name, change, data):
    rules = CHANGES[change](load_rules(name))
    zone, placement = data.draw(jobs(name))
    size, built = len(zone.parcels), 0 if zone.buildings is None else len(zone.buildings)
    whole, _ = score_in(zone, placement, rules, [(0, size)], [(0, built)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yields, "STRETCH", data.draw(st.integers(1, 3)))
        cut, _ = score_in(zone, placement, rules, cuts_of(data.draw, size), cuts_of(data.draw, built))
    assert joined(cut) == joined(whole)
    assert tuple(whole[0]) == RESULT_NAMES


@given(data=st.data())
@KEPT
def test_bounds_gaps_and_firms_are_cut_alike(data):
    rules = load_rules("huangyan-2022")
    zone, placement = data.draw(jobs(rules.id))
    size = len(zone.parcels)
    built = [(0, 0 if zone.buildings is None else len(zone.buildings))]
    _, (whole,) = score_in(zone, placement, rules, [(0, size)], built)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yields, "STRETCH", data.draw(st.integers(1, 3)))
        _, cut = score_in(zone, placement, rules, cuts_of(data.draw, size), built)
    for name, number in whole.bounded.items():
        for side in ("value", "low", "high"):
            pieces = (bits(getattr(one.bounded[name], side)) for one in cut)
            assert chained(pieces) == bits(getattr(number, side))
    for name, flag in whole.gaps.items():
        assert np.concatenate([one.gaps[name] for one in cut]).tolist() == flag.tolist()
    assert all(one.conservation == whole.conservation for one in cut)
    assert np.concatenate([one.firm_sums.exact for one in cut]).tolist() == whole.firm_sums.exact.tolist()
    assert chained(one.industry_code.to_pylist() for one in cut) == whole.industry_code.to_pylist()


def test_the_means_of_a_part_are_those_of_the_whole_column():
    """Three parcels of tax 3, 9 and unknown, one at a time: the unknown one counts the mean of the others."""
    from tests.scoring.test_unknowns import one_parcel

    rules = with_means(load_rules("yongkang-draft"))
    zone = one_parcel()
    zone.parcels = pd.DataFrame({"parcel_id": list("PQR"), "registered_area_m2": [6000.0] * 3, "block_id": None})
    zone.enterprises = pd.DataFrame({
        "enterprise_id": list("EFG"), "above_scale": 0.0, "output_wan": 900.0, "tax_wan": [27.0, 81.0, np.nan]
    })  # fmt: skip
    zone.occupancies = pd.DataFrame({
        "enterprise_id": list("EFG"), "parcel_id": list("PQR"), "floor_area_m2": 3000.0, "relation": "owner"
    })  # fmt: skip
    zone.geometry_area_m2 = np.full(3, 6000.0)
    pieces, _ = score_in(zone, None, rules, [(0, 1), (1, 2), (2, 3)], [])
    output = [piece["output_score"][0] for piece in pieces]
    assert output[2] == pytest.approx((output[0] + output[1]) / 2)
    assert output[0] == pytest.approx(3 / 15 * 60 + 100 / 600 * 40)


@pytest.mark.parametrize("name", ["yongkang-draft", "huangyan-2022", "cn-2008"])
@pytest.mark.parametrize("size", [0, 2])
def test_tables_without_a_row(name, size):
    """Tables that are there but empty: nothing is known, and nothing breaks."""
    rules, words = load_rules(name), pa.large_string()
    parcels = Columns({"parcel_id": pa.array(["P", "Q"][:size], words)}, size)
    firms = Firms(*(np.empty(0, int),) * 2, np.empty(0), pa.nulls(0, words), pa.nulls(0, words), Columns({}, 0))
    tenants, sums = settle_tenants(firms, size), BuildingSums(size, rules.storey)
    nobody = Placement(*(np.empty(0, int),) * 2, *(np.empty(0),) * 2)
    sums.add(Columns({}, 0), nobody, np.empty(0))
    prepared = Prepared.of(parcels, np.full(size, np.nan), sums, tenants, rules)
    assert list(prepared.stretches()) == [(0, size)]
    measures = prepared.measures(0, size)
    found = score(measures, parcels, rules).columns
    assert found["data_gaps"].to_pylist() == ["geometry;no_occupancy"] * size
    assert found["reasons_zh"].to_pylist() == [""] * size


def test_buildings_are_added_in_the_order_of_the_file_whatever_the_order_of_the_pairs():
    """(0.1 + 0.2) + 0.3 are other bits than (0.3 + 0.2) + 0.1: a placement names the declared buildings first."""
    sums = BuildingSums(1, load_rules("yongkang-draft").storey)
    placement = Placement(np.array([2, 1, 0]), np.zeros(3, int), np.ones(3), np.array([0.3, 0.2, 0.1]))
    sums.add(Columns({}, 3), placement, np.array([0.1, 0.2, 0.3]))
    found = sums.stretch(0, 1)
    assert found["footprint"].tolist() == found["plain"].tolist() == [(0.1 + 0.2) + 0.3]


def test_blocks_are_numbered_the_same_whatever_the_cutting():
    rules = within_blocks(load_rules("yongkang-draft"))
    block = pa.array(["N", None, "S", "N", ""], pa.large_string())
    assert populations(rules, block, 5).tolist() == [0, 1, 2, 0, 1]
