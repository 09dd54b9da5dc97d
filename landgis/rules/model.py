"""What a rule set says, as frozen records. Every number in them comes from a TOML file with a source and a status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

EMPTY: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Figure:
    """One number of a rule set, where it stands in the file, and how sure it is."""

    path: str  # e.g. "low_efficiency.soft.S1.limit"
    value: float | str
    source: str
    status: Literal["verified", "unverified"]


@dataclass(frozen=True)
class Words:
    """A text of a rule set, in both languages; `{names}` in it are filled with numbers."""

    zh: str
    en: str


@dataclass(frozen=True)
class Level:
    """A benchmark or limit: one number, or one per population, or one per industry from a table of the rule set."""

    value: float | None = None
    by_population: Mapping[str, float] = field(default_factory=lambda: EMPTY)
    table: str | None = None


@dataclass(frozen=True)
class AreaRule:
    """Which area of a parcel counts, and how far registered and drawn area may lie apart without a data gap."""

    prefers: Literal["registered", "geometry"]
    gap_share: float
    gap_m2: float


@dataclass(frozen=True)
class StoreyRule:
    """A storey strictly higher than `double_above_m` counts `counts` times."""

    double_above_m: float
    counts: float


@dataclass(frozen=True)
class Indicator:
    """One metric's way to points: weight · clip((x − zero) / (benchmark − zero), lowest, cap)."""

    metric: str
    weight: float
    benchmark: Level
    zero: float = 0.0
    cap: float | None = 1.0  # None: no cap
    lowest: float = 0.0
    scale: float = 1.0  # the metric is multiplied by this before it meets the benchmark (another unit)
    missing: Missing | None = None  # overrides the policy of the section


Missing = Literal["exclude_and_reweight", "zero", "mean_score"]


@dataclass(frozen=True)
class Classes:
    """Score → class. Quantiles: best share up to each letter, cumulated; cut scores: lowest score of each letter.

    The last letter of `letters` takes the rest. Ties always share the better class.
    """

    method: Literal["quantile", "cutscore"]
    letters: tuple[str, ...]  # ("A", "B", "C", "D")
    bounds: tuple[float, ...]  # one fewer than letters
    within: Literal["zone", "block"] = "zone"


@dataclass(frozen=True)
class ScoreRule:
    """How metrics become three part scores and one score; the weights of the parts sum to 1."""

    weights: Mapping[str, float]  # intensity, tenancy, output
    parts: Mapping[str, tuple[Indicator, ...]]  # the same keys; "output" may be empty when output_from_firms
    missing: Missing
    output_from_firms: bool  # output_score = the firms' evaluation total of all firms on the parcel together
    classes: Classes
    concentration: float  # how close random weight draws stay to the weights (Dirichlet), for rank robustness


@dataclass(frozen=True)
class Condition:
    """One comparison. `subject` is a metric or a column of the parcels (or, for firms, of the enterprises)."""

    subject: str
    test: Literal["<", "<=", ">", ">=", "==", "in"]
    limit: Level | None = None  # for < <= > >=
    words: tuple[str, ...] = ()  # for == and in
    is_column: bool = (
        False  # a column that the office may not keep: if absent, the rule is not applied and that is said
    )


@dataclass(frozen=True)
class Rule:
    """A test that fires when any (or all) of its conditions hold; with a sentence that has the numbers in it."""

    id: str
    conditions: tuple[Condition, ...]
    sentence: Words  # placeholders: {value}, {limit}, {metric}
    combine: Literal["any", "all"] = "any"


@dataclass(frozen=True)
class LowEfficiency:
    """Low = any hard rule, or at least `soft_needed` soft ones; exempt parcels are never low, and not rated."""

    hard: tuple[Rule, ...]
    soft: tuple[Rule, ...]
    soft_needed: int
    exempt: tuple[Rule, ...]


@dataclass(frozen=True)
class Population:
    """Firms that are compared with one another, and by what."""

    name: Literal["above_scale", "below_scale", "tenant"]
    indicators: tuple[Indicator, ...]
    classes: Classes


@dataclass(frozen=True)
class FirmsRule:
    """The evaluation of firms (亩均论英雄)."""

    attribution: Literal["owner_merge", "lessee_includes_rented", "tenant_separate"]
    missing: Missing
    min_land_mu: Mapping[str, float]  # per population; below it a firm is not rated
    populations: tuple[Population, ...]
    vetoes: tuple[Rule, ...]
    not_rated: tuple[Rule, ...]


@dataclass(frozen=True)
class IndustryTable:
    """A number per industry, keyed by the codes of one edition of GB/T 4754, and how 2017 codes lead there.

    `crosswalk`: 2017 code → codes of `edition`. A look-up goes from four digits to three to two; where several codes
    answer, the number lies between their lowest and their highest.
    """

    edition: str
    values: Mapping[str, float]
    names: Mapping[str, str]
    crosswalk: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class MilestoneRule:
    """Where a milestone is recorded, what it always needs, and what proves it."""

    id: str
    level: Literal["block", "parcel", "building"]
    evidence: Words
    evidence_required: bool = False
    needs: tuple[str, ...] = ()  # on every path that has them, even where they are optional
    final: bool = False  # cannot be undone: the parcel cannot withdraw afterwards
    reason: bool = False  # only with a reason
    blockable: bool = False  # not while the parcel's sign_blockers name something that stands against it


@dataclass(frozen=True)
class Mode:
    """A way to renovate (改造模式) and the milestones on its path, in order.

    `optional` steps may be missing; a step in `late` may come as late as the step that it names.
    """

    id: str
    title: Words
    path: tuple[str, ...]
    demolishes: bool
    optional: tuple[str, ...] = ()
    late: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class RuleSet:
    """Everything that decides a score, for one place and year."""

    id: str
    title: Words
    place: str
    year: int
    document: str
    status: Literal["verified", "unverified"]
    note: Words
    area: AreaRule
    storey: StoreyRule
    score: ScoreRule
    low_efficiency: LowEfficiency
    firms: FirmsRule | None
    tables: Mapping[str, IndustryTable]
    milestones: Mapping[str, MilestoneRule]
    modes: Mapping[str, Mode]
    figures: tuple[Figure, ...]
