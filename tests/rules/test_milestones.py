"""Mistakes in the milestones and modes of a rule file are explained; what is right in them is taken as it stands."""

import pytest

from landgis.rules import check_rules, load_rules
from landgis.tables import MILESTONES
from tests.rules.test_loader import DRAFT, changed, write

LATE = 'late = { PLANNED = "DEMOLISHED" }'
OPTIONAL = 'optional = ["TOPPED_OUT"]'
VACATED = 'VACATED = { level = "building", needs = ["SIGNED"], evidence'
REACHED = 'REACHED = { level = "parcel", evidence = { zh = "达产复核表", en = "output review" } }\n'
MISTAKES = {  # what is changed, and the code, field and words of the one problem
    "unknown milestone": ("SIGNED = { level", "SINGED = { level", "E-RULES-MILESTONE", "milestones.SINGED", "do you mean SIGNED"),
    "unlike any": ("REACHED = { level", "XYZ = { level", "E-RULES-MILESTONE", "milestones.XYZ", "known are: IDENTIFIED"),
    "one is missing": (REACHED, "", "E-RULES-MISSING", "milestones", "milestones are missing here: REACHED"),
    "level": ('CLEARED = { level = "parcel"', 'CLEARED = { level = "plot"', "E-RULES-CHOICE", "milestones.CLEARED.level", "block, parcel, building"),
    "level of a step without buildings": ('CLEARED = { level = "parcel"', 'CLEARED = { level = "building"', "E-RULES-CHOICE", "milestones.CLEARED.level", "not reached building by building"),
    "needs what comes later": ('needs = ["VACATED"]', 'needs = ["CLEARED"]', "E-RULES-PATH", "milestones.DEMOLISHED.needs", "DEMOLISHED cannot follow CLEARED"),
    "no level": ('CLEARED = { level = "parcel", ', "CLEARED = { ", "E-RULES-MISSING", "milestones.CLEARED.level", "level is missing"),
    "no evidence": ('VACATED = { level = "building", needs = ["SIGNED"], evidence = {', 'VACATED = { level = "building", needs = ["SIGNED"], evidnce = {',
                    "E-RULES-UNKNOWN-KEY", "milestones.VACATED.evidnce", "do you mean evidence"),
    "evidence in one language": ('evidence = { zh = "协议", en = "agreement" }', 'evidence = { zh = "协议" }', "E-RULES-MISSING",
                                 "milestones.SIGNED.evidence.en", "en is missing"),
    "late, but not later": (LATE, 'late = { PLANNED = "IDENTIFIED" }', "E-RULES-PATH", "modes.GOV_ACQ.late", "cannot be late up to IDENTIFIED"),
    "needs what there is not": ('needs = ["VACATED"]', 'needs = ["VACATD"]', "E-RULES-MILESTONE", "milestones.DEMOLISHED.needs", "do you mean VACATED"),
    "needs a side step": ('needs = ["VACATED"]', 'needs = ["PAUSED"]', "E-RULES-MILESTONE", "milestones.DEMOLISHED.needs", "no milestone PAUSED"),
    "needs is no list": ('needs = ["VACATED"]', 'needs = "VACATED"', "E-RULES-TYPE", "milestones.DEMOLISHED.needs", "a list in [ ]"),
    "final is no flag": ("final = true", 'final = "yes"', "E-RULES-TYPE", "milestones.DEMOLISHED.final", "true or false"),
    "reason is no flag": ("reason = true", "reason = 1", "E-RULES-TYPE", "milestones.PAUSED.reason", "true or false"),
    "unknown key": ("final = true", "fnal = true", "E-RULES-UNKNOWN-KEY", "milestones.DEMOLISHED.fnal", "do you mean final"),
    "no milestones": ("[milestones]", "[milestone]", "E-RULES-SECTION", "milestones", "section milestones is missing"),
    "optional is unknown": (OPTIONAL, 'optional = ["TOPED_OUT"]', "E-RULES-MILESTONE", "modes.GOV_ACQ.optional", "do you mean TOPPED_OUT"),
    "optional is not on the path": ('demolishes = false\noptional = ["TOPPED_OUT"]', 'demolishes = false\noptional = ["GRANTED"]',
                                    "E-RULES-MILESTONE", "modes.ADD_STOREYS.optional", "known are: IDENTIFIED, PLANNED, STARTED"),
    "late step is unknown": (LATE, 'late = { PLANED = "DEMOLISHED" }', "E-RULES-MILESTONE", "modes.GOV_ACQ.late", "do you mean PLANNED"),
    "late until what there is not": (LATE, 'late = { PLANNED = "DEMOLISHD" }', "E-RULES-MILESTONE", "modes.GOV_ACQ.late", "do you mean DEMOLISHED"),
    "late is no table": (LATE, 'late = ["PLANNED"]', "E-RULES-TYPE", "modes.GOV_ACQ.late", "a table"),
    "late names no step": (LATE, "late = { PLANNED = true }", "E-RULES-TYPE", "modes.GOV_ACQ.late.PLANNED", "a text in quotes"),
    "side step on a path": ('"NEGOTIATED", "OPERATING"]', '"NEGOTIATED", "PAUSED", "OPERATING"]', "E-RULES-MILESTONE", "modes.RELET.path", "no milestone PAUSED"),
    "step twice": ('path = ["IDENTIFIED", "NEGOTIATED", "OPERATING"]', 'path = ["IDENTIFIED", "NEGOTIATED", "NEGOTIATED", "OPERATING"]',
                   "E-RULES-PATH", "modes.RELET.path", "NEGOTIATED cannot follow NEGOTIATED"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(tmp_path, name):
    old, new, code, field, said = MISTAKES[name]
    problems = check_rules(write(tmp_path, changed(old, new)))
    found = [problem for problem in problems if problem.code == code and problem.place.field == field]
    assert len(found) == 1, [problem.render() for problem in problems]
    assert said in found[0].render()
    assert all(problem.code.startswith("E-RULES-") for problem in problems)


def test_the_line_of_a_mistake_is_that_of_its_key(tmp_path):
    text = changed('needs = ["VACATED"]', 'needs = ["VACATD"]')
    (problem,) = check_rules(write(tmp_path, text))
    assert text.splitlines()[problem.place.row - 1].startswith("DEMOLISHED = ")


def test_every_milestone_that_is_missing_is_named_at_once(tmp_path):
    start, end = DRAFT.index("IDENTIFIED = {"), DRAFT.index("# Modes of")
    (problem,) = check_rules(write(tmp_path, DRAFT[:start] + REACHED + DRAFT[end:]))
    assert problem.code == "E-RULES-MISSING"
    assert all(name in problem.render() for name in MILESTONES if name != "REACHED")


def test_the_draft_says_what_the_brief_says():
    """§3.4: level and guards of each milestone, by hand; a building's steps are VACATED, DEMOLISHED, STARTED, TOPPED, COMPLETED."""
    rules = load_rules("yongkang-draft")
    levels = {name: rule.level for name, rule in rules.milestones.items() if rule.level != "parcel"}
    of_buildings = ("VACATED", "DEMOLISHED", "STARTED", "TOPPED_OUT", "COMPLETED")
    assert levels == {"PLANNED": "block"} | dict.fromkeys(of_buildings, "building")
    assert {name: rule.needs for name, rule in rules.milestones.items() if rule.needs} == {
        "VACATED": ("SIGNED",), "DEMOLISHED": ("VACATED",), "GRANTED": ("CLEARED",),
    }  # fmt: skip
    assert [name for name, rule in rules.milestones.items() if rule.final] == ["DEMOLISHED"]
    assert [name for name, rule in rules.milestones.items() if rule.reason] == ["PAUSED", "RESUMED", "WITHDRAWN"]
    assert not any(rule.evidence_required for rule in rules.milestones.values())
    late = {name for name, mode in rules.modes.items() if mode.late == {"PLANNED": "DEMOLISHED"}}
    assert late == {name for name, mode in rules.modes.items() if mode.demolishes}
    assert {name for name, mode in rules.modes.items() if "TOPPED_OUT" in mode.path} == {
        name for name, mode in rules.modes.items() if "TOPPED_OUT" in mode.optional
    }


def test_other_rule_sets_take_over_the_milestones():
    own = load_rules("yongkang-draft")
    for name in ("huangyan-2021", "huangyan-2022", "cn-2008"):
        assert load_rules(name).milestones == own.milestones and load_rules(name).modes == own.modes


def test_what_a_file_says_of_its_own_is_taken(tmp_path):
    text = changed(
        'SIGNED = { level = "parcel", blockable = true, evidence',
        'SIGNED = { level = "parcel", evidence_required = true, evidence',
    )
    assert load_rules(write(tmp_path, text)).milestones["SIGNED"].evidence_required
