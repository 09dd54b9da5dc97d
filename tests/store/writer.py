"""An officer as a process, for the drills: records events until so many are acknowledged, and keeps a log of its own.

A line of the log is written before a call ("try") and, with fsync, after it returned. Begun again on the log of one that
was killed, it first sends the event whose answer it never got: same uuid, same content.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from landgis.errors import InputRefused, RegisterRefused, StaleParcel
from landgis.store import postgis
from landgis.workflow.project import Project, open_project
from landgis.workflow.recording import Entered, read_history, record

STEPS = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED")
LONG_AGO, FIRST_YEAR = 2018, 2027  # of what was done and of the plans; a year a step, so that all dates are in order
TYPED = ("subject", "milestone", "on", "kind", "note", "uuid")
SHARE_OF_SLOW = 0.1  # events that were decided upon some time after the parcel was read
TRIES = 4  # of one event, before an officer whom others overtake lets it be
GIVE_UP_SECONDS = 90  # without a database


class Log:
    """What the client knows: what it sent, and what it was told."""

    def __init__(self, path: Path) -> None:
        lines = read_log(path) if path.exists() else []
        answered = {line["uuid"] for line in lines if line["what"] != "try"}
        self.acked = sum(line["what"] == "acked" for line in lines)
        self.open = next((line for line in lines if line["uuid"] not in answered), None)
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def write(self, what: str, /, **more: object) -> None:
        os.write(self._file, json.dumps({**more, "what": what}).encode() + b"\n")
        if what != "try":
            os.fsync(self._file)
            self.acked += what == "acked"


def read_log(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def events(chance: random.Random, parcels: list[str], share_of_actual: float) -> Iterator[dict]:
    """Plans whose dates change, and now and then a step that was done; without end."""
    while True:
        place = chance.randrange(len(STEPS))
        actual = chance.random() < share_of_actual
        day = datetime.date((LONG_AGO if actual else FIRST_YEAR) + place, 1, 1)
        yield {
            "uuid": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "subject": chance.choice(parcels),
            "milestone": STEPS[place],
            "on": (day + datetime.timedelta(chance.randrange(365))).isoformat(),
            "kind": "actual" if actual else "planned",
            "note": "试点“甲”",
        }


def send(project: Project, event: dict, log: Log, chance: random.Random) -> None:
    """Record one event as an officer does: read the parcel, decide, send; overtaken, read again or let it be."""
    for left in reversed(range(TRIES)):
        seen = read_history(project, event["subject"]).version
        if chance.random() < SHARE_OF_SLOW:
            time.sleep(0.01)
        log.write("try", **{**event, "version": seen})
        try:
            (entry,) = record(project, Entered(**{name: event[name] for name in TYPED}), version=seen)
        except StaleParcel as overtaken:
            if left and chance.random() < 0.8:
                log.write("stale", uuid="", by=overtaken.problems[0].code)
                continue
            log.write("refused", uuid=event["uuid"], code=overtaken.problems[0].code)
        except RegisterRefused as refusal:
            log.write("refused", uuid=event["uuid"], code=refusal.problems[0].code)
        else:
            what = "acked" if entry.uuid == event["uuid"] else "there"  # another line says the same
            log.write(what, uuid=event["uuid"], seq=entry.seq, version=entry.version, hash=entry.hash)
        return


def is_lost(error: InputRefused) -> bool:
    """Whether it says that the database went away or is not there."""
    return any(problem.message.template in (postgis.LOST, postgis.UNREACHED) for problem in error.problems)


def patiently(do: Callable[[], Any], log: Log) -> Any:
    """Do it, again where the database went away in between."""
    until = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            return do()
        except InputRefused as error:
            if not is_lost(error) or time.monotonic() > until:
                raise
            log.write("lost", uuid="")
            time.sleep(0.2)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("where")
    asked.add_argument("log", type=Path)
    asked.add_argument("--name", default="li")
    asked.add_argument("--events", type=int, default=500)
    asked.add_argument("--actual", type=float, default=0.1, help="share of events that are no plans")
    asked.add_argument("--parcels", nargs="+", default=["P1"])
    asked.add_argument("--skew", type=float, default=0, help="seconds by which the clock is ahead")
    asked.add_argument("--pause", type=float, default=0, help="seconds between two events")
    given = asked.parse_args()
    chance = random.Random()
    ahead = datetime.timedelta(seconds=given.skew)
    clock = (lambda: datetime.datetime.now(datetime.UTC) + ahead) if given.skew else None
    log = Log(given.log)
    project = patiently(lambda: open_project(given.where, nobody=given.name, clock=clock), log)
    if log.open is not None:
        patiently(lambda: send(project, log.open, log, chance), log)
    for event in events(chance, given.parcels, given.actual):
        if log.acked >= given.events:
            break
        patiently(lambda event=event: send(project, event, log, chance), log)
        time.sleep(given.pause)
    project.store.close()


if __name__ == "__main__":
    main()
