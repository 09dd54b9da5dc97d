"""A ledger that was touched is found out: whatever was changed, taken out, put in or swapped."""

import datetime
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.phases.ledger import GENESIS, Draft, Entry, instant, packed, seal_all, verify

AT = "2026-11-21T10:50:48.123456Z"


def ledger(size: int = 6) -> list[Entry]:
    drafts = [
        Draft("record", f"P{number % 2}", None, "SIGNED", f"2026-01-{number + 1:02}", "day", "actual",
              None, "签约", None, packed({"gaps": ["PLANNED"]}), f"u{number}")
        for number in range(size)
    ]  # fmt: skip
    return list(seal_all(drafts, {}, seq=0, prev=GENESIS, at=AT, by="王"))


def spoken(entries) -> list[str]:
    return [problem.message.template.split(";")[0] for problem in verify(entries, "project")]


FIXED = [1, "7d3c", "record", "P1", 1, "B-01", "VACATED", "2026-03-01", "month", "actual", "腾空 \"A\".pdf", "户\n主",
         None, '{"sha256":"00ff"}', AT, "wang"]  # fmt: skip
DIGEST = "4da24bc76ffa89a044316192cd9367e2e9281cd2c933926e5696e0454e46d316"


def test_the_digest_of_one_line_by_another_way():
    """SHA-256 over the hash before it and the line as compact JSON in UTF-8, worked out with json and hashlib."""
    draft = Draft("record", "P1", "B-01", "VACATED", "2026-03-01", "month", "actual", '腾空 "A".pdf', "户\n主", None,
                  '{"sha256":"00ff"}', "7d3c")  # fmt: skip
    (entry,) = seal_all([draft], {}, seq=0, prev=GENESIS, at=AT, by="wang")
    assert list(entry[:-2]) == FIXED
    text = "0" * 64 + json.dumps(FIXED, ensure_ascii=False, separators=(",", ":"))
    assert entry.hash == hashlib.sha256(text.encode("utf-8")).hexdigest() == DIGEST


def test_each_line_hangs_on_the_one_before_it():
    lines = ledger()
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line.version for line in lines] == [1, 1, 2, 2, 3, 3]
    assert [line.prev for line in lines] == ["0" * 64, *(line.hash for line in lines[:-1])]
    assert not list(verify(lines)) and not list(verify([]))
    more = list(
        seal_all([Draft("import"), Draft("record", "P1")], {"P1": 3}, seq=6, prev=lines[-1].hash, at=AT, by="x")
    )
    assert [(line.seq, line.version) for line in more] == [(7, None), (8, 4)]
    assert not list(verify(lines + more))


OTHER = {"seq": 9, "version": 9, "corrects": 1, "action": "cancel"}


@pytest.mark.parametrize("field", Entry._fields)
@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_changed_field_is_found(field, place):
    lines = ledger()
    lines[place] = lines[place]._replace(**{field: OTHER.get(field, "x")})
    problems = list(verify(lines, "project"))
    assert problems and {problem.code for problem in problems} == {"E-LEDGER-CHAIN"}
    assert problems[0].place.row == lines[place].seq and problems[0].place.file == "project"


def test_a_line_that_was_taken_out_is_found():
    for place in range(5):
        lines = ledger()
        del lines[place]
        assert spoken(lines)[0] == "line {expected} of the ledger is missing, line {seq} stands in its place"
        assert next(verify(lines)).place.row == place + 2
    assert not list(verify(ledger()[:-1]))  # a cut end shows only against a head that was kept elsewhere


def test_a_line_that_was_put_in_is_found():
    lines = ledger()
    (extra,) = seal_all([Draft("record", "P9")], {}, seq=3, prev=lines[2].hash, at=AT, by="x")
    put_in = [*lines[:3], extra, *lines[3:]]
    assert {problem.place.row for problem in verify(put_in)} == {4}
    renumbered = [*lines[:3], extra, *(line._replace(seq=line.seq + 1) for line in lines[3:])]
    assert {problem.place.row for problem in verify(renumbered)} == {5, 6, 7}


def test_swapped_lines_are_found():
    lines = ledger()
    lines[2], lines[3] = lines[3], lines[2]
    assert [problem.place.row for problem in verify(lines)][:2] == [4, 4]
    lines[2], lines[3] = lines[2]._replace(seq=3), lines[3]._replace(seq=4)
    assert {problem.place.row for problem in verify(lines)} == {3, 4, 5}


def test_a_line_that_was_sealed_anew_breaks_the_next():
    lines = ledger()
    forged = lines[2]._replace(note="other")
    text = json.dumps(list(forged[:-2]), ensure_ascii=False, separators=(",", ":"))
    lines[2] = forged._replace(hash=hashlib.sha256((forged.prev + text).encode()).hexdigest())
    (problem,) = verify(lines)
    assert problem.place.row == 4 and "does not follow" in problem.render()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_flipped_character_is_found(data):
    lines = ledger()
    place = data.draw(st.integers(0, 5))
    fields = [name for name in Entry._fields if isinstance(getattr(lines[place], name), str)]
    name = data.draw(st.sampled_from(fields))
    text = getattr(lines[place], name)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[at]))
    lines[place] = lines[place]._replace(**{name: text[:at] + other + text[at + 1 :]})
    assert list(verify(lines))


def test_the_ledger_writes_moments_in_utc():
    east = datetime.timezone(datetime.timedelta(hours=8))
    assert instant(datetime.datetime(2026, 1, 1, 7, 30, tzinfo=east)) == "2025-12-31T23:30:00.000000Z"


def test_details_are_packed_the_same_way_whatever_their_order():
    assert packed({"b": 1, "a": "户"}) == packed({"a": "户", "b": 1}) == '{"a":"户","b":1}'
    assert packed({}) is None
    (entry,) = seal_all([Draft("record", details='{"a":1}')], {}, seq=0, prev=GENESIS, at=AT, by="x")
    assert entry.more == {"a": 1} and entry._replace(details=None).more == {}
