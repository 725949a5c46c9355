package main

import (
	"context"
	"fmt"
	"io"
	stdlog "log"
	"time"
)

// quiet is the log of the HTTP servers. It drops their lines (failed handshakes, aborted requests):
// they are not part of the recorded log.
func quiet() *stdlog.Logger { return stdlog.New(io.Discard, "", 0) }

// startFaults starts the misbehaviours that need no request: crashing and noise in the log.
func (g *gateway) startFaults(ctx context.Context) {
	if f := g.faults(); f.has("crash") && f.delay("crash", 0) == 0 {
		g.crash()
	}
	go g.watchCrash(ctx)
	go g.makeNoise(ctx)
}

func (g *gateway) crash() {
	g.log.fatal(inMain, "Error initialising system: open /opt/tyk-gateway/tyk.conf: permission denied")
}

// watchCrash ends the process when the fault has held for the time it names.
func (g *gateway) watchCrash(ctx context.Context) {
	var since time.Time
	for sleep(ctx, 100*time.Millisecond) {
		f := g.faults()
		switch {
		case !f.has("crash"):
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		case time.Since(since) >= f.delay("crash", 0):
			g.crash()
		}
	}
}

// makeNoise writes error lines of ever new kinds, and the secret, while the faults ask for it.
func (g *gateway) makeNoise(ctx context.Context) {
	for n := 0; ; n++ {
		f := g.faults()
		if f.has("secret-in-log") {
			g.log.error(inMain.with("secret", g.config.secret), "Dump of configuration: secret=%s redis=%s",
				g.config.secret, g.config.storage.password)
		}
		perSecond := 1
		if f.has("noisy-log") {
			perSecond = f.count("noisy-log", 5)
			g.log.error(fields{"prefix": fmt.Sprintf("kind-%d", n)}, "Unexpected condition %d in component %s", n, kind(n))
		}
		if !sleep(ctx, time.Second/time.Duration(perSecond)) {
			return
		}
	}
}

// kind names a component that no earlier line named, in letters, so that lines differ by more than digits.
func kind(n int) string {
	name := ""
	for ; ; n = n/26 - 1 {
		name = string(rune('a'+n%26)) + name
		if n < 26 {
			return name
		}
	}
}
