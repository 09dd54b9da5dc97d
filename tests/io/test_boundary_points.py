"""勘测定界 界址点 files: real ones, the brief's example, and every variant that it lists (domain §5.5)."""

import pytest
import shapely

from landgis.errors import InputRefused
from landgis.io.layers import read_layer
from tests.io.conftest import codes

HEAD = """[属性描述]
格式版本号=1.01版本
数据产生单位=永康市自然资源和规划局
数据产生日期=2024-07-31
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
精度=0.001
转换参数=0,0,0,0,0,0,0
[地块坐标]
"""
RECORD = "5,1.5000,YK-LCC-001,地块1,面,H51G074001,工业用地,0601,@\n"
CORNERS = [(3_200_500, 40_502_850), (3_200_500, 40_502_950), (3_200_350, 40_502_950), (3_200_350, 40_502_850)]


def points(corners, ring=1, name="J", close=True, prefix=True):
    rows = [*corners, corners[0]] if close else corners
    numbers = [at % len(corners) + 1 for at in range(len(rows))]
    return "".join(
        f"{name}{number},{ring},{x:.3f},{y if prefix else y - 40_000_000:.3f}\n"
        for number, (x, y) in zip(numbers, rows, strict=True)
    )


def shifted(corners, north=0, east=0):
    return [(x + north, y + east) for x, y in corners]


EXAMPLE = HEAD + RECORD + points(CORNERS)


def read(tmp_path, text, encoding="gbk", **options):
    path = tmp_path / "界址点.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_layer(path, None, **options)


def refusal(tmp_path, text, **options):
    with pytest.raises(InputRefused) as caught:
        read(tmp_path, text, **options)
    return caught.value.problems[0]


def test_the_real_files_enclose_what_they_declare(real):
    one = read_layer(real / "china" / "jiezhidian" / "44120000105.txt", None)
    assert one.frame.crs.to_epsg() == 4526  # CGCS2000, three degrees, zone 38
    assert one.frame.geometry.area.tolist() == [pytest.approx(87_422.545, abs=0.001)]
    assert one.frame["地块面积"].tolist() == [8.7423]
    assert one.frame["MJDW"].tolist() == ["3"]
    west, south, east, north = one.frame.total_bounds
    assert 38_370_000 < west < east < 38_390_000
    assert 2_580_000 < south < north < 2_590_000
    other = read_layer(real / "china" / "jiezhidian" / "44120001048.txt", None)
    assert other.frame.geometry.area.iloc[0] == pytest.approx(105, abs=1)  # 0.0105 ha declared


def test_the_example_of_the_standard(tmp_path):
    raw = read(tmp_path, EXAMPLE)
    assert raw.frame.crs.to_epsg() == 4528
    assert raw.frame.geometry.area.tolist() == [15_000]  # 100 × 150 m
    assert raw.frame.total_bounds.tolist() == [40_502_850, 3_200_350, 40_502_950, 3_200_500]
    row = raw.frame.iloc[0]
    assert (row["地块编号"], row["地块名称"], row["地块用途"], row["地类编码"]) == (
        "YK-LCC-001",
        "地块1",
        "工业用地",
        "0601",
    )
    assert (row["地块面积"], row["MJDW"], row["图幅号"]) == (1.5, "3", "H51G074001")
    assert (raw.rows.tolist(), raw.source.encoding, raw.problems) == ([13], "GB18030", [])


