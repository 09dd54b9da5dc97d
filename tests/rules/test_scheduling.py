"""Schedule rules: what comes along is sound and every number has a source; every mistake of a file is explained."""

import dataclasses
import tomllib

import pytest

from landgis.errors import RulesError
from landgis.planning.scheduling.montecarlo import Spread
from landgis.planning.scheduling.value import Weights
from landgis.rules.prices import list_prices
from landgis.rules.scheduling import (
    FOLDER,
    KINDS,
    PHASES,
    STEPS,
    WEIGHTS,
    ModeTimes,
    ScheduleTerms,
    list_schedules,
    load_schedule,
)

DRAFT = (FOLDER / "yongkang-draft.toml").read_text("utf-8")


@pytest.fixture
def mistakes(tmp_path):
    """The problems of the draft once a line of it is changed; the line must be there."""

    def load(old, new, text=DRAFT):
        assert text.count(old) >= 1, old
        file = tmp_path / "mine.toml"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(RulesError) as error:
            load_schedule(str(file))
        return [(one.code, one.place.field, one.place.row, one.message.render()) for one in error.value.problems]

    return load


@pytest.mark.parametrize("terms", list_schedules(), ids=lambda terms: terms.id)
def test_what_comes_along_is_sound(terms):
    assert tuple(terms.kinds) == KINDS and tuple(terms.milestones) == STEPS and set(terms.weights) == set(WEIGHTS)
    assert set(terms.allowed_modes) <= set(terms.modes) and terms.begun_mode in terms.modes
    assert set(terms.modes) <= set(list_prices()[0].modes)  # a mode without prices could never be planned
    assert all(figure.source and figure.status in ("verified", "unverified") for figure in terms.figures)
    for mode in terms.modes.values():
        assert sum(mode.phase_quarters) > 0
        assert all(0 <= getattr(mode, name) <= 1 for name in ModeTimes.__annotations__ if name.endswith("_share"))


def test_the_core_takes_what_the_rules_name():
    """The rules may not import the core: that the names agree is seen here."""
    terms = load_schedule("yongkang-draft")
    assert [field.name for field in dataclasses.fields(Weights)] == list(WEIGHTS)
    assert Weights(**terms.weights).discount_a_year == 0.06
    assert dataclasses.asdict(Spread(**dataclasses.asdict(terms.spread))) == dataclasses.asdict(terms.spread)


def test_every_number_is_a_figure_with_its_source():
    """Each number of the file is in the list that people are shown, with the value that the plan uses."""
    terms = load_schedule("yongkang-draft")
    by_path = {figure.path: figure for figure in terms.figures}
    table = tomllib.loads(DRAFT)
    for section, key in (("plan", "quarters"), ("plan", "dropped_share"), ("search", "seconds"), ("search", "gap"),
                         ("money", "budget_wan"), ("floor", "vacant_share"), ("floor", "new_ground_share"),
                         ("weights", "value_added_wan_per_mu_year")):  # fmt: skip
        said = table[section][key]
        said = said["value"] if isinstance(said, dict) else said
        assert by_path[f"{section}.{key}"].value == said == getattr(terms, key)
    for mode, said in table["modes"].items():
        if isinstance(said, dict):
            for key, value in said.items():
                assert by_path[f"modes.{mode}.{key}"].value == value == getattr(terms.modes[mode], key)
    assert by_path["plan.which"].value == terms.which == "all"
    assert by_path["industry.codes"].status == "verified" and terms.industrial_codes == ("06",)
    assert (
        by_path["industry.share"].status == "unverified" and terms.industry_share == table["industry"]["share"]["value"]
    )
    assert by_path["crews.demolition.limit"].value == terms.crews["demolition"].limit
    assert terms.crews["demolition"].use == (0, 1, 0)
    assert terms.milestones["VACATED"] == ("vacate", 1) and terms.milestones["COMPLETED"] == ("rebuild", 1)


def test_nobody_verified_the_draft():
    draft = list_schedules()[0]
    assert draft.id == "yongkang-draft" and draft.status == "unverified"
    unsure = [figure for figure in draft.figures if figure.status == "unverified"]
    assert len(unsure) > 100


def test_an_office_extends_and_overrides(tmp_path):
    file = tmp_path / "office.toml"
    head = ('extends = "yongkang-draft"\nid = "office"\ntitle = { zh = "一", en = "one" }\nplace = "x"\nyear = 2027\n'
            'status = "unverified"\nnote = { zh = "一", en = "one" }\n')  # fmt: skip
    money = '[money]\nsource = "notice 7"\nstatus = "verified"\nbudget_wan = 123\n'
    file.write_text(head + money, encoding="utf-8")
    mine, draft = load_schedule(str(file)), load_schedule("yongkang-draft")
    assert (mine.id, mine.year, mine.budget_wan) == ("office", 2027, 123)
    assert [one.source for one in mine.figures if one.path == "money.budget_wan"] == ["notice 7"]
    changed = {"id", "title", "place", "year", "note", "budget_wan", "figures"}
    for field in dataclasses.fields(ScheduleTerms):
        if field.name not in changed:
            assert getattr(mine, field.name) == getattr(draft, field.name), field.name


