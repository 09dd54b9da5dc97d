"""On which line of a TOML file each key stands; the parser of the standard library does not say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

Key = tuple[str | int, ...]  # ("low_efficiency", "soft", 0, "limit"): entries of a list count from 0

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_ENTRY = re.compile(rf"\s*({_DOTTED})\s*=\s*(.*)")


@dataclass
class _Scan:
    """Where the scan of a file is: the section, the list entries so far, and what is still open."""

    lines: dict[Key, int] = field(default_factory=dict)
    entries: dict[Key, int] = field(default_factory=dict)
    section: Key = ()
    open_list: Key | None = None
    in_text: bool = False

    def read(self, number: int, line: str) -> None:
        """Take in one line of the file."""
        quotes = line.count('"""') + line.count("'''")
        if self.in_text:
            self.in_text = quotes % 2 == 0
        elif self.open_list is not None:
            self._list_line(number, line.strip())
        elif header := _HEADER.match(line):
            self._header(number, _parts(header[2]), is_list=header[1] == "[[")
        elif entry := _ENTRY.match(line):
            key = (*self.section, *_parts(entry[1]))
            self.lines[key] = number
            self.open_list = key if re.fullmatch(r"\[[^\]]*(#.*)?", entry[2].strip()) else None
            self.in_text = quotes % 2 == 1

    def _header(self, number: int, parts: Sequence[str], *, is_list: bool) -> None:
        key: Key = ()
        for part in parts[:-1]:
            key = (*key, part)
            if key in self.entries:
                key = (*key, self.entries[key] - 1)
        key = (*key, parts[-1])
        if is_list:
            self.lines.setdefault(key, number)
            self.entries[key] = self.entries.get(key, 0) + 1
            key = (*key, self.entries[key] - 1)
        self.section = key
        self.lines[key] = number

    def _list_line(self, number: int, line: str) -> None:
        assert self.open_list is not None
        if line.startswith("{"):
            count = self.entries.get(self.open_list, 0)
            self.entries[self.open_list] = count + 1
            self.lines[(*self.open_list, count)] = number
        elif line.startswith("]"):
            self.open_list = None


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_PART, dotted)]


def lines_by_key(text: str) -> dict[Key, int]:
    """The line of every section, list entry and key that starts a line, counted from 1.

    >>> lines_by_key('[a]\\nx = 1\\n[[a.b]]\\ny = { z = 2 }')[("a", "b", 0, "y")]
    4
    """
    scan = _Scan()
    for number, line in enumerate(text.splitlines(), start=1):
        scan.read(number, line)
    return scan.lines


def line_of(key: Key, lines: dict[Key, int]) -> int | None:
    """The line of the key, else of the nearest table or entry around it."""
    return next((lines[key[:end]] for end in range(len(key), 0, -1) if key[:end] in lines), None)
