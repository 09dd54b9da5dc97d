#!/bin/bash
#SBATCH --job-name=landgis
#SBATCH --ntasks=17
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=4G
#SBATCH --time=04:00:00
# The first task is the scheduler, the others are single-threaded workers. Submit the same script again after a time-out:
# the job goes on where it was.
set -euo pipefail
shared=${LANDGIS_SHARED:?name a folder that all nodes see}
file=$shared/scheduler-$SLURM_JOB_ID.json

srun --ntasks=1 --exact dask scheduler --scheduler-file "$file" --port 0 &
until [ -s "$file" ]; do sleep 1; done
srun --ntasks=16 --exact dask worker --scheduler-file "$file" --nthreads 1 --memory-limit 4GB &

address=$(python -c 'import json, sys; print(json.load(open(sys.argv[1]))["address"])' "$file")
landgis score --parcels "$shared/parcels.parquet" --buildings "$shared/buildings.parquet" \
    --enterprises "$shared/enterprises.parquet" --occupancies "$shared/occupancies.parquet" \
    --out "$shared/result.parquet" --report "$shared/report.json" --cluster "$address"
