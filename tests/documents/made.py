"""What tests of reports share: a small report with hostile texts, and what poppler says of a PDF."""

import datetime
import fcntl
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
import shapely

from landgis.documents.content import (
    Column,
    Curve,
    Fact,
    Facts,
    Kind,
    Map,
    Paragraph,
    Report,
    Section,
    Shape,
    Stack,
    Table,
    Tick,
)
from landgis.documents.fonts import typesetter
from landgis.errors import InputRefused
from tests.debian import _install, need

MOMENT = datetime.datetime(2026, 11, 21, 8, 30, tzinfo=datetime.UTC)
HOSTILE = (
    '#eval("1")', "$x^2$", "back\\slash", "*bold* _it_ `code`", "<script>alert(1)</script>", "&amp; &#x41; ]]>",
    "#import \"@preview/x\"", "{page} {pages} {count}", "=HYPERLINK(1)", "@label <label> // no comment", "'quotes' \"double\"",
)  # fmt: skip
KINDS = (Kind("未启动", "#c9ccd1", "none", "2"), Kind("拆除", "#8c2d5a", "crossed", "1"))


def chinese_font() -> None:
    """Make sure that there is a Chinese font; skips, and says why, where none can be had."""
    with (Path(tempfile.gettempdir()) / f"landgis-apt-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test workers, one apt
        try:
            typesetter()
        except InputRefused:
            _install("fc-list", "fonts-noto-cjk")
    try:
        typesetter()
    except InputRefused as refusal:
        pytest.skip(str(refusal))


def made_map(*labels: str) -> Map:
    """Lots of 100 m × 60 m side by side, one a label, in one boundary."""
    shapes = tuple(
        Shape(shapely.box(100 * at, 0, 100 * at + 100, 60), min(at, 1), label) for at, label in enumerate(labels)
    )
    boundary = (shapely.box(0, 0, 100 * len(labels), 60), "")
    return Map("地图", shapes, KINDS, (boundary,), (), "北", "{count} 个标注放不下")


def made_curve() -> Curve:
    at = tuple(datetime.date(2026, month, 28).toordinal() for month in range(1, 7))
    finish = tuple(datetime.date(2026, *day).toordinal() for day in ((7, 28), (7, 8), (8, 28)))
    ticks = tuple(Tick(day, f"2026年{month}月") for month, day in enumerate(at, start=1))
    return Curve(
        "S 曲线", at, (0.0, 20.0, 40.0, 60.0, 80.0, 100.0), (0.0, 10.0, 20.0, 30.0, None, None), at[3], 100.0, finish,
        ("计划", "实际", "预测", "2026年4月28日"), "亩", ticks,
    )  # fmt: skip


def made_stack() -> Stack:
    curve = made_curve()
    amounts = tuple((100.0 - 10 * step, 10.0 * step) for step in range(6))
    return Stack("阶段", curve.at, amounts, KINDS, curve.as_of, "2026年4月28日", "亩", curve.ticks)


def made_report(language: str = "zh_CN", rows: int = 3, texts=HOSTILE) -> Report:
    table = Table(
        (Column("名称", 3), Column("数值", 1, True)),
        tuple((texts[at % len(texts)], str(at)) for at in range(rows)),
    )
    sections = (
        Section("主要指标", (Facts((Fact("宗地", "1,104", "老长城"), *(Fact(one, one, one) for one in texts))),)),
        Section("宗地阶段图", (made_map("001", *texts[:2]),)),
        Section("计划与实际", (Paragraph("说明", "caption"), made_curve(), made_stack())),
        Section("清单", (table, *(Paragraph(one, "note") for one in texts))),
    )
    head = (Paragraph("规则集为草案", "warning"), Paragraph("登记截止", "note"))
    return Report(language, "低效工业用地改造月报", "截至2026年11月21日", head, sections, ("台账第 7 行：" + "ab" * 32, texts[0]),
                  "第 {page} 页，共 {pages} 页", MOMENT)  # fmt: skip


def asked_of(command: str, pdf: bytes, *arguments: str) -> str:
    """What one of poppler's programs prints of a PDF."""
    program = need(command, "poppler-utils")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.pdf"
        file.write_bytes(pdf)
        ends = ["-"] if command == "pdftotext" else []
        done = subprocess.run([program, *arguments, file, *ends], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def text_of(pdf: bytes, *arguments: str) -> str:
    """The text of a PDF, as poppler extracts it, on one line."""
    return " ".join(asked_of("pdftotext", pdf, *arguments).replace("\u200b", "").split())


def pages_of(pdf: bytes) -> int:
    return int(re.search(r"Pages:\s+(\d+)", asked_of("pdfinfo", pdf)).group(1))


def fonts_of(pdf: bytes) -> list[tuple[str, bool]]:
    """Each font's name, and whether it is in the file."""
    lines = [line.split() for line in asked_of("pdffonts", pdf).splitlines()]
    assert lines[0][-5:] == ["emb", "sub", "uni", "object", "ID"]
    return [(line[0], line[-5] == "yes") for line in lines[2:]]
