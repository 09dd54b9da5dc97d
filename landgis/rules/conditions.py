"""Rules of a rule file that fire or do not: conditions, limits, and the sentence that says so."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from landgis.rules.model import Condition, Level, LowEfficiency, Rule
from landgis.rules.reading import Node, nearest
from landgis.text import N_, Message

COMPARISONS = ("<", "<=", ">", ">=")
PLACEHOLDERS = ("value", "limit")


def read_low_efficiency(node: Node, metrics: Sequence[str]) -> LowEfficiency:
    """[low_efficiency]: hard, soft and exempting rules."""
    hard, soft, exempt = read_rules(node, ("hard", "soft", "exempt"), metrics)
    needed = node.number("soft_needed", least=1)
    node.done()
    if not node.absent and not hard and not soft:
        node.report("E-RULES-MISSING", Message(N_("there is neither a hard nor a soft rule")))
    return LowEfficiency(hard, soft, int(needed) if needed == needed else 1, exempt)


def read_rules(node: Node, names: Sequence[str], metrics: Sequence[str]) -> list[tuple[Rule, ...]]:
    """The lists of rules under the names, any of which may be absent; no two rules in them share an id."""
    lists = [node.children(name, needed=False) for name in names]
    unique_ids([each for nodes in lists for each in nodes], "id")
    return [tuple(_read_rule(each, metrics) for each in nodes) for nodes in lists]


def _read_rule(node: Node, metrics: Sequence[str]) -> Rule:
    """A rule has one condition in itself, or several in `conditions`."""
    called = node.text("id")
    combine = cast(Any, node.choice("combine", ("any", "all"), "any"))
    sentence = node.words("sentence")
    for text in (sentence.zh, sentence.en):
        _check_sentence(node, text)
    if "conditions" in node.table:
        nodes = node.children("conditions", label=_subject_key(node.table["conditions"]))
        conditions = [_read_condition(each, metrics) for each in nodes]
        for each in nodes:
            each.done()
        if not conditions:
            node.report("E-RULES-MISSING", Message(N_("has no condition")), "conditions")
    else:
        conditions = [_read_condition(node, metrics)]
    node.done()
    return Rule(called, tuple(conditions), sentence, combine)


def _subject_key(conditions: object) -> str:
    first = conditions[0] if isinstance(conditions, list) and conditions else None
    return "column" if isinstance(first, dict) and "column" in first else "metric"


def _read_condition(node: Node, metrics: Sequence[str]) -> Condition:
    """`metric` or `column`, `test`, and `limit` or `words`."""
    is_column = "column" in node.table
    if is_column and "metric" in node.table:
        node.report("E-RULES-CONDITION", Message(N_("name either a metric or a column, not both")), "column")
    subject = node.text("column") if is_column else check_metric(node, "metric", metrics)
    node.known |= {"metric", "column", "limit", "words"}
    if "words" in node.table:
        return _read_words(node, subject, is_column=is_column)
    test = node.choice("test", (*COMPARISONS, "==") if is_column else COMPARISONS)
    limit = Level(node.number("limit")) if is_column else node.level("limit")
    return Condition(subject, cast(Any, test), limit, is_column=is_column)


def _read_words(node: Node, subject: str, *, is_column: bool) -> Condition:
    test, words = node.choice("test", ("in", "=="), "in"), node.texts("words")
    if not is_column:
        node.report(
            "E-RULES-CONDITION", Message(N_("words can be looked for in a column only; a metric is a number")), "words"
        )
    if "limit" in node.table:
        node.report("E-RULES-CONDITION", Message(N_("give either a limit or words, not both")), "limit")
    node.note("words", " | ".join(words))
    return Condition(subject, cast(Any, test), words=words, is_column=is_column)


def check_metric(node: Node, name: str, metrics: Sequence[str]) -> str:
    """The name of a metric; reported if it is none of those."""
    metric = node.text(name)
    if metric and metric not in metrics:
        guess = nearest(metric, metrics)
        values: dict[str, object] = {"metric": repr(metric), "metrics": ", ".join(metrics)}
        if guess:
            message = Message(
                N_("no metric {metric}; do you mean {guess}? Known are: {metrics}"), values | {"guess": guess}
            )
        else:
            message = Message(N_("no metric {metric}; known are: {metrics}"), values)
        node.report("E-RULES-METRIC", message, name)
    return metric


def _check_sentence(node: Node, text: str) -> None:
    try:
        fields = [part[1:] for part in string.Formatter().parse(text) if part[1] is not None]
    except ValueError:
        node.report("E-RULES-PLACEHOLDER", Message(N_("a brace is not closed: {text}"), {"text": text}), "sentence")
        return
    for name, form, conversion in fields:
        if name not in PLACEHOLDERS or form or conversion:
            shown = "{" + str(name) + (f":{form}" if form else "") + "}"
            options = ", ".join("{" + option + "}" for option in PLACEHOLDERS)
            message = Message(
                N_("{shown} is no placeholder of a sentence; possible are {options}"),
                {"shown": shown, "options": options},
            )
            node.report("E-RULES-PLACEHOLDER", message, "sentence")


def unique_ids(nodes: Sequence[Node], label: str) -> None:
    """Report every id (or metric) that stands more than once, at its second place."""
    seen: Counter[str] = Counter()
    for node in nodes:
        called = node.table.get(label)
        if isinstance(called, str):
            seen[called] += 1
            if seen[called] == 2:
                message = Message(
                    N_("{label} {called} stands more than once"), {"label": label, "called": repr(called)}
                )
                node.report("E-RULES-DUPLICATE", message, label)
