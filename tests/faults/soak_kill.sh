# A search killed 20 times (SOAK=1: SOAK_KILLS) and restarted: see kill.sh.
. tests/faults/smallest.sh
kills=$(how_often 20 1000)
seed=${SOAK_SEED:-20}
tsv kill
tests/faults/kill.sh $kills "$seed" || { result 1 'kill -9' 'process group at a random moment' $kills 1 "$seed"; exit 1; }
result 1 'kill -9' 'process group at a random moment, -j1 and -j4' $kills 0 "$seed"
