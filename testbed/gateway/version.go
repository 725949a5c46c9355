package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// class holds what the real gateway does differently from version to version.
// README.md gives the source of each rule.
type class struct {
	version         string // as /hello and the log print it: "v4.0.0", "5.9.1"
	hello503        bool   // /hello answers 503 while a critical check fails
	ready           bool   // /ready exists
	marksTimeout    bool   // a hung probe is reported as failed
	rfc3339         bool   // text log with RFC 3339 times
	messageKey      string // log key of the message: msg or message
	jsonLogs        bool   // TYK_GW_LOGFORMAT=json is understood
	storageLines    bool   // logs "storage: connected to redis" and waits 1 s for it
	tlsRangeLines   bool   // logs the TLS range it resolved
	gracefulLines   bool   // logs the steps of the graceful shutdown
	readyShutdown   bool   // /ready answers 503 "Gateway is shutting down"
	oas             bool   // /tyk/apis/oas exists
	oasNewline      bool   // /tyk/apis/oas ends in a newline
	blankPolicies   bool   // policies without an id are kept and listed
	policyNeedsID   bool   // policies get an id when they are created without one
	newDefinitions  bool   // API definitions with the fields of 5.13
	livenessSeconds bool   // liveness_check.check_duration is a number of seconds
	startDelay      time.Duration
}

type semver struct{ major, minor, patch int }

func (v semver) compare(o semver) int {
	return cmp.Or(cmp.Compare(v.major, o.major), cmp.Compare(v.minor, o.minor), cmp.Compare(v.patch, o.patch))
}

func (v semver) atLeast(major, minor, patch int) bool {
	return v.compare(semver{major, minor, patch}) >= 0
}

// since says whether v holds a change that came in patch 5.8.p of the long-term line and in
// 5.minor.patch of the feature line.
func (v semver) since(ltsPatch, minor, patch int) bool {
	if v.major == 5 && v.minor == 8 {
		return v.patch >= ltsPatch
	}
	return v.atLeast(5, minor, patch)
}

// parseVersion reads "5.9.1", "v5.9.1" or "5.13.2-rc1"; the suffix does not count.
func parseVersion(text string) (semver, error) {
	core, _, _ := strings.Cut(strings.TrimPrefix(text, "v"), "-")
	parts := strings.Split(core, ".")
	if len(parts) != 3 {
		return semver{}, fmt.Errorf("version %q is not of the form 5.9.1", text)
	}
	var numbers [3]int
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil {
			return semver{}, fmt.Errorf("version %q is not of the form 5.9.1", text)
		}
		numbers[i] = n
	}
	return semver{numbers[0], numbers[1], numbers[2]}, nil
}

// classOf returns the behaviour of the gateway version, given as 5.9.1 or v5.9.1.
func classOf(text string) (class, error) {
	v, err := parseVersion(text)
	if err != nil {
		return class{}, err
	}
	c := class{
		version:         strings.TrimPrefix(text, "v"),
		hello503:        answers503(v),
		ready:           v.atLeast(5, 8, 3),
		marksTimeout:    v.since(15, 13, 1),
		rfc3339:         v.since(15, 13, 1),
		messageKey:      "msg",
		jsonLogs:        v.atLeast(5, 6, 0),
		storageLines:    v.atLeast(5, 6, 0),
		tlsRangeLines:   v.since(14, 13, 0),
		gracefulLines:   v.atLeast(5, 8, 3),
		readyShutdown:   v.atLeast(5, 14, 0),
		oas:             v.atLeast(4, 1, 0),
		oasNewline:      !v.since(14, 13, 0),
		blankPolicies:   !v.atLeast(5, 12, 0),
		policyNeedsID:   v.atLeast(5, 12, 0),
		newDefinitions:  v.atLeast(5, 13, 0),
		livenessSeconds: !v.atLeast(5, 4, 0),
		startDelay:      970 * time.Millisecond,
	}
	if v.major == 4 && v.minor == 0 {
		c.version = "v" + c.version
	}
	if v.atLeast(5, 14, 0) {
		c.messageKey = "message"
	}
	if v.atLeast(5, 13, 0) {
		c.startDelay = 1920 * time.Millisecond
	}
	return c, nil
}

func answers503(v semver) bool {
	switch {
	case v.major == 5 && v.minor == 8:
		return v.patch == 3 || v.patch >= 6 && v.patch <= 12
	default:
		return v == semver{5, 9, 0}
	}
}
