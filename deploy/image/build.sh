#!/usr/bin/env bash
# Builds both images for this machine's platform, without a daemon and without a registry of images, as OCI archives:
#
#   deploy/image/build.sh [FOLDER]          dist/images/flameherd.tar and flameherd-sidecar.tar
#
# The bases are made by bases.sh; BASE, BUILD_BASE, SIDECAR_BASE and SIDECAR_BUILD_BASE name others. TAG is lab unless set. Needs root and
# buildah of the distribution; what is downloaded are packages of npm and of the distribution.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-dist/images}
tag=${TAG:-lab}
build_base=${BUILD_BASE:-localhost/flameherd-build}
version=$(node -p 'require("./package.json").version')
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain -- . 2>/dev/null | head -1)" ] || revision=$revision-changed
source=${SOURCE_URL:-}
platform=linux/$(dpkg --print-architecture)

[ "$build_base" != localhost/flameherd-build ] || deploy/image/bases.sh
mkdir -p "$out"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# isolation by chroot needs no runtime of containers
make() { # NAME CONTEXT BUILD_BASE BASE
  local name=$1 image=localhost/$1:$tag started=$SECONDS container folder
  buildah build --layers --isolation chroot --format docker --platform "$platform" --build-arg "BUILD_BASE=$3" --build-arg "BASE=$4" \
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "SOURCE=$source" -t "$image" "$2" >"$log" 2>&1 || { tail -40 "$log" >&2; exit 1; }
  rm -f "$out/$name.tar"
  buildah push --quiet "$image" "oci-archive:$out/$name.tar:$image"
  container=$(buildah from "$image")
  folder=$(buildah mount "$container")
  printf '%s: %s MB on disk, %s MB compressed, %s s\n' "$out/$name.tar" "$(megabytes "$folder")" \
    "$(megabytes "$out/$name.tar")" "$((SECONDS - started))"
  parts "$folder"
  buildah rm "$container" >/dev/null
}

megabytes() { du -sb "$1" | awk '{printf "%.1f", $1 / 1e6}'; }

parts() { # FOLDER
  local part
  for part in usr/local/bin/node app/node_modules app/dist app/sbom.cdx.json; do
    [ ! -e "$1/$part" ] || printf '  %-22s %6s MB\n' "/$part" "$(megabytes "$1/$part")"
  done
}

make flameherd . "$build_base" "${BASE:-localhost/flameherd-base}"
make flameherd-sidecar deploy/sidecar "${SIDECAR_BUILD_BASE:-$build_base}" "${SIDECAR_BASE:-scratch}"
