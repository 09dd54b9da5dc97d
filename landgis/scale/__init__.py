"""The same work over partitions on a Dask cluster: how the land is cut, sorted into pieces, worked on and resumed."""
