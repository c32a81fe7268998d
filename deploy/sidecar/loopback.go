package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"
)

// target is a URL of the pod's own loopback, with the addresses that may be dialled for it, in turn.
type target struct {
	url       *url.URL
	addresses []string
}

// targetOf refuses every URL that is not plainly one of the loopback. Names are never looked up: `localhost` stands for
// 127.0.0.1 and then ::1.
func targetOf(text string) (target, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return target{}, fmt.Errorf("--url %q is no URL", clip(text, maxField))
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" {
		return target{}, fmt.Errorf("--url: scheme %q is neither http nor https", clip(parsed.Scheme, maxField))
	}
	if parsed.User != nil || parsed.Fragment != "" || parsed.Opaque != "" {
		return target{}, errors.New("--url may have no credentials and no fragment")
	}
	port, err := strconv.ParseUint(parsed.Port(), 10, 16)
	if err != nil || port == 0 {
		return target{}, fmt.Errorf("--url: port %q is not between 1 and 65535", clip(parsed.Port(), maxField))
	}
	var hosts []string
	switch parsed.Hostname() {
	case "127.0.0.1", "::1":
		hosts = []string{parsed.Hostname()}
	case "localhost":
		hosts = []string{"127.0.0.1", "::1"}
	default:
		return target{}, fmt.Errorf("--url: host %q is not the loopback: 127.0.0.1, [::1] or localhost", clip(parsed.Hostname(), maxField))
	}
	found := target{url: parsed}
	for _, host := range hosts {
		found.addresses = append(found.addresses, net.JoinHostPort(host, strconv.FormatUint(port, 10)))
	}
	return found, nil
}

// roundTripper dials the addresses of the target and no other, whatever it is asked for; it knows no proxy, follows no
// redirect and leaves a gzipped body as it is. Certificates are not verified: none is issued for the loopback.
func roundTripper(to target) http.RoundTripper {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, to.addresses) },
		TLSClientConfig:        &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}},
		DisableCompression:     true,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

func dial(ctx context.Context, addresses []string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	var first error
	for _, address := range addresses {
		connection, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return connection, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// failed puts an error into the report, in words that hold nothing of what the server said, and into an exit code.
func failed(told report, err error) (report, int) {
	var unreadable tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var alert tls.AlertError
	var network net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		told.Error = "nothing listens there"
		return told, exitRefused
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		told.Error = "no whole answer in time"
		return told, exitTimeout
	case errors.As(err, &unreadable), errors.As(err, &authority), errors.As(err, &alert):
		told.Error = "the TLS handshake failed: is it plain HTTP?"
		return told, exitTLS
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		told.Error = "the connection was broken off"
		return told, exitNetwork
	}
	told.Error = "the answer ended early or is no HTTP"
	return told, exitNetwork
}
