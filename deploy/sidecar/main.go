// Command flameherd-sidecar is what flameherd runs in an ephemeral container of a pod whose profiles no other transport
// reaches: it waits for a limited time, and when it is executed again it fetches one answer from the pod's loopback.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// Exit codes of fetch; hold ends with exitDone or exitUsage.
const (
	exitDone     = 0 // hold: its time was over; fetch: an HTTP answer came, whatever its status
	exitUsage    = 2 // a wrong call: a flag, or a URL that is not allowed
	exitRefused  = 3 // nothing listens on that port of the loopback
	exitTimeout  = 4 // no whole answer in time
	exitTooLarge = 5 // the body is longer than --max-bytes
	exitNetwork  = 6 // the connection broke, or what came was no HTTP
	exitTLS      = 7 // the TLS handshake failed
)

const usage = `usage: flameherd-sidecar hold --idle-ttl 10m [--max-life 12h] [--start-by 2026-01-02T15:04:05Z]
       flameherd-sidecar fetch --url http://localhost:6060/debug/pprof/heap --max-bytes 33554432 --timeout 15s [--cut]
`

func main() {
	// It lives inside the limits of somebody else's pod.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(25)
	os.Exit(run(os.Args[1:]))
}

func run(arguments []string) int {
	if len(arguments) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return exitUsage
	}
	switch arguments[0] {
	case "hold":
		return hold(arguments[1:])
	case "fetch":
		return fetch(arguments[1:])
	}
	fmt.Fprint(os.Stderr, usage)
	return exitUsage
}
