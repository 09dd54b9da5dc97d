"""Every text is there in both languages, with the same values in it."""

import ast
import gettext
import importlib.util
import re
from pathlib import Path

import pytest

from landgis.text import LANGUAGES, LOCALE_FOLDER, translator

TOOL = importlib.util.spec_from_file_location("catalogues", Path(__file__).parents[1] / "tools" / "catalogues.py")
catalogues = importlib.util.module_from_spec(TOOL)
TOOL.loader.exec_module(catalogues)


def test_nothing_is_missing_or_left_over():
    assert catalogues.mistakes() == []


def test_languages_are_those_of_the_program():
    assert set(catalogues.LANGUAGES) == set(LANGUAGES)
    assert catalogues.LOCALE == LOCALE_FOLDER


def test_a_text_comes_back_in_chinese_and_english():
    assert translator("zh_CN")("floor area ratio") == "容积率"
    assert translator("en")("floor area ratio") == "floor area ratio"


def test_templates_are_found_as_a_whole(tmp_path):
    code = tmp_path / "landgis" / "some.py"
    code.parent.mkdir()
    code.write_text('a = N_("one"\n       " two")\nb = other("three")\nc = f"{t(N_(\'four\'))}"\n', encoding="utf-8")
    assert catalogues.templates(tmp_path) == ["four", "one two"]


@pytest.mark.parametrize("texts", [{"a": "甲", "b": ""}, {"with\nnew line": '带"引号"'}])
def test_both_forms_hold_the_same_texts(tmp_path, texts, monkeypatch):
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    for suffix, content in ((".po", catalogues.po_text(texts, "zh_CN").encode()),
                            (".mo", catalogues.mo_bytes(texts, "zh_CN"))):  # fmt: skip
        path = catalogues.catalogue_path("zh_CN", suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert catalogues.read_catalogue("zh_CN") == texts
    translate = gettext.translation("landgis", tmp_path, ["zh_CN"]).gettext
    assert {template: translate(template) for template in texts} == {key: text or key for key, text in texts.items()}


def test_a_translation_with_another_placeholder_is_a_mistake(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    path = catalogues.catalogue_path("zh_CN", ".po")
    path.parent.mkdir(parents=True)
    path.write_text(catalogues.po_text({"{count} rows": "{counts} 行", "gone": "无"}, "zh_CN"), encoding="utf-8")
    found = catalogues._mistakes_of("zh_CN", {"{count} rows", "new"})
    assert [line.split(" ")[0] for line in found[:2]] == ["not", "nobody"]
    assert "differ in '{count} rows'" in found[2]
    assert "run update" in found[3]


def test_no_chinese_stands_in_code_that_people_see():
    """Words are in the catalogues; Chinese in code is left to comments, docstrings, and words that files come with."""
    house = Path(__file__).parents[1] / "landgis"
    words_of_files = {"claims.py"}  # units of published figures
    files = [path for part in ("ui", "show", "workflow", "documents") for path in (house / part).rglob("*.py")]
    files = [path for path in (*files, house.parent / "app.py") if path.name not in words_of_files]
    assert len(files) > 60
    assert [f"{path.name}:{line}: {text}" for path in files for line, text in chinese_literals(path)] == []


def chinese_literals(path):
    tree = ast.parse(path.read_text("utf-8"))
    scopes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, scopes) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if node not in docs and re.search(r"[\u3400-\u9fff\uff01-\uff5e]", text):
            yield node.lineno, text
