#!/usr/bin/env bash
# Makes the bases of the two images from the distribution's packages, npm's and this machine's Go, for where no registry of images can
# be reached: localhost/flameherd-build (Node with npm, a shell, binutils, Go) and localhost/flameherd-base (glibc, libstdc++, certificates;
# no shell). Needs root, apt, buildah and debootstrap. An image that is there is kept; `bases.sh --again` makes them anew.
set -euo pipefail
cd "$(dirname "$0")/../.."
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

wanted() { [ "${again:-}" ] || ! buildah inspect --type image "$1" >/dev/null 2>&1; }
[ "${1:-}" != --again ] || again=1

commit() { # FOLDER IMAGE [CONFIG…]: a folder as an image of one layer
  local folder=$1 image=$2 container; shift 2
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$folder" / >/dev/null
  [ $# -eq 0 ] || buildah config "$@" "$container"
  buildah commit --quiet --rm --format docker "$container" "$image" >/dev/null
  printf '%s: %s MB\n' "$image" "$(du -sm "$folder" | cut -f1)"
}

build_base() {
  local root=$work/build node
  debootstrap --variant=minbase --include=ca-certificates,binutils "$suite" "$root" >"$work/log" || { tail "$work/log" >&2; exit 1; }
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}
  # Whom this machine trusts: what is loaded from registries may come through its proxy. The image itself is not made of these.
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  node=$(node -p process.execPath)
  [[ $("$node" --version) = v24.* ]] || { echo "$node is not Node 24: npm ci brings one, npm run image finds it" >&2; exit 1; }
  npm install --prefix "$work/npm" --no-audit --no-fund --loglevel=error npm@11 >/dev/null
  mkdir -p "$root/usr/local/lib/node_modules"
  install -m 755 "$node" "$root/usr/local/bin/node"
  cp -a "$work/npm/node_modules/npm" "$root/usr/local/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  cp -a "$(go env GOROOT)/." "$root/usr/local/go/"
  commit "$root" localhost/flameherd-build \
    --env PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt --env NPM_CONFIG_UPDATE_NOTIFIER=false --cmd /bin/sh
}

final_base() {
  local root=$work/base package
  mkdir -p "$work/debs" "$root"/{tmp,home/nonroot,var/lib/dpkg/status.d,etc/ssl/certs}
  (cd "$work/debs" && apt-get download -qq base-files netbase gcc-12-base libc6 libgcc-s1 libstdc++6 ca-certificates 2>/dev/null)
  for package in "$work"/debs/*.deb; do
    dpkg-deb -x "$package" "$work/unpacked"
    # Where scanners look for the packages of images without dpkg.
    dpkg-deb -f "$package" >"$root/var/lib/dpkg/status.d/$(dpkg-deb -f "$package" Package)"
  done
  # Licences, libraries, names of protocols, certificates; character sets of iconv are for programs that Node is not.
  (cd "$work/unpacked" && rm -rf usr/share/{doc/*/changelog*,man,locale,lintian,info,perl5,gcc} usr/lib/*/gconv usr/{bin,sbin} bin sbin etc/{init.d,default,update-motd.d} var)
  cp -a "$work/unpacked/." "$root/"
  find "$root/usr/share/ca-certificates" -name '*.crt' -print0 | sort -z | xargs -0 cat >"$root/etc/ssl/certs/ca-certificates.crt"
  rm -rf "$root/usr/share/ca-certificates"
  printf '%s\n' 'root:x:0:0:root:/root:/sbin/nologin' 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nonroot:x:65532:' >"$root/etc/group"
  chmod 1777 "$root/tmp"
  chown 65532:65532 "$root/home/nonroot"
  commit "$root" localhost/flameherd-base --user 65532:65532 \
    --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
}

! wanted localhost/flameherd-build || build_base
! wanted localhost/flameherd-base || final_base
