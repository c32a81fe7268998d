package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// asked asks a server of the loopback that answers by this handler.
func asked(t *testing.T, handler http.HandlerFunc, flags ...string) (report, int, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	return askedAt(t, server.URL+"/debug/pprof/heap", flags...)
}

func askedAt(t *testing.T, url string, flags ...string) (report, int, string) {
	t.Helper()
	options, err := fetchOptionsOf(append([]string{"--url", url}, flags...))
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	told, code := ask(options, &body)
	return told, code, body.String()
}

func TestAGzippedBodyComesByteForByte(t *testing.T) {
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	fmt.Fprint(writer, strings.Repeat("profile", 1000))
	writer.Close()
	told, code, body := asked(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("asked for an encoding: %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(zipped.Bytes())
	})
	want := report{Status: 200, ContentType: "application/octet-stream", Bytes: int64(zipped.Len())}
	if told != want || code != exitDone || body != zipped.String() {
		t.Fatalf("%+v, exit %d, %d bytes", told, code, len(body))
	}
}

func TestABodyOfExactlyTheMostFitsAndOneByteMoreDoesNot(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		serve := func(size int) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				if chunked {
					w.(http.Flusher).Flush()
				}
				io.WriteString(w, strings.Repeat("x", size))
			}
		}
		if told, code, body := asked(t, serve(1000), "--max-bytes", "1000"); code != exitDone || len(body) != 1000 {
			t.Errorf("chunked %v: %+v, exit %d, %d bytes", chunked, told, code, len(body))
		}
		if told, code, body := asked(t, serve(1001), "--max-bytes", "1000"); code != exitTooLarge || len(body) > 1000 {
			t.Errorf("chunked %v: %+v, exit %d, %d bytes", chunked, told, code, len(body))
		}
		if told, code, body := asked(t, serve(1001), "--max-bytes", "1000", "--cut"); code != exitDone || len(body) != 1000 {
			t.Errorf("chunked %v, cut: %+v, exit %d, %d bytes", chunked, told, code, len(body))
		}
	}
}

func TestAnAnswerThatIsNoProfileIsToldAndNotWritten(t *testing.T) {
	told, code, body := asked(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Go-Pprof", "1")
		w.WriteHeader(500)
		io.WriteString(w, "Could not enable CPU profiling: cpu profiling already in use\x1b[31m\n"+strings.Repeat("x", 5000))
	})
	if code != exitDone || body != "" || told.Status != 500 || !told.GoPprof {
		t.Fatalf("%+v, exit %d, body %q", told, code, body)
	}
	if !strings.HasPrefix(told.Snippet, "Could not enable CPU profiling: cpu profiling already in use [31m ") || len(told.Snippet) > maxSnippet {
		t.Fatalf("snippet %q", told.Snippet)
	}
	told, _, body = asked(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(403)
		io.WriteString(w, "<b>secret</b>")
	})
	if told.Snippet != "" || body != "" {
		t.Fatalf("text of a page: %+v, body %q", told, body)
	}
}

func TestARedirectIsToldAndNeverFollowed(t *testing.T) {
	requests := 0
	told, code, _ := asked(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
	})
	if told.Status != 302 || told.Location != "http://169.254.169.254/latest" || code != exitDone || requests != 1 {
		t.Fatalf("%+v, exit %d, %d requests", told, code, requests)
	}
}

func TestAProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	if told, code, body := asked(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "here") }); code != exitDone || body != "here" {
		t.Fatalf("%+v, exit %d, body %q", told, code, body)
	}
}

func TestTLSIsSpokenWithoutLookingAtTheCertificate(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "secure") }))
	defer server.Close()
	if told, code, body := askedAt(t, server.URL+"/x"); code != exitDone || body != "secure" {
		t.Fatalf("%+v, exit %d, body %q", told, code, body)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	if told, code, _ := askedAt(t, strings.Replace(plain.URL, "http:", "https:", 1)+"/x"); code != exitTLS {
		t.Fatalf("plain HTTP behind https: %+v, exit %d", told, code)
	}
}

