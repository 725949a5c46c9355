package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

type level int

const (
	levelFatal level = iota
	levelError
	levelWarning
	levelInfo
	levelDebug
)

func (l level) String() string {
	return [...]string{"fatal", "error", "warning", "info", "debug"}[l]
}

// fields are the keys of a log line beside time, level and message.
type fields map[string]any

// with returns f and one more field.
func (f fields) with(key string, value any) fields {
	out := fields{key: value}
	for k, v := range f {
		out[k] = v
	}
	return out
}

var (
	inMain   = fields{"prefix": "main"}
	inCheck  = fields{"prefix": "checkup"}
	inPubSub = fields{"prefix": "pub-sub"}
	inAPI    = fields{"prefix": "api"}
	inPolicy = fields{"prefix": "policy"}
	noPrefix = fields{}
)

// logger writes lines as the gateway of a version does: logrus text (logfmt) or JSON.
type logger struct {
	mu         sync.Mutex
	out        io.Writer
	max        level
	json       bool
	timeLayout string
	messageKey string
	now        func() time.Time
	exit       func(int)
}

const legacyTime = "Jan 02 15:04:05"

func newLogger(c config, out io.Writer) *logger {
	l := &logger{out: out, max: levelInfo, timeLayout: legacyTime, messageKey: c.class.messageKey,
		now: time.Now, exit: os.Exit}
	if known, ok := map[string]level{"error": levelError, "warn": levelWarning, "debug": levelDebug}[c.logLevel]; ok {
		l.max = known
	}
	if c.class.rfc3339 {
		l.timeLayout = time.RFC3339
	}
	switch {
	case c.logFormat == "json" && c.class.jsonLogs:
		l.json, l.timeLayout = true, time.RFC3339
	case c.logFormat == "legacy" && c.class.rfc3339:
		l.timeLayout, l.messageKey = legacyTime, "msg"
	}
	return l
}

func (l *logger) debug(f fields, message string, args ...any) { l.write(levelDebug, f, message, args) }
func (l *logger) info(f fields, message string, args ...any)  { l.write(levelInfo, f, message, args) }
func (l *logger) warn(f fields, message string, args ...any)  { l.write(levelWarning, f, message, args) }
func (l *logger) error(f fields, message string, args ...any) { l.write(levelError, f, message, args) }

// fatal writes the line and ends the process with exit code 1.
func (l *logger) fatal(f fields, message string, args ...any) {
	l.write(levelFatal, f, message, args)
	l.exit(1)
}

func (l *logger) write(at level, f fields, message string, args []any) {
	if at > l.max {
		return
	}
	if len(args) > 0 {
		message = fmt.Sprintf(message, args...)
	}
	stamp := l.now().Format(l.timeLayout)
	line := l.textLine(stamp, at, message, f)
	if l.json {
		line = l.jsonLine(stamp, at, message, f)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.out, line)
}

func (l *logger) textLine(stamp string, at level, message string, f fields) string {
	parts := []string{"time=" + quoted(stamp), "level=" + at.String()}
	if message != "" {
		parts = append(parts, l.messageKey+"="+quoted(message))
	}
	for _, key := range sortedKeys(f) {
		parts = append(parts, key+"="+quoted(fmt.Sprint(f[key])))
	}
	return strings.Join(parts, " ")
}

func (l *logger) jsonLine(stamp string, at level, message string, f fields) string {
	record := map[string]any{"time": stamp, "level": at.String(), l.messageKey: message}
	for key, value := range f {
		if err, ok := value.(error); ok {
			value = err.Error()
		}
		record[key] = value
	}
	text, err := json.Marshal(record)
	if err != nil {
		return l.textLine(stamp, at, message, f)
	}
	return string(text)
}

// quoted quotes as logrus does: only where a value holds more than plain characters.
func quoted(value string) string {
	for _, r := range value {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("-._/@^+", r)
		if !plain {
			return fmt.Sprintf("%q", value)
		}
	}
	return value
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
