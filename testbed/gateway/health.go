package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// check is the state of one component in the health answers.
type check struct {
	Status        string `json:"status"`
	Output        string `json:"output,omitempty"`
	ComponentType string `json:"componentType,omitempty"`
	Time          string `json:"time"`
}

// health is the body of /hello and /ready.
type health struct {
	Status      string           `json:"status"`
	Version     string           `json:"version,omitempty"`
	Output      string           `json:"output,omitempty"`
	Description string           `json:"description,omitempty"`
	Details     map[string]check `json:"details,omitempty"`
}

// watchHealth checks Redis once per interval, the first time after one interval.
func (g *gateway) watchHealth(ctx context.Context) {
	ticker := time.NewTicker(g.config.liveness)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			found := g.checkRedis(ctx)
			g.checks.Store(&map[string]check{"redis": found})
		}
	}
}

// checkRedis writes a key to Redis; a probe that hangs longer than the interval fails in the
// versions that say so, and holds up the answer in the others.
func (g *gateway) checkRedis(ctx context.Context) check {
	started := time.Now()
	done := make(chan error, 1)
	go func() { done <- g.store.set(ctx, livenessKey, "tyk-liveness-probe", 10*time.Second) }()
	var timeout <-chan time.Time
	if g.config.class.marksTimeout {
		timer := time.NewTimer(g.config.liveness)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case err := <-done:
		return g.redisCheck(err, started)
	case <-timeout:
		g.log.warn(inMain.with("liveness-check", true), "Health check timed out waiting for components")
		return check{Status: "fail", Output: "health check timed out", ComponentType: "datastore",
			Time: time.Now().Format(time.RFC3339)}
	}
}

func (g *gateway) redisCheck(err error, at time.Time) check {
	c := check{Status: "pass", ComponentType: "datastore", Time: at.Format(time.RFC3339)}
	if err != nil {
		g.log.error(inMain.with("liveness-check", true).with("error", err), "Redis health check failed")
		c.Status, c.Output = "fail", err.Error()
	}
	return c
}

func (g *gateway) lastChecks() map[string]check {
	if last := g.checks.Load(); last != nil {
		return *last
	}
	return nil
}

// helloAnswer is the pure part of /hello: HTTP code and body from the last checks.
func helloAnswer(c class, checks map[string]check) (int, health) {
	body := health{Status: "pass", Version: c.version, Description: "Tyk GW", Details: checks}
	failed := 0
	for _, item := range checks {
		if item.Status == "fail" {
			failed++
		}
	}
	switch {
	case failed == 0:
		return http.StatusOK, body
	case c.hello503:
		body.Status = "fail"
		return http.StatusServiceUnavailable, body
	case failed == len(checks):
		body.Status = "fail"
	default:
		body.Status = "warn"
	}
	return http.StatusOK, body
}

func (g *gateway) hello(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		writeJSON(w, http.StatusMethodNotAllowed, failure("Method Not Allowed"))
		return
	}
	f := g.faults()
	checks := g.lastChecks()
	if f.has("hello-fail") || f.has("hello-503") {
		checks = map[string]check{"redis": {Status: "fail", Output: errRedisDown.Error(),
			ComponentType: "datastore", Time: time.Now().Format(time.RFC3339)}}
	}
	code, body := helloAnswer(g.config.class, checks)
	if f.has("hello-503") {
		code = http.StatusServiceUnavailable
	}
	writeJSON(w, code, spoilHealth(f, body))
}

// spoilHealth applies the faults that change the words of a health answer.
func spoilHealth(f faults, body health) health {
	if f.has("version") {
		body.Version = f["version"]
	}
	if f.has("escape") {
		body.Version += "\x1b[2J\x1b]0;owned\a"
		body.Description += "\x1b[31m red \x1b[0m\u202e"
	}
	return body
}

func (g *gateway) ready(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		writeJSON(w, http.StatusMethodNotAllowed, failure("Method Not Allowed"))
		return
	}
	if reason, warning := g.unready(); reason != "" {
		if warning != "" {
			g.log.warn(inMain, "%s", warning)
		}
		writeJSON(w, http.StatusServiceUnavailable, failure(reason))
		return
	}
	body := health{Status: "pass", Version: g.config.class.version, Description: "Tyk GW Ready", Details: g.lastChecks()}
	writeJSON(w, http.StatusOK, spoilHealth(g.faults(), body))
}

// unready returns why the gateway is not ready and the log line that goes with it, or "".
func (g *gateway) unready() (reason, warning string) {
	redis, checked := g.lastChecks()["redis"]
	switch {
	case g.config.class.readyShutdown && g.shuttingDown.Load():
		return "Gateway is shutting down", ""
	case checked && redis.Status == "fail":
		return "Redis connection not available", "[Readiness] Redis health check failed"
	case !checked && !g.store.up.Load():
		return "Redis connection not available", "[Readiness] Redis not connected"
	case !g.reloaded.Load() || g.faults().has("not-ready"):
		return "A successful API reload did not happen", "[Readiness] Successful reload check failed"
	}
	return "", ""
}

// status is the body of the gateway's short answers.
type status struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func failure(message string) status { return status{"error", message} }

func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// The peer may have gone away; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}
