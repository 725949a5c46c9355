package main

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestLogLinesAsRecorded(t *testing.T) {
	down := errors.New("storage: Redis is either down or was not configured")
	at := time.Date(2026, 11, 23, 20, 4, 25, 0, time.UTC)
	start := func(l *logger) { l.info(inMain, "Tyk API Gateway %s", "X") }
	redis := func(l *logger) {
		l.error(inMain.with("liveness-check", true).with("error", down), "Redis health check failed")
	}
	end := func(l *logger) { l.info(inMain, "Terminating.") }
	cases := []struct {
		name, version, format, level string
		write                        func(*logger)
		want                         string
	}{
		{"5.8 text", "5.8.1", "default", "info", start,
			"time=\"Nov 23 20:04:25\" level=info msg=\"Tyk API Gateway X\" prefix=main\n"},
		{"5.13.1 text", "5.13.1", "default", "info", start,
			"time=\"2026-11-23T20:04:25Z\" level=info msg=\"Tyk API Gateway X\" prefix=main\n"},
		{"5.14.0 text", "5.14.0", "", "", start,
			"time=\"2026-11-23T20:04:25Z\" level=info message=\"Tyk API Gateway X\" prefix=main\n"},
		{"redis down", "5.8.1", "", "", redis, "time=\"Nov 23 20:04:25\" level=error msg=\"Redis health check failed\" " +
			"error=\"storage: Redis is either down or was not configured\" liveness-check=true prefix=main\n"},
		{"one word is not quoted", "5.8.1", "", "", end,
			"time=\"Nov 23 20:04:25\" level=info msg=Terminating. prefix=main\n"},
		{"json", "5.8.12", "json", "", start,
			`{"level":"info","msg":"Tyk API Gateway X","prefix":"main","time":"2026-11-23T20:04:25Z"}` + "\n"},
		{"json of 5.14.0", "5.14.0", "json", "", start,
			`{"level":"info","message":"Tyk API Gateway X","prefix":"main","time":"2026-11-23T20:04:25Z"}` + "\n"},
		{"json is unknown before 5.6", "5.3.8", "json", "", start,
			"time=\"Nov 23 20:04:25\" level=info msg=\"Tyk API Gateway X\" prefix=main\n"},
		{"legacy", "5.14.0", "legacy", "", start,
			"time=\"Nov 23 20:04:25\" level=info msg=\"Tyk API Gateway X\" prefix=main\n"},
		{"level warn hides info", "5.8.1", "", "warn", start, ""},
		{"level error shows errors", "5.8.1", "", "error", end, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			class, err := classOf(c.version)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			l := newLogger(config{class: class, logFormat: c.format, logLevel: c.level}, &out)
			l.now = func() time.Time { return at }
			c.write(l)
			if out.String() != c.want {
				t.Errorf("got  %q\nwant %q", out.String(), c.want)
			}
		})
	}
}
