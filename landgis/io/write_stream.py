import pyarrow as pa
import pyarrow.parquet as pq


class LayerWriter:
    def __init__(s,path,**about): s.p=path; s.w=None
    def __enter__(s): return s
    def __exit__(s,*a): s.w.close()
    def write(s,cols,wkb):
        t=pa.table({**{n:(c if isinstance(c,pa.Array) else pa.array(c,from_pandas=True)) for n,c in cols.items()},"geometry":wkb})
        if s.w is None:
            words=[f.name for f in t.schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type) or pa.types.is_dictionary(f.type)]
            words=[w for w in words if not w.startswith("reasons_") and w!="parcel_id"]
            s.w=pq.ParquetWriter(s.p,t.schema,compression="zstd",compression_level=1,use_dictionary=words,write_statistics=False)
        s.w.write_table(t)
