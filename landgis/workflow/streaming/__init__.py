"""Scoring Parquet files by stretches, as arrays from file to file: what a county of a million parcels takes."""
