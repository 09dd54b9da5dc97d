"""A mapping written and read again is the same."""

from hypothesis import given
from hypothesis import strategies as st

from landgis.io.mapping import ColumnMapping, TableMapping, read_mapping
from landgis.io.write_mapping import mapping_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
PLAIN = st.builds(ColumnMapping, column=TEXTS)
SCALED = st.builds(ColumnMapping, column=TEXTS, factor=st.floats(1e-300, 1e300))
DATED = st.builds(ColumnMapping, column=TEXTS, format=TEXTS)
CONSTANT = st.builds(ColumnMapping, value=st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.integers(-9, 9), st.booleans()))  # fmt: skip
WORDS = st.builds(ColumnMapping, column=TEXTS, values=st.dictionaries(TEXTS, st.sampled_from(["owner", "tenant"]), min_size=1, max_size=3))  # fmt: skip
STEP = st.builds(ColumnMapping, column=TEXTS, kind=st.sampled_from(["planned", "actual"]))


def as_said(mappings):
    names = ("column", "factor", "values", "format", "value", "kind")
    return {
        table: {key: tuple(getattr(how, name) for name in names) for key, how in mapping.columns.items()}
        for table, mapping in mappings.items()
    }


@given(
    parcels=st.fixed_dictionaries(
        {}, optional={"parcel_id": PLAIN, "registered_area_m2": SCALED, "land_use": CONSTANT}
    ),
    occupancies=st.fixed_dictionaries({}, optional={"relation": WORDS, "start_date": DATED}),
    events=st.fixed_dictionaries({}, optional={"parcel_id": PLAIN, "SIGNED": STEP, "VACATED": PLAIN}),
)
def test_there_and_back(tmp_path_factory, parcels, occupancies, events):
    tables = {"parcels": parcels, "occupancies": occupancies, "events": events}
    made = {name: TableMapping(name, "", columns) for name, columns in tables.items() if columns}
    path = tmp_path_factory.mktemp("mapping") / "m.toml"
    path.write_text(mapping_text(made), encoding="utf-8")
    assert as_said(read_mapping(path)) == as_said(made)


def test_by_hand():
    columns = {"parcel_id": ColumnMapping("地块 “编号”"), "registered_area_m2": ColumnMapping("LotArea", 0.0929)}
    assert mapping_text({"parcels": TableMapping("parcels", "", columns)}) == (
        '[parcels]\nparcel_id = "地块 “编号”"\nregistered_area_m2 = { "column" = "LotArea", "factor" = 0.0929 }\n'
    )
