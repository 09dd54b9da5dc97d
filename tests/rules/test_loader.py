"""Every mistake of an office's own rule file is explained, with its section and its line."""

from pathlib import Path

import pytest

from landgis.errors import RulesError
from landgis.rules import DEFAULT_RULES, check_rules, list_rules, load_rules
from landgis.rules.lines import line_of, lines_by_key
from landgis.rules.loader import FOLDER

DRAFT = (FOLDER / "yongkang-draft.toml").read_text("utf-8")


def write(folder: Path, text: str, name: str = "own.toml") -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def changed(old: str, new: str) -> str:
    assert old in DRAFT, old
    return DRAFT.replace(old, new, 1)


TABLE = """[tables.t]
source = "x"
status = "verified"
edition = "GB/T 4754-2002"
values = { "34" = 0.7 }
"""
MISTAKES = {
    "unknown key": (
        'prefers = "registered"',
        'prefered = "registered"',
        "E-RULES-UNKNOWN-KEY",
        "area.prefered",
        "do you mean prefers",
    ),
    "missing number": ("gap_m2 = 50", "", "E-RULES-MISSING", "area.gap_m2", "gap_m2 is missing"),
    "missing section": ("[storey]", "[storeys]", "E-RULES-SECTION", "storey", "section storey is missing"),
    "text for number": ("gap_m2 = 50", 'gap_m2 = "50"', "E-RULES-TYPE", "area.gap_m2", "'50' is not a number"),
    "flag for number": ("gap_m2 = 50", "gap_m2 = true", "E-RULES-TYPE", "area.gap_m2", "true is not a number"),
    "not a number": ("gap_m2 = 50", "gap_m2 = nan", "E-RULES-RANGE", "area.gap_m2", "nan"),
    "out of range": ("gap_share = 0.005", "gap_share = 5", "E-RULES-RANGE", "area.gap_share", "between 0 and 1"),
    "wrong word": (
        'method = "quantile"         #',
        'method = "quantiles"  #',
        "E-RULES-CHOICE",
        "score.classes.method",
        "quantile, cutscore",
    ),
    "weights of the parts": (
        "intensity = 0.4",
        "intensity = 0.5",
        "E-RULES-WEIGHTS",
        "score.weights",
        "sum to 1.1, not 1",
    ),
    "weights of indicators": (
        "weight = 70",
        "weight = 60",
        "E-RULES-WEIGHTS",
        "score.parts.intensity",
        "sum to 90, not 100",
    ),
    "metric": (
        'metric = "effective_occupants"',
        'metric = "efective_ocupants"',
        "E-RULES-METRIC",
        "score.parts.tenancy.efective_ocupants.metric",
        "do you mean effective_occupants",
    ),
    "metric of firms": (
        'metric = "tax_per_kwh"',
        'metric = "leased_share"',
        "E-RULES-METRIC",
        "firms.below_scale.indicators.leased_share.metric",
        "tax_per_kwh",
    ),
    "metric twice": (
        'metric = "building_coverage_ratio"\nweight = 30',
        'metric = "floor_area_ratio"\nweight = 30',
        "E-RULES-DUPLICATE",
        "score.parts.intensity.floor_area_ratio.metric",
        "more than once",
    ),
    "benchmark at zero": (
        "benchmark = 1 ",
        "benchmark = 10 ",
        "E-RULES-BENCHMARK",
        "score.parts.tenancy.effective_occupants.benchmark",
        "zero point 10",
    ),
    "shares do not grow": (
        "A = 0.20, B = 0.60",
        "A = 0.60, B = 0.20",
        "E-RULES-CLASSES",
        "score.classes.bounds",
        "0.6, 0.2, 0.95",
    ),
    "share above 1": (
        "A = 0.20, B = 0.60, C = 0.95",
        "A = 20, B = 60, C = 95",
        "E-RULES-CLASSES",
        "score.classes.bounds",
        "between 0 and 1",
    ),
    "cut scores grow": (
        'method = "quantile"         #',
        'method = "cutscore"  #',
        "E-RULES-CLASSES",
        "score.classes.bounds",
        "must fall",
    ),
    "T as a class": ('last = "D"', 'last = "T"', "E-RULES-CLASSES", "score.classes.bounds", "T means not rated"),
    "milestone": (
        '"VACATED", "DEMOLISHED", "CLEARED"',
        '"VACATD", "DEMOLISHED", "CLEARED"',
        "E-RULES-MILESTONE",
        "modes.GOV_ACQ.path",
        "do you mean VACATED",
    ),
    "path out of order": (
        '"NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED"',
        '"NEGOTIATED", "VACATED", "SIGNED", "DEMOLISHED", "CLEARED"',
        "E-RULES-PATH",
        "modes.GOV_ACQ.path",
        "SIGNED cannot follow VACATED",
    ),
    "demolishes": (
        "demolishes = true",
        "demolishes = false",
        "E-RULES-PATH",
        "modes.GOV_ACQ.demolishes",
        "contradicts the path",
    ),
    "placeholder": (
        "容积率 {value} 低于",
        "容积率 {far} 低于",
        "E-RULES-PLACEHOLDER",
        "low_efficiency.soft.S1.sentence",
        "{far} is no placeholder",
    ),
    "open brace": (
        "容积率 {value} 低于",
        "容积率 {value 低于",
        "E-RULES-PLACEHOLDER",
        "low_efficiency.soft.S1.sentence",
        "brace",
    ),
    "rule twice": ('id = "S2"', 'id = "H1"', "E-RULES-DUPLICATE", "low_efficiency.soft.H1.id", "more than once"),
    "no source": (
        'source = "landgis: assumption (registered area wins, as the title does)"\n',
        "",
        "E-RULES-SOURCE",
        "area",
        "gap_share, gap_m2",
    ),
    "no status": ('title does)"\nstatus = "unverified"\n', 'title does)"\n', "E-RULES-SOURCE", "area", "add status"),
    "wrong status": (
        'title does)"\nstatus = "unverified"\n',
        'title does)"\nstatus = "sure"\n',
        "E-RULES-CHOICE",
        "area.status",
        "verified, unverified",
    ),
    "unknown table": (
        "limit = 1.0",
        'limit = { table = "floors" }',
        "E-RULES-TABLE",
        "low_efficiency.soft.S1.limit",
        "no table floors",
    ),
    "words for a metric": (
        'test = "<"\nlimit = 1.0',
        'words = ["low"]',
        "E-RULES-CONDITION",
        "low_efficiency.soft.S1.words",
        "column only",
    ),
    "claims to be verified": (
        'status = "unverified"\n\n[note]',
        'status = "verified"\n\n[note]',
        "E-RULES-STATUS",
        "status",
        "numbers are not",
    ),
    "table without crosswalk": (
        "# Modes of",
        TABLE + "# Modes of",
        "E-RULES-CROSSWALK",
        "tables.t",
        "needs a crosswalk",
    ),
    "crosswalk to nowhere": (
        "# Modes of",
        TABLE + 'crosswalk = { "33" = ["35"] }\n# Modes of',
        "E-RULES-CROSSWALK",
        "tables.t.crosswalk.33",
        "35",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(tmp_path, name):
    old, new, code, field, said = MISTAKES[name]
    text = changed(old, new)
    problems = check_rules(write(tmp_path, text))
    found = [problem for problem in problems if problem.code == code and problem.place.field == field]
    assert len(found) == 1, [problem.render() for problem in problems]
    assert said in found[0].render()
    assert found[0].place.row is not None or name == "missing section"


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path):
    text = DRAFT
    for old, new, *_ in (MISTAKES[name] for name in ("unknown key", "weights of the parts", "milestone", "rule twice")):
        text = text.replace(old, new, 1)
    path = write(tmp_path, text)
    with pytest.raises(RulesError) as caught:
        load_rules(path)
    by_code = {problem.code: problem.place for problem in caught.value.problems}
    assert {
        "E-RULES-UNKNOWN-KEY",
        "E-RULES-MISSING",
        "E-RULES-WEIGHTS",
        "E-RULES-MILESTONE",
        "E-RULES-DUPLICATE",
    } == set(by_code)
    lines = text.splitlines()
    assert lines[by_code["E-RULES-UNKNOWN-KEY"].row - 1].startswith("prefered")
    assert lines[by_code["E-RULES-WEIGHTS"].row - 1].startswith("[score.weights]")
    assert lines[by_code["E-RULES-MILESTONE"].row - 1].startswith("path")
    assert lines[by_code["E-RULES-DUPLICATE"].row - 1].startswith('id = "H1"')
    assert all(place.file == path for place in by_code.values())


def test_no_such_file_names_the_nearest_rule_set():
    with pytest.raises(RulesError, match="do you mean yongkang-draft"):
        load_rules("yongkang-darft")
    assert check_rules("nowhere.toml")[0].code == "E-RULES-FILE"


def test_syntax_is_told_with_the_line(tmp_path):
    (problem,) = check_rules(write(tmp_path, 'id = "x"\n[area\n'))
    assert (problem.code, problem.place.row) == ("E-RULES-TOML", 2)


def test_a_file_in_gbk_is_told(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(DRAFT.encode("gb18030"))
    assert [problem.code for problem in check_rules(path)] == ["E-RULES-TOML"]


def test_a_byte_order_mark_does_no_harm(tmp_path):
    assert load_rules(write(tmp_path, "\ufeff" + DRAFT)).id == "yongkang-draft"


def test_extends_takes_whole_sections_and_keeps_their_sources(tmp_path):
    text = DRAFT.split("[area]")[0].replace('id = "yongkang-draft"', 'id = "own"\nextends = "yongkang-draft"')
    own = load_rules(
        write(tmp_path, text + '[storey]\nsource = "own"\nstatus = "verified"\ndouble_above_m = 6\ncounts = 2\n')
    )
    draft = load_rules("yongkang-draft")
    assert (own.id, own.storey.double_above_m) == ("own", 6)
    assert (own.modes, own.score, own.firms) == (draft.modes, draft.score, draft.firms)
    sources = {figure.path: figure.source for figure in own.figures}
    assert sources["storey.counts"] == "own" and "淮安" in sources["score.classes.bounds.A"]


def test_extends_may_name_a_file_beside_it(tmp_path):
    write(tmp_path, DRAFT.replace("counts = 2", "counts = 3"), "base.toml")
    head = DRAFT.split("[area]")[0].replace('id = "yongkang-draft"', 'id = "own"\nextends = "base.toml"')
    assert load_rules(write(tmp_path, head)).storey.counts == 3


def test_extends_in_a_circle_and_to_nowhere(tmp_path):
    head = DRAFT.split("[area]")[0]
    write(tmp_path, head.replace('id = "yongkang-draft"', 'id = "b"\nextends = "own.toml"'), "b.toml")
    circle = check_rules(write(tmp_path, head.replace('id = "yongkang-draft"', 'id = "a"\nextends = "b.toml"')))
    assert "E-RULES-EXTENDS" in {problem.code for problem in circle}
    lost = check_rules(write(tmp_path, head.replace('id = "yongkang-draft"', 'id = "a"\nextends = "huangyan-2020"')))
    assert (
        lost[0].code == "E-RULES-FILE"
        and lost[0].place.row == 2 + DRAFT[: DRAFT.index('id = "y')].count("\n")
        and "huangyan-202" in lost[0].render()
    )


def test_a_mistake_in_an_inherited_section_names_the_other_file(tmp_path):
    base = write(tmp_path, changed("counts = 2", "counts = 0"), "base.toml")
    head = DRAFT.split("[area]")[0].replace('id = "yongkang-draft"', 'id = "own"\nextends = "base.toml"')
    (problem,) = check_rules(write(tmp_path, head))
    assert problem.place.file == base and problem.code == "E-RULES-RANGE"


def test_a_number_may_have_its_own_source(tmp_path):
    own = load_rules(
        write(tmp_path, changed("limit = 1.0", 'limit = { value = 1.2, source = "文件", status = "verified" }'))
    )
    (figure,) = [figure for figure in own.figures if figure.path == "low_efficiency.soft.S1.limit"]
    assert (figure.value, figure.source, figure.status) == (1.2, "文件", "verified")
    assert own.low_efficiency.soft[0].conditions[0].limit.value == 1.2


def test_a_table_of_the_current_edition_needs_no_crosswalk(tmp_path):
    table = '[tables.t]\nsource = "x"\nstatus = "verified"\nedition = "GB/T 4754-2017"\nvalues = { "33" = 0.9 }\n'
    assert load_rules(write(tmp_path, DRAFT + table)).tables["t"].crosswalk == {"33": ("33",)}


def test_an_empty_file_is_explained(tmp_path):
    codes = [problem.code for problem in check_rules(write(tmp_path, ""))]
    assert set(codes) <= {"E-RULES-MISSING", "E-RULES-SECTION", "E-RULES-TYPE"} and len(codes) >= 10


@pytest.mark.parametrize(
    "key", ["area", "storey", "score", "low_efficiency", "firms", "modes", "note", "title", "id", "extends"]
)
@pytest.mark.parametrize("value", ["5", '"x"', "[1, 2]", "true", "{ }"])
def test_any_kind_of_value_is_explained_without_a_crash(tmp_path, key, value):
    lines = [f"{key} = {value}", 'place = "x"']
    assert check_rules(write(tmp_path, "\n".join(lines)))


def test_every_single_line_can_go_without_a_crash(tmp_path):
    lines = DRAFT.splitlines()
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            check_rules(write(tmp_path, "\n".join(lines[:number] + lines[number + 1 :])))


def test_lines_are_found_in_lists_and_after_long_texts():
    text = 'a = """\nx = 1\n"""\n[b]\nc = [\n  { d = 1 },\n  { d = 2 },\n]\n[[e.f]]\n[[e.f]]\n[e.f.g]\nh.i = 1\n'
    lines = lines_by_key(text)
    assert ("x",) not in lines
    assert (lines[("b", "c", 1)], lines[("e", "f", 1, "g", "h", "i")]) == (7, 12)
    assert line_of(("b", "c", 1, "d"), lines) == 7 and line_of(("z",), lines) is None


def test_the_default_comes_first():
    assert list_rules()[0].id == DEFAULT_RULES == "yongkang-draft"