@pytest.mark.parametrize(
    ("old", "new", "code", "field", "words"),
    [
        ("vacant_share = ", "vacant_share = 6 #", "E-RULES-RANGE", "floor.vacant_share", "between 0 and 1"),
        ("vacate_quarters = 3", "vacate_quarters = 2.5", "E-RULES-RANGE", "modes.GOV_ACQ.vacate_quarters", "whole number"),
        ("vacate_quarters = 3", "vacate_quarters = -1", "E-RULES-RANGE", "modes.GOV_ACQ.vacate_quarters", "-1"),
        ("vacate_quarters = 3", "", "E-RULES-MISSING", "modes.GOV_ACQ.vacate_quarters", "is missing"),
        ("vacate_quarters = 3", "vacate_quarters = 3\nvacating = 3", "E-RULES-UNKNOWN-KEY", "modes.GOV_ACQ.vacating", "vacate_quarters"),
        ('which = "all"', 'which = "some"', "E-RULES-CHOICE", "plan.which", "low_efficiency"),
        ('begun_mode = "GOV_ACQ"', 'begun_mode = "GOV"', "E-RULES-CHOICE", "plan.begun_mode", "GOV_ACQ"),
        ('modes = ["GOV_ACQ"', 'modes = ["GOVERN"', "E-RULES-CHOICE", "plan.modes", "GOVERN"),
        ("usual = 1.0", "usual = 3.0", "E-RULES-RANGE", "spread.usual", "rise"),
        ('kind = "triangular"', 'kind = "normal"', "E-RULES-CHOICE", "spread.kind", "lognormal"),
        ('TOPPED_OUT = { phase = "rebuild", share = 0.7', 'TOPPED_OUT = { phase = "rebuild", share = 0.1', "E-RULES-RANGE", "milestones.TOPPED_OUT.share", "comes before"),
        ('CLEARED = { phase = "demolish"', 'CLEARED = { phase = "clear"', "E-RULES-CHOICE", "milestones.CLEARED.phase", "rebuild"),
        ('CLEARED = { phase = "demolish", share = 1 }', "", "E-RULES-SECTION", "milestones.CLEARED", "is missing"),
        ("limit = ", "limits = ", "E-RULES-MISSING", "crews.demolition.limit", "is missing"),
        ("[money]", "[moneys]", "E-RULES-SECTION", "money", "is missing"),
        ("per_tax_wan = ", "per_taxes = ", "E-RULES-UNKNOWN-KEY", "weights.per_taxes", "per_tax_wan"),
        ("year = 2026", 'year = "2026"', "E-RULES-TYPE", "year", "whole number"),
        ('status = "unverified"\n\n[note]', 'status = "verified"\n\n[note]', "E-RULES-STATUS", "status", "not"),
        ("gap = 0.01", "gap = 1 %", "E-RULES-TOML", None, "TOML"),
        ('id = "yongkang-draft"', 'id = "mine"\nextends = "mine.toml"', "E-RULES-EXTENDS", None, "itself"),
        ('id = "yongkang-draft"', 'id = "mine"\nextends = "yongkang"', "E-RULES-FILE", "extends", "do you mean yongkang-draft"),
        ('id = "yongkang-draft"', 'id = "mine"\nextends = 5', "E-RULES-TYPE", "extends", "a text"),
    ],
)  # fmt: skip
def test_every_mistake_is_explained(mistakes, old, new, code, field, words):
    found = mistakes(old, new)
    assert (code, field) in [(one[0], one[1]) for one in found], found
    assert any(words in one[3] for one in found), found


def test_work_that_takes_no_time_is_a_mistake(mistakes):
    gov = DRAFT[DRAFT.index("[modes.GOV_ACQ]") : DRAFT.index("[modes.SELF]")]
    still = gov
    for phase in PHASES:
        line = next(one for one in gov.splitlines() if one.startswith(f"{phase}_quarters"))
        still = still.replace(line, f"{phase}_quarters = 0")
    assert ("E-RULES-RANGE", "modes.GOV_ACQ.rebuild_quarters") in {one[:2] for one in mistakes(gov, still)}


def test_a_mistake_names_its_line_and_all_are_said_at_once(mistakes):
    row = {number: line.split(" =")[0] for number, line in enumerate(DRAFT.splitlines(), 1)}
    text = DRAFT.replace("ground_share = 0.4", "ground_share = 4", 1)
    found = mistakes("gap = 0.01", "gap = 7", text)
    assert {(one[1], row[one[2]]) for one in found} == {("floor.ground_share", "ground_share"), ("search.gap", "gap")}


def test_a_file_that_is_not_utf8_and_one_that_is_not_there(tmp_path):
    file = tmp_path / "gbk.toml"
    file.write_bytes('id = "永康"'.encode("gbk"))
    for name, code in (
        (str(file), "E-RULES-TOML"),
        ("nothing-like-it", "E-RULES-FILE"),
        ("yongkang-drafts", "E-RULES-FILE"),
    ):
        with pytest.raises(RulesError) as error:
            load_schedule(name)
        assert [one.code for one in error.value.problems] == [code]
