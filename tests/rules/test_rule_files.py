"""What the rule sets of landgis say, against the documents they name."""

import numpy as np
import pyarrow as pa
import pytest

from landgis.metrics.ratios import RATIOS
from landgis.rules import check_rules, list_rules, load_rules
from landgis.rules.industry import look_up
from landgis.rules.loader import FOLDER
from landgis.rules.sections import FIRM_METRICS

IDS = ("yongkang-draft", "cn-2008", "huangyan-2021", "huangyan-2022")


def test_the_four_rule_sets_are_there():
    assert [rules.id for rules in list_rules()] == list(IDS)


@pytest.mark.parametrize("name", IDS)
def test_rule_set_has_no_mistake_and_goes_by_its_file_name(name):
    assert check_rules(FOLDER / f"{name}.toml") == []
    rules = load_rules(name)
    assert rules.id == name
    assert all(figure.source and figure.status for figure in rules.figures)
    assert len({figure.path for figure in rules.figures}) == len(rules.figures)


@pytest.mark.parametrize(
    ("year", "above", "below"),
    [
        (2021, (26.01, 132.27, 2.54, 4861.08, 17.45, 0.0305), (16.601058, 0.236565)),
        (2022, (24.097, 136.16, 2.694, 4929.81, 18.14, 0.0302), (11.5932, 0.2352)),
    ],
)
def test_huangyan_is_as_printed(year, above, below):
    rules = load_rules(f"huangyan-{year}")
    assert rules.firms is not None
    for population, benchmarks in zip(rules.firms.populations, (above, below), strict=True):
        assert tuple(each.benchmark.value for each in population.indicators) == benchmarks
        assert all(each.cap is None for each in population.indicators)
    weights = [[each.weight for each in population.indicators] for population in rules.firms.populations]
    assert weights == [[30, 20, 20, 10, 10, 10], [50, 50]]
    assert rules.firms.populations[0].indicators[3].missing == "mean_score"
    assert rules.score.output_from_firms
    status = {figure.path: figure.status for figure in rules.figures}
    assert status["firms.above_scale.indicators.tax_per_mu.benchmark"] == "verified"
    assert status["firms.below_scale.indicators.tax_per_kwh.scale"] == "unverified"
    assert status["firms.classes.bounds.A"] == "unverified"


def test_yongkang_claims_nothing_for_itself():
    rules = load_rules("yongkang-draft")
    assert [figure.path for figure in rules.figures if figure.status == "verified"] == [
        "storey.double_above_m",
        "storey.counts",
    ]
    assert rules.note.zh and rules.note.en
    assert [rule.id for rule in rules.low_efficiency.soft] == ["S1", "S2", "S3", "S4", "S5"]
    assert [rule.id for rule in rules.low_efficiency.hard] == ["H1", "H2", "H3", "H4"]
    assert rules.low_efficiency.soft_needed == 2
    assert rules.low_efficiency.soft[2].conditions[0].limit.by_population == {"above_scale": 5, "below_scale": 2}


def test_modes_demolish_or_not():
    modes = load_rules("huangyan-2022").modes
    assert set(modes) == {
        "GOV_ACQ",
        "GOV_SWAP",
        "SELF",
        "ADD_STOREYS",
        "JOINT",
        "MSE_PARK",
        "VILLAGE",
        "REMEDIATE",
        "RELET",
    }
    assert {name for name, mode in modes.items() if not mode.demolishes} == {"ADD_STOREYS", "REMEDIATE", "RELET"}
    assert modes["RELET"].path == ("IDENTIFIED", "NEGOTIATED", "OPERATING")
    assert len(modes["GOV_ACQ"].path) == 14


def test_metal_products_are_not_smelted_non_ferrous_metal():
    table = load_rules("cn-2008").tables["floor_area_ratio_minimum"]
    assert table.values["33"] == 0.6 and table.names["33"].startswith("有色")
    low, high = look_up(table, pa.array(["33", "C3312", "3382", "32", "38", "C385"]))
    assert low.tolist() == high.tolist() == [0.7, 0.7, 0.7, 0.6, 0.7, 0.7]


def test_a_coarse_code_leaves_the_number_open():
    table = load_rules("cn-2008").tables["floor_area_ratio_minimum"]
    words = ["29", "291", "2927", "C 29", "43", None, "nan", "C", "330", "3312.0", "３３", "33120"]
    low, high = (side.tolist() for side in look_up(table, pa.array(words)))
    assert low[:3] == [0.8, 0.8, 1.0]
    assert high[:3] == [1.0, 0.8, 1.0]
    assert low[3] == 0.8 and low[8:11] == [0.7, 0.7, 0.7]
    assert np.isnan(low[4:8]).all() and np.isnan(low[11])


def test_every_2017_industry_of_the_domain_table_has_a_number():
    table = load_rules("cn-2008").tables["floor_area_ratio_minimum"]
    found = look_up(table, pa.array([str(code) for code in range(13, 43)]))
    assert not np.isnan(found).any()


def test_cn_2008_scores_intensity_only():
    rules = load_rules("cn-2008")
    assert dict(rules.score.weights) == {"intensity": 1, "tenancy": 0, "output": 0}
    assert rules.firms is None
    assert rules.low_efficiency.hard[0].conditions[0].limit.table == "floor_area_ratio_minimum"


def test_the_known_metrics_of_firms_are_those_that_are_computed():
    assert set(FIRM_METRICS) == set(RATIOS)
