"""A plan as JSON: there and back, and everything that is no plan."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.errors import InputRefused
from landgis.workflow.scheduling.document import VERSION, WHY_NOT, PlanDocument
from tests.made_plan import lots_plan

JSON = json.loads(json.dumps(lots_plan().as_json()))


def refused(value):
    with pytest.raises(InputRefused) as said:
        PlanDocument.from_json(value, "plan.json")
    assert all(problem.place.file == "plan.json" for problem in said.value.problems)
    return {problem.place.field: problem.message.render() for problem in said.value.problems}


def changed(path, new):
    """The document with one value changed; `path` as ("sites", 0, "area_mu")."""
    value = copy.deepcopy(JSON)
    *way, last = path
    there = value
    for step in way:
        there = there[step]
    if new is KeyError:
        del there[last]
    else:
        there[last] = new
    return value


@pytest.mark.parametrize(
    "document", [lots_plan(), replace(lots_plan(), outlook=None, bound=None, gap=None, budget_wan=None)]
)
def test_there_and_back(document):
    again = PlanDocument.from_bytes(document.as_bytes())
    assert again.as_bytes() == document.as_bytes()
    assert again.sites == document.sites and again.ways == document.ways and again.outlook == document.outlook
    assert PlanDocument.from_json(document.as_json()).as_bytes() == document.as_bytes()
    assert PlanDocument.from_json(json.loads(json.dumps(document.as_json()))) == again


def test_another_version_is_refused_whatever_else_is_in_it():
    assert "solve its scenario again" in refused({"version": VERSION + 1})["version"]
    assert refused(changed(("version",), "1"))["version"] == "'1' is not a whole number"


@pytest.mark.parametrize(
    ("path", "new", "field", "said"),
    [
        (("name",), KeyError, "name", "name is missing"),
        (("sites", 0, "area_mu"), "ten", "sites[0].area_mu", "'ten' is not a number"),
        (("sites", 1, "firms"), 1.5, "sites[1].firms", "1.5 is not a whole number"),
        (("sites", 0, "begun"), 1, "sites[0].begun", "1 is not true or false"),
        (("sites", 0, "parcel_ids"), "P1", "sites[0].parcel_ids", "'P1' is not a list"),
        (("sites", 0, "needs_m2", "ground"), None, "sites[0].needs_m2.ground", "None is not a number"),
        (("ways", "greedy", "starts", "B1"), ["GOV_ACQ"], "ways.greedy.starts.B1", "1 values where there are 2"),
        (("ways", "exact"), None, "ways", "a plan has the ways exact, greedy, johnson, file, and the first of them is never empty"),
        (("objective",), float("inf"), "objective", "inf is not a number"),
        (("extra",), 1, "extra", "extra means nothing here"),
        (("quarters", 0), "2027-1", "quarters", "2027-1 is no quarter; write it as 2027-Q1"),
        (("ways", "file", "cash_wan"), [1.0], "ways.file.cash_wan", "1 figures where the plan has 12 quarters"),
        (("sites", 1, "start_quarter"), "Q3", "sites.B1", "Q3 is no quarter; write it as 2027-Q1"),
        (("sites", 1, "milestones", "SIGNED"), "2027", "sites.B1.milestones", "SIGNED 2027 is no milestone with its day"),
        (("sites", 1, "milestones", "SOLD"), "2027-01-31", "sites.B1.milestones", "SOLD 2027-01-31 is no milestone with its day"),
        (("sites", 1, "parcel_ids"), ["P1"], "sites.B1", "parcel P1 is there twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(path, new, field, said):
    assert refused(changed(path, new))[field] == said


@pytest.mark.parametrize("value", [None, 1, "plan", [], {}, [JSON], {"version": VERSION}])
def test_what_is_no_plan_is_refused(value):
    assert refused(value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"PK\x03\x04", b'{"version": 1'])
def test_what_is_no_json_is_refused(content):
    with pytest.raises(InputRefused, match="not JSON"):
        PlanDocument.from_bytes(content, "plan.json")


PATHS = [(name,) for name in JSON] + [("sites", 1, name) for name in JSON["sites"][1]] + [
    ("ways", "exact", name) for name in JSON["ways"]["exact"]
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(PATHS), st.sampled_from([None, True, -1, 0.5, "x", [], {}, [[]], {"x": []}, ["2027-Q1"], KeyError])
)
def test_any_change_makes_a_plan_or_a_refusal(path, new):
    """No other exception may come of a file that somebody changed by hand."""
    try:
        found = PlanDocument.from_json(changed(path, new))
    except InputRefused as refusal:
        assert refusal.problems and all(problem.message.render() for problem in refusal.problems)
    else:
        assert PlanDocument.from_bytes(found.as_bytes()) == found


def test_the_reasons_have_words():
    assert {site.why_not for site in lots_plan().sites} - {None} <= set(WHY_NOT)
