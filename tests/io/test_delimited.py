"""CSV files: encodings, delimiters, and the line of each fault."""

import pytest

from landgis.io.delimited import read_delimited
from tests.io.made_tables import codes, problems, words


def csv(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(raw):
    return raw.frame.astype(object).where(raw.frame.notna(), None).to_numpy().tolist()


def test_all_columns_are_text(tmp_path):
    raw = read_delimited(csv(tmp_path, "a,b\n001,1.50\n,x\n"))
    assert rows(raw) == [["001", "1.50"], [None, "x"]]
    assert set(map(str, raw.frame.dtypes)) == {"str"}
    assert raw.rows.tolist() == [2, 3]
    assert (raw.source.driver, raw.source.encoding, raw.source.rows) == ("CSV", "UTF-8", 2)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_delimiters(tmp_path, mark):
    content = f"地块编号{mark}名称{mark}面积\nP1{mark}甲{mark}1\n"
    assert rows(read_delimited(csv(tmp_path, content))) == [["P1", "甲", "1"]]


def test_one_column(tmp_path):
    assert rows(read_delimited(csv(tmp_path, "地块编号\nP1\nP2"))) == [["P1"], ["P2"]]


@pytest.mark.parametrize(
    ("coding", "said", "remarks"),
    [
        ("utf-8", "UTF-8", []),
        ("utf-8-sig", "UTF-8", []),
        ("gbk", "GB18030", ["W-ENC-GUESS"]),
        ("utf-16", "UTF-16", ["W-ENC"]),
    ],
)
def test_encodings(tmp_path, coding, said, remarks):
    raw = read_delimited(csv(tmp_path, "企业名称,地块编号\n宝山厂,P1\n".encode(coding)))
    assert list(raw.frame.columns) == ["企业名称", "地块编号"]
    assert rows(raw) == [["宝山厂", "P1"]]
    assert (raw.source.encoding, codes(raw)) == (said, remarks)


def test_the_encoding_that_the_user_gives(tmp_path):
    path = csv(tmp_path, "名称\n宝山厂\n".encode("gbk"))
    assert rows(read_delimited(path, encoding="gbk")) == [["宝山厂"]]
    assert codes(read_delimited(path, encoding="gbk")) == []
    assert problems(read_delimited, path, encoding="utf-8") == [("E-ENC-MISMATCH", 1, None)]
    assert problems(read_delimited, path, encoding="klingon") == [("E-ENC", None, None)]


def test_bytes_that_are_no_text(tmp_path):
    assert problems(read_delimited, csv(tmp_path, b"a,b\n1,\xff\xff\xff\n")) == [("E-ENC", 2, None)]


def test_ragged_rows_are_named_by_line(tmp_path):
    assert problems(read_delimited, csv(tmp_path, "a,b,c\n1,2,3\n1,2\n\n1,2,3,4\n")) == [
        ("E-CSV-COLS", 3, None),
        ("E-CSV-COLS", 5, None),
    ]
    many = "a,b\n" + "1\n" * 30
    found = problems(read_delimited, csv(tmp_path, many))
    assert found[:20] == [("E-CSV-COLS", line, None) for line in range(2, 22)]
    assert found[20:] == [("E-CSV-COLS", None, None)]
    assert "10 more" in words(read_delimited, csv(tmp_path, many))


@pytest.mark.parametrize(
    ("content", "line"),
    [('a,b\n"x,1\ny,2\n', 2), ('a,b\n1,2\n1,"x\ny,2\n', 3), ('a,b\n1,2\n1,"x\ny,2', 3), ('a,b\n"x\ny",2\n"z,3\n', 4)],
)
def test_an_open_quotation_mark(tmp_path, content, line):
    assert problems(read_delimited, csv(tmp_path, content)) == [("E-CSV-QUOTE", line, None)]


def test_quotation_marks_that_are_meant(tmp_path):
    raw = read_delimited(csv(tmp_path, 'a,b\n"x, ""y""\nz",2\n\n3,4\n'))
    assert rows(raw) == [['x, "y"\nz', "2"], ["3", "4"]]
    assert raw.rows.tolist() == [2, 5]


def test_nul_bytes(tmp_path):
    assert problems(read_delimited, csv(tmp_path, b"a,b\n1,\x00\n2,3\n\x00\x00,4\n")) == [
        ("E-TEXT-NUL", 2, None),
        ("E-TEXT-NUL", 4, None),
    ]


@pytest.mark.parametrize("content", ["", "\n\n", "   "])
def test_empty_files(tmp_path, content):
    assert problems(read_delimited, csv(tmp_path, content)) == [("E-EMPTY", None, None)]


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    raw = read_delimited(csv(tmp_path, "a,b\n"))
    assert (list(raw.frame.columns), len(raw.frame), len(raw.rows)) == (["a", "b"], 0, 0)


def test_double_and_too_many_headers(tmp_path):
    assert problems(read_delimited, csv(tmp_path, "a,b,a\n1,2,3\n")) == [("E-FIELD-DUP", 1, "a")]
    wide = ",".join(f"c{i}" for i in range(513))
    assert problems(read_delimited, csv(tmp_path, wide + "\n")) == [("E-FIELD-COUNT", 1, None)]


def test_long_fields(tmp_path):
    assert problems(read_delimited, csv(tmp_path, f"a,b\n1,{'x' * 65_536}\n")) == [("E-FIELD-LEN", 2, "b")]
    assert len(read_delimited(csv(tmp_path, f"a,b\n1,{'x' * 65_535}\n")).frame) == 1
    assert problems(read_delimited, csv(tmp_path, f"a,b\n1,{'x' * 20_000_000}\n"))[0][0] == "E-FIELD-LEN"


def test_title_rows_are_skipped_and_said(tmp_path):
    raw = read_delimited(csv(tmp_path, "台账,,\n\n地块编号,节点,日期\nP1,签约,2026-01-02\n"))
    assert list(raw.frame.columns) == ["地块编号", "节点", "日期"]
    assert raw.rows.tolist() == [4]
    assert codes(raw) == ["W-HEADER"]


def test_columns_without_a_name(tmp_path):
    assert list(read_delimited(csv(tmp_path, "a,,\n1,2,\n")).frame.columns) == ["a", "column_2"]


def test_rows_without_a_value(tmp_path):
    raw = read_delimited(csv(tmp_path, "a,b\n1,2\n,\n3,4\n"))
    assert (rows(raw), raw.rows.tolist()) == ([["1", "2"], ["3", "4"]], [2, 4])


def test_line_ends(tmp_path):
    for end in ("\r\n", "\r", "\n"):
        raw = read_delimited(csv(tmp_path, end.join(["a,b", "1,2", "3,4", ""])))
        assert (rows(raw), raw.rows.tolist()) == ([["1", "2"], ["3", "4"]], [2, 3])


def test_formulas_are_texts(tmp_path):
    raw = read_delimited(csv(tmp_path, '企业名称,地块编号\n"=cmd|\' /C calc\'!A0",P1\n"\t=1+1",P2\n"＝1+1",P3\n'))
    assert raw.frame["企业名称"].tolist() == ["=cmd|' /C calc'!A0", "\t=1+1", "＝1+1"]


def test_a_file_that_is_not_there(tmp_path):
    assert problems(read_delimited, tmp_path / "no.csv") == [("E-FILE", None, None)]
