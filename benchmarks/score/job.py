"""The job that every engine does: twelve columns of the contract, by the rule set yongkang-draft.

`tests/benchmarks` holds these numbers against the rule set, and the answers against `landgis score`.

An engine reads the four files, mends invalid outlines, lays buildings on parcels, sums floor and firms by parcel,
scores and grades, and writes one row a parcel, in any order. A firm is split over its parcels by the floor that it
occupies; a parcel without a firm yields 0; a score leaves out what is unknown and weighs the rest more
(docs/metrics.md).
"""

from __future__ import annotations

NUMBERS = ("area_m2", "footprint_m2", "building_coverage_ratio", "floor_area_m2", "floor_area_ratio", "occupant_count",
           "tenancy_fragmentation", "output_per_mu", "tax_per_mu", "score")  # fmt: skip
COLUMNS = ("parcel_id", *NUMBERS, "grade")
DOUBLE_ABOVE_M = 8.0  # mean height of a storey from which its floor counts twice
M2_PER_MU = 2000 / 3
FAR_FULL, FAR_POINTS = 2.0, 70.0
COVERAGE_FULL, COVERAGE_POINTS = 0.40, 30.0
OCCUPANTS_NONE, OCCUPANTS_FULL = 10.0, 1.0
TAX_FULL_ABOVE, TAX_FULL_BELOW, TAX_POINTS = 37.0, 15.0, 60.0
OUTPUT_FULL, OUTPUT_POINTS = 600.0, 40.0
INTENSITY, TENANCY, OUTPUT = 0.4, 0.2, 0.4
GRADE_SHARES = {"A": 0.20, "B": 0.60, "C": 0.95}  # cumulated; the rest is D
COMPARED = 1e9  # scores that agree in nine decimals share a rank
