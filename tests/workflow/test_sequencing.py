"""Sites from a table: ids as the file has them, kinds of floor, what is set aside."""

import pytest

from landgis.errors import InputRefused, UsageError
from landgis.workflow.sequencing import sequence_file, vacant_floor

ISSUE = "site_id,needs_m2,returns_m2\n0,38,6\n1,36,66\n2,50,20\n3,4,28\n4,58,62\n5,10,28\n"
KINDS = (
    "site_id,needs_crane_m2,returns_crane_m2,needs_upper_m2,returns_upper_m2\nA,12,20,4,0\nB,5,0,9,15\nC,0,10,0,10\n"
)


@pytest.fixture
def ask(tmp_path):
    def answer(text, **more):
        file = tmp_path / "S.csv"
        file.write_text(text, encoding="utf-8")
        return sequence_file(str(file), **more)

    return answer


def test_the_issues_example(ask):
    answer = {"swing_space_m2": 4, "order": [3, 5, 1, 4, 2, 0], "file_order_swing_space_m2": 68}
    assert ask(ISSUE).as_json(str) == answer
    assert ask(ISSUE, vacant=("3",)).as_json(str) == answer | {"vacant_m2": 3, "to_find_m2": 1}


@pytest.mark.parametrize(
    ("ids", "said"),
    [("0 1", [1, 0]), ("07 1", ["1", "07"]), ("+1 2", ["2", "+1"]), ("甲 乙", ["乙", "甲"]), ("1.0 2", ["2", "1.0"]),
     ("-3 12345678901234567", [12345678901234567, -3]), ("1 99999999999999999999", ["99999999999999999999", "1"])],
)  # fmt: skip
def test_ids_are_numbers_only_where_nothing_is_lost(ask, ids, said):
    """330784001001GB00123 and 007 stay texts; where one id is a text, all are."""
    one, other = ids.split()
    assert ask(f"site_id,needs_m2,returns_m2\n{one},9,0\n{other},1,2\n").as_json(str)["order"] == said


def test_areas_keep_their_fractions(ask):
    assert ask("site_id,needs_m2,returns_m2\na,0.1,0\nb,0.2,0\n").as_json(str)["swing_space_m2"] == 0.3


def test_chinese_headers(ask):
    found = ask("改造单元,腾空面积（㎡）,新建面积（㎡）\n甲,38,6\n乙,4,28\n")
    assert found.order == ("乙", "甲") and found.as_json(str)["swing_space_m2"] == 14


def test_several_kinds_by_hand(ask):
    """As in tests/planning/test_kinds.py: C, A, B leaves 2 m² of crane floor and 3 m² of upper floor to find."""
    document = ask(KINDS, vacant=("upper=2",)).as_json(str)
    assert document["order"] == ["C", "A", "B"] and document["proven"]
    assert document["kinds"]["crane"] == {
        "swing_space_m2": 2, "file_order_swing_space_m2": 12, "least_alone_m2": 2, "vacant_m2": 0, "to_find_m2": 2,
    }  # fmt: skip
    assert (document["swing_space_m2"], document["to_find_m2"]) == (5, 3)


def test_a_row_without_a_figure_is_set_aside(ask):
    """Unknown is not 0: the site stays out and is named."""
    text = ISSUE + "x,,3\ny,4,\n"
    document = ask(text).as_json(str)
    assert document["swing_space_m2"] == 4 and len(document["order"]) == 6
    assert [(one["row"], one["id"]) for one in document["set_aside"]] == [(8, "x"), (9, "y")]
    assert document["order"] == ["3", "5", "1", "4", "2", "0"] or document["order"] == [3, 5, 1, 4, 2, 0]
    with pytest.raises(InputRefused, match="row 8"):
        ask(text, strict=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("site_id,needs_m2\na,1\n", "E-COLUMN-MISSING"),
        ("site_id,needs_crane_m2,returns_crane_m2,needs_upper_m2\na,1,1,1\n", "E-COLUMN-MISSING"),
        ("site_id,needs_m2,returns_m2\na,1,1\na,2,2\n", "E-ID-DUP"),
        ("site_id,needs_m2,returns_m2\na,-1,1\n", "E-"),
        ("site_id,needs_m2,returns_m2\na,many,1\n", "E-"),
        ("site_id,needs_m2,returns_m2\n", "E-EMPTY"),
        ("site_id,needs_m2,returns_m2\na,,1\n", "E-EMPTY"),
    ],
)
def test_what_is_refused(ask, text, code):
    with pytest.raises(InputRefused) as refusal:
        ask(text)
    assert refusal.value.problems[0].code.startswith(code)


@pytest.mark.parametrize("said", ["crane=5", "-1", "much", "inf", "nan", ""])
def test_vacant_floor_of_no_known_kind(said):
    with pytest.raises(UsageError, match="500"):
        vacant_floor((said,), ())


def test_vacant_floor_of_a_kind_adds_up():
    assert vacant_floor(("crane=5", "Crane=2.5"), ("crane", "upper")).tolist() == [7.5, 0]
    with pytest.raises(UsageError, match="crane=500, upper=500"):
        vacant_floor(("5",), ("crane", "upper"))
