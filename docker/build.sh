#!/bin/sh
# Builds both sizes of the image and says what they weigh. From the environment, all optional:
#   ENGINE         docker or podman; without it, the first of them that answers
#   BASE           another base image than the Dockerfile's
#   NAME           drydock
#   BUILD_OPTIONS  further options of `ENGINE build`
set -eu
cd "$(dirname "$0")/.."

answering() {
    for engine in docker podman; do
        if "$engine" info >/dev/null 2>&1; then
            echo "$engine"
            return
        fi
    done
    echo "An image needs docker (with its daemon) or podman; neither answers." >&2
    exit 2
}

engine=${ENGINE:-$(answering)}
name=${NAME:-drydock}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
created=$(git log -1 --format=%cI 2>/dev/null || echo unknown)

for size in slim full; do
    # shellcheck disable=SC2086 # both hold several words
    $engine build --target "$size" --tag "$name:$size" \
        --label "org.opencontainers.image.revision=$revision" --label "org.opencontainers.image.created=$created" \
        ${BASE:+--build-arg "BASE=$BASE"} ${BUILD_OPTIONS:-} .
done
for size in slim full; do
    # shellcheck disable=SC2086
    $engine save "$name:$size" | python3 docker/weigh.py "$name:$size"
done
