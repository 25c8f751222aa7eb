#!/bin/sh
# How long `bitzoo score` takes on the 34 recorded models (102 MB, warm), beside reading alone.
# Usage: bench/score.sh [PROGRAM]; fails when the median is over the limit. Needs hyperfine.
set -eu
cd "$(dirname "$0")/.."
program=${1:-build/src/cli/bitzoo}
recorded=${BITZOO_SHARED:-../shared/data}/recorded
limit_ms=50

if [ ! -d "$recorded" ]; then
    echo "bench/score.sh: skipped: $recorded is not there (BITZOO_SHARED names another place)" >&2
    exit 0
fi
table=$(mktemp)
trap 'rm -f "$table"' EXIT
hyperfine --shell=none --warmup 5 --runs 60 --export-csv "$table" \
    --command-name "score" \
    "$program score -k $recorded/keras_imagenet -p $recorded/pytorch_imagenet" \
    --command-name "score, one thread" \
    "$program score -t 1 -k $recorded/keras_imagenet -p $recorded/pytorch_imagenet" \
    --command-name "cat of the same files" \
    "sh -c 'cat $recorded/keras_imagenet/*.npy $recorded/pytorch_imagenet/*.npy > /dev/null'"
awk -F, -v limit="$limit_ms" '$1 == "score" {
    printf "median %.1f ms, limit %d ms\n", 1000 * $4, limit
    exit 1000 * $4 > limit
}' "$table"
