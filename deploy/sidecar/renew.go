package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// renew tells every hold of this program that we can see that it is still needed. Usually it is process 1; where the
// pod shares one process namespace it is any other, so it is looked for by its command line.
func renew() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	for _, pid := range holdsOf("/proc", program) {
		// Not allowed or gone: then it is not ours.
		_ = syscall.Kill(pid, renewal)
	}
}

// holdsOf finds the processes under a /proc that were started as `program hold …`.
func holdsOf(proc, program string) []int {
	paths, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "cmdline"))
	if err != nil {
		return nil
	}
	var pids []int
	for _, path := range paths {
		line, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		words := bytes.Split(line, []byte{0})
		if len(words) < 2 || string(words[0]) != program || string(words[1]) != "hold" {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
