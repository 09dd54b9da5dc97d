"""Which step may follow which, per mode of renovation: the paths of a rule set, worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from landgis.rules.model import MilestoneRule, Mode, RuleSet
from landgis.tables import MILESTONES

NAMES: tuple[str, ...] = tuple(MILESTONES)  # steps and side steps; their positions are the codes used in arrays
CODES: Mapping[str, int] = MappingProxyType({name: code for code, name in enumerate(NAMES)})
Steps = frozenset[str]


@dataclass(frozen=True)
class Path:
    """What holds for each step of a mode: what it needs, and what may not come after it.

    `needs`: step → alternatives, one of which has to be there in full; one alternative for a known mode, one per mode
    that has the step for a parcel whose mode is not known. `before`: step → all steps that may not come after it;
    `after`: step → all that may not come before it.
    """

    steps: tuple[str, ...]
    needs: Mapping[str, tuple[Steps, ...]]
    before: Mapping[str, Steps]
    after: Mapping[str, Steps]


@dataclass(frozen=True)
class Lifecycle:
    """The paths of every mode, and under None one on which all is legal that some mode allows."""

    milestones: Mapping[str, MilestoneRule]
    modes: Mapping[str, Mode]
    paths: Mapping[str | None, Path]

    def path(self, mode: str | None) -> Path:
        """The path of a mode; that of an unknown mode where the rule set has no such mode."""
        return self.paths.get(mode, self.paths[None])

    def renovated_by(self, mode: str | None) -> str:
        """The milestone that means renovated: demolished, or the rebuilding's end where the mode demolishes nothing."""
        known = self.modes.get(mode) if mode else None
        if known is None or known.demolishes:
            return "DEMOLISHED"
        return "COMPLETED" if "COMPLETED" in known.path else known.path[-1]


def lifecycle(rules: RuleSet) -> Lifecycle:
    """The lifecycle that a rule set's modes and milestones make."""
    paths: dict[str | None, Path] = {
        name: _path(mode.path, _before(mode), _needs(mode, rules.milestones)) for name, mode in rules.modes.items()
    }
    paths[None] = _any_of(list(paths.values()))
    return Lifecycle(rules.milestones, rules.modes, MappingProxyType(paths))


def _path(steps: Sequence[str], before: Mapping[str, Steps], needs: Mapping[str, tuple[Steps, ...]]) -> Path:
    after = {step: frozenset(other for other in steps if step in before[other]) for step in steps}
    return Path(tuple(steps), MappingProxyType(dict(needs)), MappingProxyType(dict(before)), MappingProxyType(after))


def _before(mode: Mode) -> dict[str, Steps]:
    """Step → the steps ahead of it on the path; a late step is ahead only of those behind its latest place."""
    place = {step: position for position, step in enumerate(mode.path)}
    last = {step: place[mode.late.get(step, step)] for step in mode.path}
    return {step: frozenset(other for other in mode.path if last[other] < place[step]) for step in mode.path}


def _needs(mode: Mode, rules: Mapping[str, MilestoneRule]) -> dict[str, tuple[Steps, ...]]:
    """Step → the required steps ahead of it that no other required step vouches for, and what it always needs."""
    before = _before(mode)
    needs: dict[str, tuple[Steps, ...]] = {}
    for step in mode.path:
        required = {other for other in before[step] if other not in mode.optional}
        direct = {one for one in required if not any(one in before[other] for other in required)}
        always = {other for other in rules[step].needs if other in mode.path}
        needs[step] = (frozenset(direct | always),)
    return needs


def _any_of(paths: Sequence[Path]) -> Path:
    """All that some path allows: an order of two steps is wrong if it is on every path that has both."""
    steps = [name for name in NAMES if any(name in path.needs for path in paths)]
    having = {step: [path for path in paths if step in path.needs] for step in steps}
    before = {step: frozenset(other for other in steps if _always_ahead(other, step, having[step])) for step in steps}
    needs = {step: tuple(dict.fromkeys(path.needs[step][0] for path in having[step])) for step in steps}
    return _path(steps, before, needs)


def _always_ahead(other: str, step: str, paths: Sequence[Path]) -> bool:
    both = [path for path in paths if other in path.needs]
    return bool(both) and all(other in path.before[step] for path in both)
