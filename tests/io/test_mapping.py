"""The mapping file: what it may say, and the line of each mistake."""

import pytest

from landgis.io.mapping import ColumnMapping, read_mapping
from tests.io.made_tables import problems, words


def toml(tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """
[parcels]
parcel_id = "地块编号"
registered_area_m2 = { column = "LotArea", factor = 0.0929 }

[events]
milestone = { column = "Status", values = { "Demo Complete" = "DEMOLISHED" } }
occurred_on = { column = "日期", format = "%Y/%m/%d" }
kind = { value = "actual" }
DEMOLISHED = { column = "计划拆除", kind = "planned" }

[enterprises.tax_wan]
column = "税(元)"
factor = 1
"""


def test_every_form_of_the_contract(tmp_path):
    mapping = read_mapping(toml(tmp_path, GOOD))
    assert mapping["parcels"].columns["parcel_id"] == ColumnMapping("地块编号", line=3)
    area = mapping["parcels"].columns["registered_area_m2"]
    assert (area.column, area.factor, area.line) == ("LotArea", 0.0929, 4)
    events = mapping["events"].columns
    assert events["milestone"].values == {"Demo Complete": "DEMOLISHED"}
    assert events["occurred_on"].format == "%Y/%m/%d"
    assert (events["kind"].column, events["kind"].value) == (None, "actual")
    assert list(mapping["events"].milestones) == ["DEMOLISHED"]
    assert mapping["events"].milestones["DEMOLISHED"].kind == "planned"
    assert mapping["enterprises"].columns["tax_wan"].line == 12


def test_the_mappings_of_the_real_files(real):
    for path in sorted(real.glob("*/mapping.toml")):
        assert {"parcels", "buildings"} == set(read_mapping(path))


@pytest.mark.parametrize(
    ("text", "code", "line", "field"),
    [
        ("[parcel]\na = 1\n", "E-MAP-TABLE", 1, "parcel"),
        ('a = "b"\n', "E-MAP-TABLE", None, "a"),
        ('[parcels]\n\nparcelid = "x"\n', "E-MAP-COLUMN", 3, "parcels.parcelid"),
        ('[parcels]\nSIGNED = "x"\n', "E-MAP-COLUMN", 2, "parcels.SIGNED"),
        ('[parcels]\nparcel_id = { colum = "x" }\n', "E-MAP-KEY", 2, "parcels.parcel_id"),
        ('[parcels]\nparcel_id = { column = "x", value = "y" }\n', "E-MAP-KEY", 2, "parcels.parcel_id"),
        ('[parcels]\nparcel_id = { column = "x", factor = 2 }\n', "E-MAP-KEY", 2, "parcels.parcel_id"),
        (
            '[parcels]\nregistered_area_m2 = { column = "x", factor = 0 }\n',
            "E-MAP-KEY",
            2,
            "parcels.registered_area_m2",
        ),
        (
            '[parcels]\nregistered_area_m2 = { column = "x", factor = "2" }\n',
            "E-MAP-KEY",
            2,
            "parcels.registered_area_m2",
        ),
        (
            '[parcels]\nregistered_area_m2 = { column = "x", factor = true }\n',
            "E-MAP-KEY",
            2,
            "parcels.registered_area_m2",
        ),
        ('[parcels]\nparcel_id = { column = "x", format = "%Y" }\n', "E-MAP-KEY", 2, "parcels.parcel_id"),
        ("[parcels]\nparcel_id = { column = 3 }\n", "E-MAP-KEY", 2, "parcels.parcel_id"),
        ("[parcels]\nparcel_id = 3\n", "E-MAP-KEY", 2, "parcels.parcel_id"),
        ('[parcels]\nparcel_id = ["a"]\n', "E-MAP-KEY", 2, "parcels.parcel_id"),
        ('[parcels]\ntenure = { column = "x", values = { a = "nonsense" } }\n', "E-MAP-KEY", 2, "parcels.tenure"),
        ('[parcels]\ntenure = { value = "nonsense" }\n', "E-MAP-KEY", 2, "parcels.tenure"),
        ('[events]\nSIGNED = { column = "x", kind = "maybe" }\n', "E-MAP-KEY", 2, "events.SIGNED"),
        ('[events]\nparcel_id = { column = "x", kind = "planned" }\n', "E-MAP-KEY", 2, "events.parcel_id"),
        ('[parcels]\nparcel_id = "a\n', "E-MAP-TOML", 2, None),
        ('[parcels]\nparcel_id = "a"\nparcel_id = "b"\n', "E-MAP-TOML", 3, None),
    ],
)
def test_a_mistake_names_key_and_line(tmp_path, text, code, line, field):
    assert problems(read_mapping, toml(tmp_path, text)) == [(code, line, field)]


def test_all_mistakes_are_said_at_once(tmp_path):
    text = '[parcels]\nparcelid = "x"\ntenure = { value = "no" }\n[roads]\n'
    assert [code for code, *_ in problems(read_mapping, toml(tmp_path, text))] == [
        "E-MAP-COLUMN",
        "E-MAP-KEY",
        "E-MAP-TABLE",
    ]
    assert "is parcel_id meant?" in words(read_mapping, toml(tmp_path, text))


def test_files_that_are_none(tmp_path):
    assert problems(read_mapping, tmp_path / "no.toml")[0][0] == "E-FILE"
    assert problems(read_mapping, tmp_path)[0][0] == "E-FILE"
    path = tmp_path / "m.toml"
    path.write_bytes("[parcels]\nparcel_id = '地块'\n".encode("gbk"))
    assert problems(read_mapping, path)[0][0] == "E-ENC"
    path.write_bytes(b"#" * 1_000_001)
    assert problems(read_mapping, path)[0][0] == "E-SIZE"
