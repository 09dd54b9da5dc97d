"""The part of the job that is no geometry, in SQL that DuckDB, DataFusion and PostgreSQL read alike.

Expects `land` (parcel_id, area_m2), `stands` (parcel_id, overlap_m2, storeys, counted), occupancies and enterprises.
"""

from __future__ import annotations

from benchmarks.score import job

COUNTED = f"CASE WHEN height_m > {job.DOUBLE_ABOVE_M} * storeys THEN 2 ELSE 1 END"

BUILT = """
    SELECT parcel_id, SUM(overlap_m2) AS footprint_m2, SUM(overlap_m2 * storeys) AS floor_area_m2,
           SUM(overlap_m2 * storeys * counted) AS counted_m2
    FROM stands GROUP BY parcel_id
"""
HOLDS = """
    SELECT parcel_id, enterprise_id, SUM(floor_area_m2) AS held_m2 FROM occupancies GROUP BY parcel_id, enterprise_id
"""
FIRM = "SELECT enterprise_id, SUM(held_m2) AS total_m2 FROM holds GROUP BY enterprise_id"
USED = """
    SELECT holds.parcel_id, COUNT(*) AS occupants, SUM(held_m2) AS occupied_m2, SUM(held_m2 * held_m2) AS squares,
           SUM(output_wan * held_m2 / total_m2) AS output_wan, SUM(tax_wan * held_m2 / total_m2) AS tax_wan,
           MAX(CASE WHEN above_scale THEN 1 ELSE 0 END) AS above
    FROM holds JOIN firm ON holds.enterprise_id = firm.enterprise_id
    JOIN enterprises ON holds.enterprise_id = enterprises.enterprise_id
    GROUP BY holds.parcel_id
"""
METRICS = f"""
    SELECT land.parcel_id, area_m2, COALESCE(footprint_m2, 0) AS footprint_m2,
           COALESCE(footprint_m2, 0) / area_m2 AS building_coverage_ratio, COALESCE(floor_area_m2, 0) AS floor_area_m2,
           COALESCE(counted_m2, 0) / area_m2 AS floor_area_ratio, COALESCE(occupants, 0) AS occupant_count,
           occupied_m2 * occupied_m2 / squares AS effective,
           1 - squares / (occupied_m2 * occupied_m2) AS tenancy_fragmentation,
           CASE WHEN occupants IS NULL THEN 0 ELSE output_wan / area_m2 * {job.M2_PER_MU!r} END AS output_per_mu,
           CASE WHEN occupants IS NULL THEN 0 ELSE tax_wan / area_m2 * {job.M2_PER_MU!r} END AS tax_per_mu,
           CASE WHEN above = 1 THEN {job.TAX_FULL_ABOVE} ELSE {job.TAX_FULL_BELOW} END AS tax_full
    FROM land LEFT JOIN built ON land.parcel_id = built.parcel_id LEFT JOIN used ON land.parcel_id = used.parcel_id
"""
PARTS = f"""
    SELECT *,
           {job.FAR_POINTS} * LEAST(floor_area_ratio / {job.FAR_FULL}, 1.0)
           + {job.COVERAGE_POINTS} * LEAST(building_coverage_ratio / {job.COVERAGE_FULL}, 1.0) AS intensity,
           100 * GREATEST(LEAST((effective - {job.OCCUPANTS_NONE}) / ({job.OCCUPANTS_FULL - job.OCCUPANTS_NONE}), 1.0),
                          0.0) AS tenancy,
           {job.TAX_POINTS} * LEAST(tax_per_mu / tax_full, 1.0) AS tax_points,
           {job.OUTPUT_POINTS} * LEAST(output_per_mu / {job.OUTPUT_FULL}, 1.0) AS output_points
    FROM metrics
"""
TOTALS = f"""
    SELECT *, {job.INTENSITY} * intensity
              + {job.OUTPUT} * CASE WHEN tax_per_mu IS NULL THEN output_points * {100 / job.OUTPUT_POINTS}
                                    ELSE tax_points + output_points END AS sure
    FROM parts
"""
SCORED = f"""
    SELECT *, CASE WHEN effective IS NULL THEN sure / {job.INTENSITY + job.OUTPUT}
                   ELSE sure + {job.TENANCY} * tenancy END AS score
    FROM totals
"""
RANKED = f"""
    SELECT *, (RANK() OVER (ORDER BY ROUND(score * {job.COMPARED}) DESC) - 1)
              / CAST(COUNT(*) OVER () AS DOUBLE PRECISION) AS better
    FROM scored
"""
_GRADES = " ".join(
    f"WHEN better < CAST({share} AS DOUBLE PRECISION) THEN '{grade}'" for grade, share in job.GRADE_SHARES.items()
)
STEPS = {"built": BUILT, "holds": HOLDS, "firm": FIRM, "used": USED, "metrics": METRICS, "parts": PARTS,
         "totals": TOTALS, "scored": SCORED, "ranked": RANKED}  # fmt: skip


def result(*, kept: tuple[str, ...] = ()) -> str:
    """The query of the twelve columns; `kept` steps are tables already and are not written out."""
    steps = ",".join(f"{name} AS ({text})" for name, text in STEPS.items() if name not in kept)
    columns = ", ".join(name for name in job.COLUMNS if name != "grade")
    return f"WITH {steps} SELECT {columns}, CASE {_GRADES} ELSE 'D' END AS grade FROM ranked"
