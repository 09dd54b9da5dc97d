"""Metrics → score, grade, rank, verdict and reasons, with how sure they are."""