VARIANTS = {
    "UTF-8": EXAMPLE.encode(),
    "UTF-8 with a mark": EXAMPLE.encode("utf-8-sig"),
    "CRLF": EXAMPLE.replace("\n", "\r\n").encode("gbk"),
    "blank lines behind": (EXAMPLE + "\n\n  \n").encode("gbk"),
    "full-width dot": EXAMPLE.replace("1.01版本", "1．01版本").encode("gbk"),
    "full-width commas": (HEAD + RECORD + points(CORNERS).replace(",", "，")).encode("gbk"),
    "no zone in the header": EXAMPLE.replace("带号=40", "带号=").encode("gbk"),
    "empty parameters": EXAMPLE.replace("0,0,0,0,0,0,0", ",,,,,,").encode("gbk"),
    "count without the closing point": EXAMPLE.replace("\n5,1.5", "\n4,1.5").encode("gbk"),
    "ring left open": (HEAD + RECORD.replace("5,", "4,", 1) + points(CORNERS, close=False)).encode("gbk"),
    "points named by numbers": (HEAD + RECORD + points(CORNERS, name="")).encode("gbk"),
    "at sign in front": EXAMPLE.replace("5,1.5000", "@,5,1.5000").replace("0601,@", "0601").encode("gbk"),
    "nine fields": EXAMPLE.replace("0601,@", "0601,备注一,@").encode("gbk"),
    "a block before": ("[项目信息]\n项目名称=某项目\n" + EXAMPLE).encode("gbk"),
    "area in m²": EXAMPLE.replace("1.5000", "15000.00").encode("gbk"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_that_offices_write(tmp_path, name):
    raw = read(tmp_path, VARIANTS[name])
    assert raw.frame.crs.to_epsg() == 4528
    assert raw.frame.geometry.area.tolist() == [15_000]
    assert raw.frame["地块编号"].tolist() == ["YK-LCC-001"]
    assert raw.frame["MJDW"].tolist() == ["1" if name == "area in m²" else "3"]
    assert raw.problems == []


@pytest.mark.parametrize(
    ("said", "prefix", "code"),
    [
        ("2000国家大地坐标系", True, 4528), ("2000国家大地坐标系", False, 4549),
        ("80国家大地坐标系", True, 2364), ("1980西安坐标系", False, 2385), ("1954北京坐标系", True, 2416),
    ],
)  # fmt: skip
def test_datum_and_zone_prefix_make_the_crs(tmp_path, said, prefix, code):
    text = HEAD.replace("2000国家大地坐标系", said) + RECORD + points(CORNERS, prefix=prefix)
    raw = read(tmp_path, text)
    assert raw.frame.crs.to_epsg() == code
    assert raw.frame.geometry.area.tolist() == [15_000]


def test_a_six_degree_zone(tmp_path):
    corners = [(x, y - 40_000_000 + 20_000_000) for x, y in CORNERS]
    text = HEAD.replace("几度分带=3", "几度分带=6").replace("带号=40", "带号=20") + RECORD + points(corners)
    assert read(tmp_path, text).frame.crs.to_epsg() == 4498


def test_holes_parts_and_several_parcels(tmp_path):
    hole = points(
        [
            (x, y)
            for x, y in [
                (3_200_480, 40_502_870),
                (3_200_480, 40_502_880),
                (3_200_470, 40_502_880),
                (3_200_470, 40_502_870),
            ]
        ],
        ring=2,
    )
    part = points(shifted(CORNERS, east=200), ring=1)
    second = "5,1.5000,YK-LCC-002,地块2,面,,工业用地,0601,@\n" + points(shifted(CORNERS, north=-1000))
    text = HEAD + "15,2.9900,YK-LCC-001,地块1,面,,工业用地,0601,@\n" + points(CORNERS) + hole + part + second
    raw = read(tmp_path, text)
    assert raw.frame.geometry.area.tolist() == [15_000 - 100 + 15_000, 15_000]
    assert raw.frame.geometry.geom_type.tolist() == ["MultiPolygon", "Polygon"]
    assert sum(len(part.interiors) for part in raw.frame.geometry[0].geoms) == 1
    assert raw.rows.tolist() == [13, 29]
    assert raw.frame["地块编号"].tolist() == ["YK-LCC-001", "YK-LCC-002"]


def test_empty_fields_at_the_end_stay_empty(tmp_path):
    raw = read(tmp_path, HEAD + "5,1.5000,YK-1,地块1,面,,,,@\n" + points(CORNERS))
    assert raw.frame["地块用途"].isna().tolist() == [True]
    assert raw.frame["地块编号"].tolist() == ["YK-1"]


def test_a_line_record_is_kept_and_remarked_on(tmp_path):
    text = EXAMPLE + "2,0,L-1,界线,线,,,,@\n" + points(CORNERS[:2], close=False)
    raw = read(tmp_path, text)
    assert raw.frame.geometry.geom_type.tolist() == ["Polygon", "LineString"]
    assert codes(raw.problems) == ["W-GEOM-TYPE"]


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        (HEAD + RECORD.replace("5,", "50,", 1) + points(CORNERS), "E-BPT-COUNT", 13),
        (HEAD + RECORD + points(CORNERS[:2]), "E-BPT-COUNT", 13),
        (HEAD + RECORD + points(CORNERS).replace("3200350.000", "32OO350", 1), "E-BPT-LINE", 16),
        (HEAD + points(CORNERS), "E-BPT-LINE", 13),
        (HEAD + "5,1.5,@\n" + points(CORNERS), "E-BPT-RECORD", 13),
        (HEAD, "E-EMPTY", None),
        (EXAMPLE.replace("带号=40", "带号=39"), "E-CRS-ZONE", None),
        (EXAMPLE.replace("几度分带=3", "几度分带=6"), "E-CRS-ZONE", None),
        (HEAD + RECORD + points([(y, x) for x, y in CORNERS]), "E-CRS-SWAPPED", None),
        (HEAD + RECORD + points(CORNERS).replace("40502950", "39502950"), "E-CRS-ZONE", None),
        (HEAD.replace("带号=40", "带号=") + RECORD + points(CORNERS, prefix=False), "E-CRS-MISSING", None),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path, text, code, row):
    problem = refusal(tmp_path, text)
    assert (problem.code, problem.place.row) == (code, row)
    assert problem.place.file.endswith("界址点.txt")


def test_a_file_that_says_no_zone_is_read_with_the_user_s_crs(tmp_path):
    text = HEAD.replace("带号=40", "带号=") + RECORD + points(CORNERS, prefix=False)
    raw = read(tmp_path, text, crs="EPSG:4549")
    assert raw.frame.crs.to_epsg() == 4549
    assert shapely.area(raw.frame.geometry.to_numpy()).tolist() == [15_000]


def test_bytes_in_no_chinese_encoding_are_refused(tmp_path):
    assert refusal(tmp_path, HEAD.encode("gbk") + b"\xff\xff\xff,1,2,3\n").code == "E-ENC"
