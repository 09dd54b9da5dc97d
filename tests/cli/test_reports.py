"""`landgis report` as users type it: both formats, both languages, what is refused and how."""

import shutil

import pytest

from tests.documents.made import chinese_font, text_of
from tests.made_project import template


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    chinese_font()
    return shutil.copytree(template(()), tmp_path_factory.mktemp("report") / "project")


@pytest.mark.parametrize(("language", "words"), [("zh", "甲块"), ("en", "page 1 of")])
def test_a_pdf_in_the_language_that_was_asked_for(landgis, project, tmp_path, language, words):
    out = tmp_path / "a.pdf"
    ran = landgis("report", project, "--out", out, "--block", "B1", "--as-of", "2026-11-21", language=language)
    assert (ran.code, ran.err) == (0, "") and str(out) in ran.out
    text = text_of(out.read_bytes())
    assert words in text and "2026" in text and "yongkang-draft" in text


def test_a_monthly_docx_and_the_month_that_a_date_names(landgis, project, tmp_path):
    out = tmp_path / "a.docx"
    ran = landgis("report", project, "--out", out, "--month", "--as-of", "2026-10", "--lang", "en")
    assert ran.code == 0, ran.err
    import docx

    said = [one.text for one in docx.Document(str(out)).paragraphs]
    assert said[1] == "Oct 2026, up to Oct 31, 2026"


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["--out", "there.pdf"], 3, "E-OUT-EXISTS"),
    (["--out", "a.txt"], 3, "E-OUT-FORMAT"),
    (["--out", "no/such/a.pdf"], 3, "E-OUT-FOLDER"),
    (["--out", "a.pdf", "--block", "B9"], 3, "E-BLOCK"),
    (["--out", "a.pdf", "--as-of", "soon"], 2, "E-DATE"),
    ([], 2, "--out"),
])  # fmt: skip
def test_what_is_refused_writes_nothing(landgis, project, tmp_path, arguments, code, words):
    (tmp_path / "there.pdf").write_text("mine")
    ran = landgis("report", project, *arguments, cwd=tmp_path)
    assert ran.code == code and words in ran.err, ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["there.pdf"] and (
        tmp_path / "there.pdf"
    ).read_text() == "mine"


def test_overwrite_replaces(landgis, project, tmp_path):
    out = tmp_path / "a.pdf"
    out.write_text("old")
    ran = landgis("report", project, "--out", out, "--overwrite")
    assert ran.code == 0, ran.err
    assert out.read_bytes()[:5] == b"%PDF-"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
