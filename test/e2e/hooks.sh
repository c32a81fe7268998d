#!/usr/bin/env bash
# E2E_HOOKS for a cluster of one node on this machine. LAB is the program that runs it: `LAB signal apiserver KILL`,
# `LAB start` (whatever is not running), `LAB ctr …` (containerd's client), `LAB image NAME BINARY`.
# Needs root.
set -euo pipefail
lab=${LAB:?the program that runs the cluster}

pid_of() { # CONTAINER-ID
  "$lab" ctr tasks list | awk -v id="${1#*://}" '$1 == id {print $2}'
}

rule() { # -I|-D CONTAINER-ID PORT
  nsenter --target "$(pid_of "$2")" --net iptables "$1" INPUT ! -i lo -p tcp --dport "$3" -j DROP
}

case $1 in
  restart-apiserver) "$lab" signal apiserver KILL && "$lab" start ;;
  drop-packets) rule -I "$2" "$3" ;;
  pass-packets) rule -D "$2" "$3" ;;
  freeze-container) "$lab" ctr tasks pause "${2#*://}" ;;
  thaw-container) "$lab" ctr tasks resume "${2#*://}" ;;
  kill-container) "$lab" ctr tasks kill --signal SIGKILL "${2#*://}" ;;
  # The bridge's address manager goes on from the address it gave last; the node forgets whose it was.
  next-address)
    ip neigh flush to "$2"
    printf '%s.%d' "${2%.*}" $((${2##*.} - 1)) >"$(dirname "$("$lab" kubeconfig)")/../cni-ipam/flameherd-lab/last_reserved_ip.0"
    ;;
  node-folder)
    folder=$(dirname "$("$lab" kubeconfig)")/../volumes/$2
    install -d -m 755 -o root -g root "$folder"
    realpath "$folder"
    ;;
  image) "$lab" "$@" ;;
  import-image) "$lab" ctr images import --no-unpack "$2" ;;
  *) echo "no hook $1" >&2; exit 2 ;;
esac
