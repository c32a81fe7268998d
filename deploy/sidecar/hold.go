package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// renewal is sent by every fetch. Processes ignore it unless they ask for it, so one that goes astray does no harm.
const renewal = syscall.SIGWINCH

type holdOptions struct {
	idleTTL time.Duration
	maxLife time.Duration
	startBy time.Time
}

// hold stays until no fetch came for --idle-ttl, for --max-life at most. Started after --start-by it ends at once: a
// container whose image could not be pulled is started by the kubelet whenever the image turns up, days later.
func hold(arguments []string) int {
	options, err := holdOptionsOf(arguments)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hold:", err)
		return exitUsage
	}
	renewals := make(chan os.Signal, 1)
	signal.Notify(renewals, renewal)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	fmt.Fprintln(os.Stderr, "hold:", wait(options, time.Now(), renewals, stop))
	return exitDone
}

func holdOptionsOf(arguments []string) (holdOptions, error) {
	flags := flag.NewFlagSet("hold", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	idleTTL := flags.Duration("idle-ttl", 10*time.Minute, "end when no fetch came for so long")
	maxLife := flags.Duration("max-life", 12*time.Hour, "end after so long whatever comes")
	startBy := flags.String("start-by", "", "end at once when started after this moment (RFC 3339)")
	if err := flags.Parse(arguments); err != nil {
		return holdOptions{}, err
	}
	if flags.NArg() > 0 {
		return holdOptions{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *idleTTL <= 0 || *maxLife <= 0 {
		return holdOptions{}, fmt.Errorf("--idle-ttl %v and --max-life %v must be above 0", *idleTTL, *maxLife)
	}
	options := holdOptions{idleTTL: *idleTTL, maxLife: *maxLife}
	if *startBy == "" {
		return options, nil
	}
	moment, err := time.Parse(time.RFC3339, *startBy)
	if err != nil {
		return holdOptions{}, fmt.Errorf("--start-by %q is no RFC 3339 time", *startBy)
	}
	options.startBy = moment
	return options, nil
}

// wait returns why it ended.
func wait(options holdOptions, now time.Time, renewals, stop <-chan os.Signal) string {
	if !options.startBy.IsZero() && now.After(options.startBy) {
		return fmt.Sprintf("started after %s, so nobody waits for it", options.startBy.Format(time.RFC3339))
	}
	life := time.NewTimer(options.maxLife)
	defer life.Stop()
	idle := time.NewTimer(options.idleTTL)
	defer idle.Stop()
	for {
		select {
		case <-renewals:
			if !idle.Stop() {
				select {
				case <-idle.C:
				default:
				}
			}
			idle.Reset(options.idleTTL)
		case <-idle.C:
			return fmt.Sprintf("no fetch for %v", options.idleTTL)
		case <-life.C:
			return fmt.Sprintf("its life of %v is over", options.maxLife)
		case received := <-stop:
			return fmt.Sprintf("told to end (%v)", received)
		}
	}
}
