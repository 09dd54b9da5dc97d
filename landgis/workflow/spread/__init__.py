"""Scoring on a cluster: the same functions as on one machine, over partitions of the land."""
