#!/bin/sh
# Trains one run on a machine that shares no files with others. The run's folder lives in a bucket, of S3 or of anything
# that speaks its protocol (AWS_ENDPOINT_URL), and its checkpoints go there as they are made:
#
#   scripts/train_with_bucket.sh s3://bucket/project RUN sr train PAPER/RECIPE ... --output RUN
#
# The same command on any machine goes on from the last checkpoint. Needs the AWS command line (`pip install awscli`).
# What the training reads has to be there: aws s3 sync s3://bucket/project/data data, and for a recipe that begins
# with another's generator, that run.
# SECONDS_BETWEEN_COPIES (300): what a machine that vanishes loses, beside the minutes between checkpoints.
set -eu

if [ $# -lt 3 ]; then
    echo "usage: $0 s3://BUCKET/PROJECT RUN COMMAND..." >&2
    exit 2
fi
bucket=$1/$2
run=$2
shift 2

mkdir -p "$run"
# A failed copy must not look like a run that has not begun.
aws s3 sync --only-show-errors "$bucket" "$run"

# A checkpoint has its name only when it is whole, and one that a vanished machine left half copied is known by its
# seal. A file that goes while it is copied is an error that the next copy mends.
copy() {
    aws s3 sync --only-show-errors --delete --exclude '*.part-*' --exclude '*/lock' "$run" "$bucket"
}

"$@" &
training=$!
trap 'kill -TERM "$training" 2> /dev/null || true' TERM INT
(
    seconds=0
    while kill -0 "$training" 2> /dev/null; do
        sleep 1
        seconds=$((seconds + 1))
        if [ "$seconds" -ge "${SECONDS_BETWEEN_COPIES:-300}" ]; then
            copy || true
            seconds=0
        fi
    done
) &
copying=$!

code=0
wait "$training" || code=$?
# A signal interrupts the first wait; the training then saves its state and ends.
while kill -0 "$training" 2> /dev/null; do
    code=0
    wait "$training" || code=$?
done
wait "$copying" || true
copy
exit "$code"
