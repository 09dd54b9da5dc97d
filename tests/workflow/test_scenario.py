"""A scenario as a file, as JSON and as asked: there and back, and every mistake in words."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.errors import InputRefused
from landgis.workflow.scheduling.quarters import between, last_day, later, names_from, quarter_name, quarter_of
from landgis.workflow.scheduling.scenario import Before, Scenario, Together, first_quarter
from landgis.workflow.scheduling.scenario_faults import faults

FULL = """
name = "八年"
rules = "mine.toml"
prices = "illustrative"
sites = "tables/sites.xlsx:S"
first = "2027-Q2"
quarters = 12
modes = ["GOV_ACQ"]
budget_wan = [1, 2.5]
seconds = 5
gap = 0.02
seed = 7
horizon = 8
step = 4
draws = 100
required = ["A"]
excluded = ["B"]
industry_floor_m2 = 1e5
[vacant_m2]
ground = 100
[crews]
demolition = 2
[weights]
per_tax_wan = 9
[[before]]
before = "A"
after = "C"
lag_quarters = 1
[[lanes]]
name = "East Road"
sites = ["A", "C"]
closed_at_most = 1
[[groups]]
name = "park"
sites = ["D", "E"]
"""
days = st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 12, 31))


def write(folder, text, name="s.toml"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_file_says_everything_and_files_lie_beside_it(tmp_path):
    found = Scenario.from_file(write(tmp_path, FULL))
    assert found == Scenario(
        name="八年", rules=str(tmp_path / "mine.toml"), prices="illustrative", sites=str(tmp_path / "tables/sites.xlsx:S"),
        first=datetime.date(2027, 4, 1), quarters=12, modes=("GOV_ACQ",), budget_wan=(1.0, 2.5), vacant_m2={"ground": 100.0},
        crews={"demolition": 2.0}, required=("A",), excluded=("B",), before=(Before("A", "C", 1),),
        lanes=(Together("East Road", ("A", "C"), 1),), groups=(Together("park", ("D", "E")),), industry_floor_m2=1e5,
        weights={"per_tax_wan": 9.0}, seconds=5.0, gap=0.02, seed=7, horizon=8, step=4, draws=100,
    )  # fmt: skip
    assert Scenario.from_json(found.as_json()) == found


def test_what_is_not_said_stays_the_rules(tmp_path):
    assert Scenario.from_file(write(tmp_path, 'name = "x"')) == Scenario("x")
    assert Scenario.from_json(Scenario("x").as_json()) == Scenario("x")
    assert Scenario.from_file(write(tmp_path, 'name = "x"\nbudget_wan = 30000')).budget_wan == (30000.0,)


@pytest.mark.parametrize("said", ['"2027-Q1"', '"2027-02-03"', "2027-02-03", "2027-02-03T10:00:00"])
def test_the_first_quarter_by_its_name_or_a_day(tmp_path, said):
    found = Scenario.from_file(write(tmp_path, f'name = "x"\nfirst = {said}'))
    assert first_quarter(found, datetime.date(2030, 1, 1)) == datetime.date(2027, 1, 1)


def test_without_it_the_quarter_after_todays():
    assert first_quarter(Scenario("x"), datetime.date(2026, 11, 21)) == datetime.date(2027, 1, 1)
    assert first_quarter(Scenario("x"), datetime.date(2026, 7, 1)) == datetime.date(2026, 10, 1)


@pytest.mark.parametrize(
    ("line", "code", "field", "words"),
    [
        ("bugdet_wan = 3", "UNKNOWN-KEY", "bugdet_wan", "do you mean budget_wan?"),
        ('gap = "x"', "TYPE", "gap", "a number"),
        ("gap = 3", "RANGE", "gap", "between 0 and 1"),
        ("quarters = 2.5", "RANGE", "quarters", "whole number"),
        ("quarters = 0", "RANGE", "quarters", "between 1 and"),
        ('first = "2027-Q5"', "DATE", "first", "2027-Q1"),
        ('first = "soon"', "DATE", "first", "2027-Q1"),
        ("first = 2027", "TYPE", "first", "a text"),
        ('budget_wan = [1, "2"]', "TYPE", "budget_wan", "no amount of money"),
        ("budget_wan = [5, -1]", "RANGE", "budget_wan", "-1"),
        ('budget_wan = "all"', "TYPE", "budget_wan", "a number"),
        ('required = "A"', "TYPE", "required", "a list"),
        ("vacant_m2 = { ground = -5 }", "RANGE", "vacant_m2.ground", "-5"),
        ("crews = { demolition = nan }", "RANGE", "crews.demolition", "nan"),
        ('before = [{ before = "A" }]', "MISSING", "before.1.after", "is missing"),
        ('before = [{ before = "A", after = "A" }]', "RANGE", "before", "wait for itself"),
        ('before = [{ before = "A", after = "B", lag_quarters = -2 }]', "RANGE", "before.B", "-2"),
        ('lanes = [{ name = "l", sites = ["A"] }]', "RANGE", "lanes.l", "closed_at_most"),
        ('required = ["A"]\nexcluded = ["A"]', "RANGE", "excluded", "both required and excluded"),
        ("horizon = 8", "RANGE", "step", "go together"),
        ("horizon = 4\nstep = 5", "RANGE", "step", "cannot be kept"),
        ("draws = -1", "RANGE", "draws", "-1"),
        ("budget_wan = 1 2", "TOML", None, "TOML"),
    ],
)
def test_every_mistake_is_explained(tmp_path, line, code, field, words):
    with pytest.raises(InputRefused) as error:
        Scenario.from_file(write(tmp_path, f'name = "x"\n{line}\n'))
    found = [(one.code, one.place.field, one.message.render()) for one in error.value.problems]
    assert [one[:2] for one in found] == [(f"E-SCENARIO-{code}", field)] and words in found[0][2], found
    assert error.value.problems[0].place.file == str(tmp_path / "s.toml")


def test_all_mistakes_at_once_with_their_lines(tmp_path):
    with pytest.raises(InputRefused) as error:
        Scenario.from_file(write(tmp_path, 'name = 5\n\ngap = "x"\nseed = "y"\n'))
    assert [(one.place.field, one.place.row) for one in error.value.problems] == [("name", 1), ("gap", 3), ("seed", 4)]


def test_a_scenario_needs_a_name_and_a_file(tmp_path):
    with pytest.raises(InputRefused, match="E-SCENARIO-MISSING"):
        Scenario.from_file(write(tmp_path, "seed = 1"))
    with pytest.raises(InputRefused, match="there is no such file"):
        Scenario.from_file(str(tmp_path / "none.toml"))
    assert [one.message.template for one in faults(Scenario("  "))] == ["a scenario needs a name"]


@given(days, st.integers(-80, 80))
def test_quarters_add_up(day, more):
    first = later(day, more)
    assert between(day, first) == more and first.day == 1 and first.month in (1, 4, 7, 10)
    assert quarter_of(quarter_name(day)) <= day <= last_day(quarter_name(day))
    assert (last_day(quarter_name(day)) + datetime.timedelta(days=1)) == quarter_of(names_from(day, 2)[1])
