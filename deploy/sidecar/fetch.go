package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	// maxTimeout bounds --timeout: a dropped exec leaves the process running, so it has to end by itself.
	maxTimeout = 5 * time.Minute
	// maxSnippet bounds what is told of the text of an answer that is no profile.
	maxSnippet = 300
	// maxField bounds every other text of the report.
	maxField = 200
)

type fetchOptions struct {
	target   target
	maxBytes int64
	timeout  time.Duration
	cut      bool
}

// report is the one line that fetch writes to standard error.
type report struct {
	// Status is that of the HTTP answer; 0 when there was none.
	Status      int    `json:"status"`
	ContentType string `json:"contentType"`
	GoPprof     bool   `json:"goPprof"`
	Location    string `json:"location"`
	// Snippet is text of a text/plain answer that is no 2xx.
	Snippet string `json:"snippet"`
	// Bytes is how much of the body went to standard output.
	Bytes int64 `json:"bytes"`
	// Error says in words why there is no answer or no whole one; the exit code says it for programs.
	Error string `json:"error"`
}

// fetch asks one URL of the loopback. The body of a 200 goes to standard output byte for byte, nothing else does; a
// report goes to standard error as one line of JSON.
func fetch(arguments []string) int {
	options, err := fetchOptionsOf(arguments)
	if err != nil {
		return finish(report{Error: err.Error()}, exitUsage)
	}
	// Writing to a reader that went away may block for ever, which no context ends.
	watchdog := time.AfterFunc(options.timeout+time.Second, func() {
		os.Exit(finish(report{Error: "the answer was not taken in time"}, exitTimeout))
	})
	defer watchdog.Stop()
	renew()
	defer renew()
	told, code := ask(options, os.Stdout)
	return finish(told, code)
}

func finish(told report, code int) int {
	line, err := json.Marshal(told)
	if err != nil {
		line = []byte(`{"status":0,"error":"the report cannot be written"}`)
	}
	fmt.Fprintf(os.Stderr, "%s\n", line)
	return code
}

func fetchOptionsOf(arguments []string) (fetchOptions, error) {
	flags := flag.NewFlagSet("fetch", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	text := flags.String("url", "", "what to ask: http or https, host localhost, 127.0.0.1 or [::1], and a port")
	maxBytes := flags.Int64("max-bytes", 32<<20, "the longest body")
	timeout := flags.Duration("timeout", 15*time.Second, "the time until the last byte")
	cut := flags.Bool("cut", false, "take the first --max-bytes of a longer body instead of failing")
	if err := flags.Parse(arguments); err != nil {
		return fetchOptions{}, err
	}
	if flags.NArg() > 0 {
		return fetchOptions{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *maxBytes <= 0 {
		return fetchOptions{}, fmt.Errorf("--max-bytes %d must be above 0", *maxBytes)
	}
	if *timeout <= 0 || *timeout > maxTimeout {
		return fetchOptions{}, fmt.Errorf("--timeout %v must be above 0 and at most %v", *timeout, maxTimeout)
	}
	target, err := targetOf(*text)
	if err != nil {
		return fetchOptions{}, err
	}
	return fetchOptions{target: target, maxBytes: *maxBytes, timeout: *timeout, cut: *cut}, nil
}

// ask sends the request and copies the body of a 200. It never follows a redirect.
func ask(options fetchOptions, body io.Writer) (report, int) {
	ctx, cancel := context.WithTimeout(context.Background(), options.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, options.target.url.String(), nil)
	if err != nil {
		return report{Error: clip(err.Error(), maxField)}, exitUsage
	}
	request.Header.Set("User-Agent", "flameherd")
	request.Header.Set("Accept", "*/*")
	response, err := roundTripper(options.target).RoundTrip(request)
	if err != nil {
		return failed(report{}, err)
	}
	defer response.Body.Close()
	told := report{
		Status:      response.StatusCode,
		ContentType: clip(response.Header.Get("Content-Type"), maxField),
		GoPprof:     response.Header.Get("X-Go-Pprof") == "1",
		Location:    clip(response.Header.Get("Location"), maxField),
	}
	if response.StatusCode != http.StatusOK {
		told.Snippet = snippetOf(response)
		return told, exitDone
	}
	return copyBody(told, response, options, body)
}

func copyBody(told report, response *http.Response, options fetchOptions, body io.Writer) (report, int) {
	if response.ContentLength > options.maxBytes && !options.cut {
		told.Error = fmt.Sprintf("the answer is %d bytes long, at most %d are taken", response.ContentLength, options.maxBytes)
		return told, exitTooLarge
	}
	written, err := io.Copy(body, io.LimitReader(response.Body, options.maxBytes))
	told.Bytes = written
	if err != nil {
		return failed(told, err)
	}
	if written < options.maxBytes || options.cut {
		return told, exitDone
	}
	// One byte more tells a body that fits exactly from one that is too long.
	if more, err := io.ReadFull(response.Body, make([]byte, 1)); more == 0 && errors.Is(err, io.EOF) {
		return told, exitDone
	} else if more == 0 {
		return failed(told, err)
	}
	told.Error = fmt.Sprintf("the answer is longer than %d bytes", options.maxBytes)
	return told, exitTooLarge
}

// snippetOf is text for a message: of plain text only, and never of a 2xx, which may hold anything.
func snippetOf(response *http.Response) string {
	isText := strings.HasPrefix(strings.ToLower(response.Header.Get("Content-Type")), "text/plain")
	if !isText || (response.StatusCode >= 200 && response.StatusCode < 300) {
		return ""
	}
	// What is cut off in the middle still tells something, so an end with an error is an end.
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxSnippet))
	return clip(string(text), maxSnippet)
}

// clip makes text from a server harmless: control characters become spaces, and it is cut to so many bytes.
func clip(text string, most int) string {
	clean := strings.Map(func(r rune) rune {
		if r < 0x20 || (r >= 0x7f && r < 0xa0) {
			return ' '
		}
		return r
	}, text)
	if len(clean) > most {
		clean = clean[:most]
	}
	return strings.TrimSpace(strings.ToValidUTF8(clean, ""))
}
