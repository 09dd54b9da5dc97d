"""Kernels in C for what takes the time at size; everything they do, shapely does too, only slower."""
