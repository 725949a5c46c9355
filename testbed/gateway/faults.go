package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// faults are the misbehaviours asked for: name to value, "" where none was given.
type faults map[string]string

// knownFaults: name to whether it takes a value (optional where the name works without one).
var knownFaults = map[string]bool{
	"hello-fail": false, "hello-503": false, "slow": true, "version": true, "log-version": true,
	"crash": true, "hang": false, "noisy-log": true, "secret-in-log": false, "not-ready": false,
	"lose-apis": false, "garbage": false, "reset": false, "escape": false,
}

func (f faults) has(name string) bool {
	_, ok := f[name]
	return ok
}

// delay returns the value of the fault as a duration, fallback where it has none.
func (f faults) delay(name string, fallback time.Duration) time.Duration {
	if d, err := parseDelay(f[name]); err == nil {
		return d
	}
	return fallback
}

// count returns the value of the fault as a number, fallback where it has none.
func (f faults) count(name string, fallback int) int {
	if n, err := strconv.Atoi(f[name]); err == nil && n > 0 {
		return n
	}
	return fallback
}

// parseFaults reads "name,name=value"; commas and white space separate.
func parseFaults(text string) (faults, error) {
	found := faults{}
	separator := func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }
	for _, word := range strings.FieldsFunc(text, separator) {
		name, value, given := strings.Cut(word, "=")
		takes, known := knownFaults[name]
		switch {
		case !known:
			return nil, fmt.Errorf("unknown fault %q, known are %s", name, strings.Join(sortedKeys(knownFaults), ", "))
		case given && !takes:
			return nil, fmt.Errorf("fault %q takes no value", name)
		case !given && (name == "version" || name == "log-version"):
			return nil, fmt.Errorf("fault %q needs a value", name)
		}
		if err := checkFaultValue(name, value); err != nil {
			return nil, err
		}
		found[name] = value
	}
	return found, nil
}

func checkFaultValue(name, value string) error {
	if value == "" {
		return nil
	}
	var err error
	switch name {
	case "slow", "crash":
		_, err = parseDelay(value)
	case "noisy-log":
		_, err = strconv.Atoi(value)
	}
	if err != nil {
		return fmt.Errorf("fault %s=%s: %w", name, value, err)
	}
	return nil
}

// faultSource gives the faults that hold now: those of STANDIN_FAULT and, read anew each time,
// those in STANDIN_FAULT_FILE. A missing file holds none.
type faultSource struct {
	fixed faults
	file  string
	read  func(string) ([]byte, error)
}

func (s faultSource) now() (faults, error) {
	if s.file == "" {
		return s.fixed, nil
	}
	data, err := s.read(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return s.fixed, nil
	}
	if err != nil {
		return s.fixed, err
	}
	all, err := parseFaults(string(data))
	if err != nil {
		return s.fixed, fmt.Errorf("%s: %w", s.file, err)
	}
	for name, value := range s.fixed {
		if !all.has(name) {
			all[name] = value
		}
	}
	return all, nil
}

// disturb applies the faults that spoil any answer; it reports whether it dealt with the request.
func disturb(f faults, w http.ResponseWriter, r *http.Request) bool {
	if f.has("slow") {
		time.Sleep(f.delay("slow", 3*time.Second))
	}
	switch {
	case f.has("hang"):
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case f.has("reset"):
		resetConnection(w)
		return true
	case f.has("garbage"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!DOCTYPE html>\n<html><body><h1>Welcome</h1></body></html>\n")
		return true
	}
	return false
}

// resetConnection drops the connection so that the peer sees a reset.
func resetConnection(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		// Linger 0 sends RST in place of FIN; without it the close is an orderly one, also an accepted spoil.
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
