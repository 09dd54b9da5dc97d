"""The texts in both languages: `python tools/catalogues.py update|check`. The tests run check.

`update` takes every N_("…") template below landgis/ and in app.py into the .po files, drops what no code asks for any
more, and compiles the .mo files. Translate the empty entries of zh_CN by hand and update again. Sorted, without dates
and line numbers, so that a changed text is one changed line.
"""

from __future__ import annotations

import ast
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

from babel.messages.pofile import normalize, read_po

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "landgis" / "locale"
LANGUAGES = ("zh_CN", "en")

Texts = dict[str, str]


def templates(root: Path = ROOT) -> list[str]:
    """Every marked template of the code, sorted."""
    files = [*sorted((root / "landgis").rglob("*.py")), *root.glob("app.py")]
    return sorted({template for file in files for template in _marked(file)})


def _marked(file: Path) -> Iterator[str]:
    """The arguments of N_, from the syntax tree: Babel's own reader does not look into f-strings."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
            argument = node.args[0]
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                raise SystemExit(f"{file}:{node.lineno}: N_ marks a text in quotes, nothing else")
            yield argument.value


def catalogue_path(language: str, suffix: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"landgis{suffix}"


def read_catalogue(language: str) -> Texts:
    """Template → translation, empty where there is none; empty where there is no file."""
    path = catalogue_path(language, ".po")
    if not path.exists():
        return {}
    with path.open("rb") as stream:
        return {str(entry.id): str(entry.string) for entry in read_po(stream) if entry.id}


def header(language: str) -> str:
    return f"Content-Type: text/plain; charset=UTF-8\nLanguage: {language}\n"


def po_text(texts: Mapping[str, str], language: str) -> str:
    entries = {"": header(language), **dict(sorted(texts.items()))}
    return "\n".join(
        f"msgid {normalize(template, width=0)}\nmsgstr {normalize(text, width=0)}\n"
        for template, text in entries.items()
    )


def mo_bytes(texts: Mapping[str, str], language: str) -> bytes:
    """The compiled form, as gettext's own msgfmt makes it; written here so that no tool's version is inside."""
    entries = {"": header(language), **{template: text for template, text in texts.items() if text}}
    pairs = sorted((template.encode(), text.encode()) for template, text in entries.items())
    start = 28 + 16 * len(pairs)
    columns: list[list[tuple[int, int]]] = [[], []]
    blob = b""
    for side, column in enumerate(columns):
        for pair in pairs:
            column.append((len(pair[side]), start + len(blob)))
            blob += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return head + b"".join(struct.pack("<2I", *entry) for column in columns for entry in column) + blob


def placeholders(text: str) -> set[str]:
    """Names in braces.

    >>> sorted(placeholders("{count} rows of {file}"))
    ['count', 'file']
    """
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def update() -> None:
    wanted = templates()
    for language in LANGUAGES:
        old = read_catalogue(language)
        texts = {template: template if language == "en" else old.get(template, "") for template in wanted}
        catalogue_path(language, ".po").parent.mkdir(parents=True, exist_ok=True)
        catalogue_path(language, ".po").write_text(po_text(texts, language), encoding="utf-8", newline="\n")
        catalogue_path(language, ".mo").write_bytes(mo_bytes(texts, language))
        for template in sorted(set(old) - set(wanted)):
            print(f"{language}: dropped {template!r} = {old[template]!r}")
        print(f"{language}: {len(texts)} texts, {sum(not text for text in texts.values())} without a translation")


def mistakes() -> list[str]:
    """What is wrong with the catalogues, a line each."""
    wanted = set(templates())
    return [f"{language}: {line}" for language in LANGUAGES for line in _mistakes_of(language, wanted)]


def _mistakes_of(language: str, wanted: set[str]) -> list[str]:
    texts = read_catalogue(language)
    found = [f"not translated: {template!r}" for template in sorted(wanted) if not texts.get(template)]
    found += [f"nobody asks for {template!r}" for template in sorted(set(texts) - wanted)]
    for template, text in texts.items():
        if text and placeholders(text) != placeholders(template):
            found.append(f"{placeholders(template) ^ placeholders(text)} differ in {template!r}")
    compiled = catalogue_path(language, ".mo")
    if not compiled.exists() or compiled.read_bytes() != mo_bytes(texts, language):
        found.append("the .mo file is not what the .po file compiles to; run update")
    return found


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        update()
        return 0
    if arguments == ["check"]:
        found = mistakes()
        print("\n".join(found) or "catalogues: in order")
        return 1 if found else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
