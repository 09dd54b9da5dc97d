"""Price files: what comes along is sound and every number has a source; every mistake of a file is explained."""

import dataclasses
import math
import tomllib

import pytest

from landgis.errors import RulesError
from landgis.rules.prices import DEFAULT_PRICES, FOLDER, SHARES, USES, Prices, list_prices, load_prices
from landgis.tables import TENURES

DRAFT = (FOLDER / "yongkang-draft.toml").read_text("utf-8")
MODES = {"GOV_ACQ", "SELF", "JOINT", "MSE_PARK", "VILLAGE"}


@pytest.fixture
def mistakes(tmp_path):
    """The problems of the draft once a line of it is changed; the line must be there."""

    def load(old, new, text=DRAFT):
        assert text.count(old) >= 1, old
        file = tmp_path / "mine.toml"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(RulesError) as error:
            load_prices(str(file))
        return [(one.code, one.place.field, one.place.row, one.message.render()) for one in error.value.problems]

    return load


def row_of(start, text=DRAFT):
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start))


@pytest.mark.parametrize("prices", list_prices(), ids=lambda prices: prices.id)
def test_what_comes_along_is_sound(prices):
    assert set(prices.modes) == MODES and all(mode.id == name for name, mode in prices.modes.items())
    assert set(prices.tenure_factors) <= set(TENURES) and set(prices.building_cny_per_m2) <= set(USES)
    assert all(figure.source and figure.status in ("verified", "unverified") for figure in prices.figures)
    assert prices.max_floor_area_ratio == 6
    for mode in prices.modes.values():
        assert all(0 <= getattr(mode, name) <= 1 for name in SHARES)


def test_every_number_is_a_figure_with_its_source():
    """Each number of the file is in the list that people are shown, with the value that the prices use."""
    prices = load_prices("yongkang-draft")
    by_path = {figure.path: figure for figure in prices.figures}
    for section in ("compensation", "works", "finance", "income", "plan"):
        for key, value in tomllib.loads(DRAFT)[section].items():
            if key in ("source", "status") or key in ("tenure_factors", "building_cny_per_m2"):
                continue
            said = value["value"] if isinstance(value, dict) else value
            assert by_path[f"{section}.{key}"].value == said == getattr(prices, key)
    assert by_path["compensation.tenure_factors.state_allocated"].value == 0.6
    assert by_path["modes.GOV_ACQ.resold_share"].value == 0.7
    assert "常熟" in by_path["compensation.tenure_factors.state_allocated"].source
    assert by_path["compensation.tenure_factors.collective"].source == "landgis: assumption"
    assert by_path["compensation.land_cny_per_m2"].source.startswith("浙江工业用地出让最低价")
    assert by_path["compensation.moving_cny_per_m2"].source.startswith("landgis domain brief §8.1")


def test_nobody_verified_the_draft():
    assert list_prices()[0].id == DEFAULT_PRICES
    draft = list_prices()[0]
    assert draft.status == "unverified" and all(figure.status == "unverified" for figure in draft.figures)
    assert math.isnan(draft.tax_before_wan_per_mu_year)  # unknown stays unknown, unless an office says otherwise


def test_an_office_extends_and_overrides(tmp_path):
    file = tmp_path / "office.toml"
    head = ('extends = "yongkang-draft"\nid = "office"\ntitle = { zh = "一", en = "one" }\nplace = "x"\nyear = 2026\n'
            'status = "unverified"\nnote = { zh = "一", en = "one" }\n')  # fmt: skip
    income = DRAFT[DRAFT.index("[income]") : DRAFT.index("[plan]")].replace("# tax_before", "tax_before")
    file.write_text(head + income.replace("land_wan_per_mu = 30", "land_wan_per_mu = 45"), encoding="utf-8")
    mine, draft = load_prices(str(file)), load_prices("yongkang-draft")
    assert (mine.id, mine.year, mine.land_wan_per_mu, mine.tax_before_wan_per_mu_year) == ("office", 2026, 45, 8)
    changed = {"id", "title", "place", "year", "note", "land_wan_per_mu", "tax_before_wan_per_mu_year", "figures"}
    for field in dataclasses.fields(Prices):
        if field.name not in changed:
            assert getattr(mine, field.name) == getattr(draft, field.name), field.name


