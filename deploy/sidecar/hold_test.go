package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// held runs a hold whose renewals come from the test, and returns why it ended.
func held(options holdOptions, drive func(renew func(), stop func())) string {
	renewals, stop := make(chan os.Signal), make(chan os.Signal, 1)
	ended := make(chan string, 1)
	go func() { ended <- wait(options, time.Now(), renewals, stop) }()
	drive(func() { renewals <- renewal }, func() { stop <- syscall.SIGTERM })
	return <-ended
}

func TestAHoldEndsWhenNoFetchComes(t *testing.T) {
	why := held(holdOptions{idleTTL: time.Millisecond, maxLife: time.Hour}, func(_, _ func()) {})
	if !strings.HasPrefix(why, "no fetch for") {
		t.Fatal(why)
	}
}

func TestAFetchBeginsTheIdleTimeAnew(t *testing.T) {
	const idle = time.Second
	var renewed time.Time
	why := held(holdOptions{idleTTL: idle, maxLife: time.Hour}, func(renew, _ func()) {
		time.Sleep(idle / 10)
		renewed = time.Now()
		renew()
	})
	if since := time.Since(renewed); since < idle || !strings.HasPrefix(why, "no fetch for") {
		t.Fatalf("ended %v after the fetch: %s", since, why)
	}
}

func TestAHoldEndsAfterItsLifeHoweverOftenItIsRenewed(t *testing.T) {
	renewals, done := make(chan os.Signal), make(chan struct{})
	go func() {
		for {
			select {
			case renewals <- renewal:
			case <-done:
				return
			}
		}
	}()
	defer close(done)
	why := wait(holdOptions{idleTTL: time.Hour, maxLife: 20 * time.Millisecond}, time.Now(), renewals, nil)
	if !strings.HasPrefix(why, "its life of") {
		t.Fatal(why)
	}
}

func TestAHoldThatIsStartedLateEndsAtOnce(t *testing.T) {
	startBy := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	options := holdOptions{idleTTL: time.Hour, maxLife: time.Hour, startBy: startBy}
	if why := wait(options, startBy.Add(time.Second), nil, nil); !strings.HasPrefix(why, "started after 2026-11-22T12:00:00Z") {
		t.Fatal(why)
	}
	options.idleTTL = time.Millisecond
	if why := wait(options, startBy, nil, nil); !strings.HasPrefix(why, "no fetch for") {
		t.Fatal(why)
	}
}

func TestAHoldEndsWhenItIsTold(t *testing.T) {
	why := held(holdOptions{idleTTL: time.Hour, maxLife: time.Hour}, func(_, stop func()) { stop() })
	if !strings.HasPrefix(why, "told to end") {
		t.Fatal(why)
	}
}

func TestWrongFlagsOfHoldAreRefused(t *testing.T) {
	for _, flags := range [][]string{{"--idle-ttl", "0s"}, {"--max-life", "-1s"}, {"--start-by", "soon"}, {"--idle-ttl", "ten"}, {"extra"}} {
		if _, err := holdOptionsOf(flags); err == nil {
			t.Errorf("%q is allowed", flags)
		}
	}
}
