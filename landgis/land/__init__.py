"""The land of a job, held as outlines without their files: states, areas, overlaps, and what stands on which parcel."""

from landgis.land.measured import STATES, Measured
from landgis.land.whole import Land

__all__ = ["STATES", "Land", "Measured"]
