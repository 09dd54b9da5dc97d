"""Pages that are made from the code: `python tools/pages.py update|check`. The tests run check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from landgis.dictionary import dictionary_markdown

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS = (
    (),
    ("score",),
    ("firms",),
    ("check",),
    ("demo",),
    ("rules",),
    ("rules", "list"),
    ("rules", "show"),
    ("rules", "check"),
    ("plan",),
    ("plan", "sequence"),
    ("plan", "assess"),
    ("app",),
    ("report",),
    ("tiles",),
)
EXITS = """
| exit | meaning |
|---|---|
| 0 | done; rows set aside, if any, are counted on standard error and listed in the report |
| 1 | a fault of landgis itself |
| 2 | wrong usage |
| 3 | input refused: nothing was written; each problem is one line with file, layer, row and field |

Texts are Chinese unless the locale, `LANDGIS_LANG` or `--lang` says English. `landgis --install-completion` completes
commands and options in your shell.
"""


def help_text(command: tuple[str, ...]) -> str:
    """What --help prints, at a fixed width."""
    environment = os.environ | {
        "LANDGIS_LANG": "en",
        "COLUMNS": "100",
        "TERMINAL_WIDTH": "100",
        "NO_COLOR": "1",
    }
    run = subprocess.run(
        [sys.executable, "-m", "landgis", *command, "--help"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in run.stdout.strip().splitlines())


def cli_page() -> str:
    parts = ["# Commands\n\nMade from `--help` by `tools/pages.py`.\n", EXITS]
    for command in COMMANDS:
        parts.append(f"\n## {' '.join(('landgis', *command))}\n\n```\n{help_text(command)}\n```\n")
    return "".join(parts)


def pages() -> dict[Path, str]:
    return {
        DOCS / "cli.md": cli_page(),
        DOCS / "dictionary.md": dictionary_markdown("en"),
        DOCS / "dictionary_zh.md": dictionary_markdown("zh_CN"),
    }


def main() -> int:
    stale = 0
    for path, text in pages().items():
        if not path.exists() or path.read_text("utf-8") != text:
            stale += 1
            if sys.argv[1:] == ["update"]:
                path.write_text(text, "utf-8")
            print(f"{'made' if sys.argv[1:] == ['update'] else 'stale'}: {path.name}")
    return 0 if sys.argv[1:] == ["update"] else min(stale, 1)


if __name__ == "__main__":
    sys.exit(main())