@pytest.mark.parametrize(
    ("old", "new", "code", "field", "words"),
    [
        ("moving_cny_per_m2 = 150", "", "E-RULES-MISSING", "compensation.moving_cny_per_m2", "is missing"),
        ("moving_cny_per_m2 = 150", "moving_cny_per_m2 = -1", "E-RULES-RANGE", "compensation.moving_cny_per_m2", "-1"),
        ("moving_cny_per_m2 = 150", "moving_cny_per_m2 = nan", "E-RULES-RANGE", "compensation.moving_cny_per_m2", "nan"),
        ("moving_cny_per_m2 = 150", 'moving_cny_per_m2 = "150"', "E-RULES-TYPE", "compensation.moving_cny_per_m2", "a number"),
        ("moving_cny_per_m2 = 150", "moving_cny_per_m2 = 150\nmooving = 1", "E-RULES-UNKNOWN-KEY", "compensation.mooving", "moving"),
        ("state_allocated = 0.6", "allocated = 0.6", "E-RULES-UNKNOWN-KEY", "compensation.tenure_factors.allocated", "state_allocated"),
        ("state_allocated = 0.6", "state_allocated = 60", "E-RULES-RANGE", "compensation.tenure_factors.state_allocated", "60"),
        ("interest_rate = 0.045", "interest_rate = 4.5", "E-RULES-RANGE", "finance.interest_rate", "between 0 and 1"),
        ("clear_years = 2", "clear_years = 1.5", "E-RULES-RANGE", "finance.clear_years", "whole number of years, not 1.5"),
        ("year = 2025", 'year = "2025"', "E-RULES-TYPE", "year", "whole number"),
        ("sold_share = 0.3", "sold_share = 0.4", "E-RULES-RANGE", "modes.JOINT.let_share", "together at most 1"),
        ("resold_share = 0.7", "resold_share = 1.7", "E-RULES-RANGE", "modes.GOV_ACQ.resold_share", "between 0 and 1"),
        ("[plan]", "[plans]", "E-RULES-SECTION", "plan", "is missing"),
        ('status = "unverified"\n\n[note]', 'status = "sure"\n\n[note]', "E-RULES-CHOICE", "status", "sure"),
        ('status = "unverified"\n\n[note]', 'status = "verified"\n\n[note]', "E-RULES-STATUS", "status", "not"),
        ("interest_rate = 0.045", "interest_rate = 0.045 %", "E-RULES-TOML", None, "TOML"),
        ('id = "yongkang-draft"', 'id = "mine"\nextends = "mine.toml"', "E-RULES-EXTENDS", None, "itself"),
        ('id = "yongkang-draft"', 'id = "mine"\nextends = "yongkang"', "E-RULES-FILE", "extends", "do you mean yongkang-draft"),
        ('id = "yongkang-draft"', 'id = "mine"\nextends = 5', "E-RULES-TYPE", "extends", "a text"),
    ],
)  # fmt: skip
def test_every_mistake_is_explained(mistakes, old, new, code, field, words):
    found = mistakes(old, new)
    assert [(one[0], one[1]) for one in found if one[0] == code] == [(code, field)], found
    assert any(words in one[3] for one in found), found


def test_a_mistake_names_its_line_and_all_are_said_at_once(mistakes):
    text = DRAFT.replace("demolition_cny_per_m2 = 60", "demolition_cny_per_m2 = -60")
    found = mistakes("interest_rate = 0.045", "interest_rate = 45", text)
    assert {(one[1], one[2]) for one in found} == {
        ("works.demolition_cny_per_m2", row_of("demolition_cny_per_m2")), ("finance.interest_rate", row_of("interest_rate")),
    }  # fmt: skip


def test_a_number_without_a_source_is_a_mistake(mistakes):
    works = DRAFT[DRAFT.index("[works]") :].split("\n", 3)
    found = mistakes(works[1] + "\n", "")  # the first such line stands under compensation
    assert ("E-RULES-SOURCE", "compensation") in {one[:2] for one in found}


def test_a_file_that_is_not_utf8_and_one_that_is_not_there(tmp_path):
    file = tmp_path / "gbk.toml"
    file.write_bytes('id = "永康"'.encode("gbk"))
    for name, code in (
        (str(file), "E-RULES-TOML"),
        ("nothing-like-it", "E-RULES-FILE"),
        ("yongkang-drafts", "E-RULES-FILE"),
    ):
        with pytest.raises(RulesError) as error:
            load_prices(name)
        assert [one.code for one in error.value.problems] == [code]