func TestWhyThereIsNoAnswerIsTheExitCode(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if told, code, _ := askedAt(t, "http://"+silent.Addr().String()+"/x", "--timeout", "50ms"); code != exitTimeout {
		t.Errorf("silent: %+v, exit %d", told, code)
	}
	if told, code, _ := asked(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}); code != exitNetwork || told.Status != 200 {
		t.Errorf("broken off: %+v, exit %d", told, code)
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if told, code, _ := askedAt(t, "http://"+closed.Addr().String()+"/x"); code != exitRefused || told.Status != 0 {
		t.Errorf("closed: %+v, exit %d", told, code)
	}
}

func TestLocalhostIsBothLoopbackAddressesInTurn(t *testing.T) {
	six, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Logf("no IPv6 on this machine, so 127.0.0.1 stands for it: %v", err)
		if six, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "six") }))
	server.Listener.Close()
	server.Listener = six
	server.Start()
	defer server.Close()
	_, port, _ := net.SplitHostPort(six.Addr().String())
	if told, code, body := askedAt(t, "http://localhost:"+port+"/x"); code != exitDone || body != "six" {
		t.Fatalf("%+v, exit %d, body %q", told, code, body)
	}
}

func TestEveryOtherHostIsRefused(t *testing.T) {
	for _, url := range []string{
		"", "heap", "/debug", "http://127.0.0.1/x", "http://127.0.0.1:0/x", "http://127.0.0.1:65536/x", "http://127.0.0.1:pprof/x",
		"http://127.0.0.2:6060/x", "http://0.0.0.0:6060/x", "http://10.1.2.3:6060/x", "http://169.254.169.254:80/x",
		"http://example.com:80/x", "http://localhost.example.com:80/x", "http://LOCALHOST:80/x", "http://[::ffff:127.0.0.1]:80/x",
		"http://[::1%25lo]:80/x", "http://2130706433:80/x", "http://127.1:80/x", "http://127.0.0.1:80@10.1.2.3:80/x", "http://user@127.0.0.1:80/x",
		"http://127.0.0.1:80#@evil:80/", "ftp://127.0.0.1:21/x", "file:///etc/passwd", "http:127.0.0.1:80", "http://127.0.0.1:80/\r\nX: y",
	} {
		if _, err := fetchOptionsOf([]string{"--url", url}); err == nil {
			t.Errorf("%q is allowed", url)
		}
	}
	for _, flags := range [][]string{{"--max-bytes", "0"}, {"--timeout", "0s"}, {"--timeout", "6m"}, {"--nope"}, {"extra"}} {
		if _, err := fetchOptionsOf(append([]string{"--url", "http://127.0.0.1:80/x"}, flags...)); err == nil {
			t.Errorf("%q is allowed", flags)
		}
	}
}

func TestAFetchRenewsTheHoldsItSees(t *testing.T) {
	proc := t.TempDir()
	for pid, line := range map[string]string{
		"1":  "/flameherd-sidecar\x00hold\x00--idle-ttl\x0010m\x00",
		"7":  "/flameherd-sidecar\x00fetch\x00--url\x00",
		"9":  "/app\x00hold\x00",
		"12": "/flameherd-sidecar\x00hold\x00",
		"13": "",
	} {
		if err := os.MkdirAll(proc+"/"+pid, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(proc+"/"+pid+"/cmdline", []byte(line), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if pids := holdsOf(proc, "/flameherd-sidecar"); fmt.Sprint(pids) != "[1 12]" {
		t.Fatalf("found %v", pids)
	}
}

func TestTheFlagsAreRead(t *testing.T) {
	if options, err := fetchOptionsOf([]string{"--url", "http://[::1]:6060/x", "--timeout", "90s"}); err != nil || options.timeout != 90*time.Second {
		t.Fatalf("%+v %v", options, err)
	}
}
