package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var anyTime = regexp.MustCompile(`"time":"[0-9T:Z+-]+"`)

// steady replaces the time of a check, which is all that differs from one answer to the next.
func steady(a answer) answer {
	a.body = anyTime.ReplaceAllString(a.body, `"time":"T"`)
	return a
}

const (
	jsonType  = "application/json"
	plainType = "text/plain; charset=utf-8"
	redisPass = `"details":{"redis":{"status":"pass","componentType":"datastore","time":"T"}}`
	redisFail = `"details":{"redis":{"status":"fail","output":"storage: Redis is either down or was not configured",` +
		`"componentType":"datastore","time":"T"}}`
	noRedis = `{"status":"error","message":"Redis connection not available"}` + "\n"
)

// TestHealthAnswersAsRecorded goes through the life of a Redis: alive before and after the first
// check, dead, alive again.
func TestHealthAnswersAsRecorded(t *testing.T) {
	cases := []struct {
		version, shown string
		downCode       int
		ready          bool
	}{
		{"4.0.0", "v4.0.0", http.StatusOK, false},
		{"5.8.1", "5.8.1", http.StatusOK, false},
		{"5.8.12", "5.8.12", http.StatusServiceUnavailable, true},
		{"5.9.0", "5.9.0", http.StatusServiceUnavailable, true},
		{"5.9.1", "5.9.1", http.StatusOK, true},
		{"5.13.1", "5.13.1", http.StatusOK, true},
	}
	for _, c := range cases {
		t.Run(c.version, func(t *testing.T) {
			t.Parallel()
			redis := startRedis(t)
			interval := "1500000000"
			if c.version == "4.0.0" {
				interval = "2"
			}
			g := launch(t, baseSettings(t, c.version, redis.addr()).set("TYK_GW_LIVENESSCHECK_CHECKDURATION", interval))
			body := func(status, name, details string) string {
				return `{"status":"` + status + `","version":"` + c.shown + `","description":"Tyk GW` + name + `"` + details + "}\n"
			}
			hello := func(want answer) {
				t.Helper()
				if got := steady(g.ask(t, "GET", "/hello", "")); got != want {
					t.Errorf("/hello: got %+v, want %+v", got, want)
				}
			}
			ready := func(want answer) {
				t.Helper()
				if !c.ready {
					want = answer{http.StatusNotFound, plainType, "Not Found"}
				}
				if got := steady(g.ask(t, "GET", "/ready", "")); got != want {
					t.Errorf("/ready: got %+v, want %+v", got, want)
				}
			}
			hello(answer{200, jsonType, body("pass", "", "")})
			ready(answer{200, jsonType, body("pass", " Ready", "")})
			shows := func(text string) func() bool {
				return func() bool { return strings.Contains(g.ask(t, "GET", "/hello", "").body, text) }
			}
			eventually(t, "the first check", shows("details"))
			hello(answer{200, jsonType, body("pass", "", ","+redisPass)})
			ready(answer{200, jsonType, body("pass", " Ready", ","+redisPass)})
			redis.stop()
			hello(answer{200, jsonType, body("pass", "", ","+redisPass)}) // stale until the next check
			eventually(t, "the failure with the recorded words", shows("Redis is either down"))
			hello(answer{c.downCode, jsonType, body("fail", "", ","+redisFail)})
			ready(answer{503, jsonType, noRedis})
			redis.start()
			eventually(t, "the recovery", shows(`"status":"pass"`))
			hello(answer{200, jsonType, body("pass", "", ","+redisPass)})
		})
	}
}

func TestTimeMovesOnlyAtACheck(t *testing.T) {
	t.Parallel()
	g := launch(t, baseSettings(t, "5.9.1", startRedis(t).addr()).set("TYK_GW_LIVENESSCHECK_CHECKDURATION", "2000000000"))
	stamp := func() string { return g.lastChecks()["redis"].Time }
	eventually(t, "the first check", func() bool { return stamp() != "" })
	first, seen := stamp(), time.Now()
	time.Sleep(1200 * time.Millisecond)
	if stamp() != first {
		t.Errorf("time moved from %s to %s after %v", first, stamp(), time.Since(seen))
	}
	eventually(t, "the second check", func() bool { return stamp() != first })
	if _, err := time.Parse(time.RFC3339, stamp()); err != nil {
		t.Error(err)
	}
}

func TestStartedWithRedisDead(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	redis.stop()
	g := launch(t, baseSettings(t, "5.13.1", redis.addr()).set("TYK_GW_LIVENESSCHECK_CHECKDURATION", "2000000000"))
	if got := g.ask(t, "GET", "/hello", ""); got.body != `{"status":"pass","version":"5.13.1","description":"Tyk GW"}`+"\n" {
		t.Errorf("before the first check: %+v", got)
	}
	if got := g.ask(t, "GET", "/ready", ""); got != (answer{503, jsonType, noRedis}) {
		t.Errorf("/ready: %+v", got)
	}
	eventually(t, "fail", func() bool { return strings.Contains(g.ask(t, "GET", "/hello", "").body, `"status":"fail"`) })
	redis.start()
	eventually(t, "pass", func() bool { return strings.HasPrefix(g.ask(t, "GET", "/hello", "").body, `{"status":"pass"`) })
	for _, want := range []string{
		`level=error msg="storage: timeout connecting" prefix=main`,
		`level=error msg="Redis health check failed" error="storage: Redis is either down or was not configured" liveness-check=true prefix=main`,
		`level=warning msg="[Readiness] Redis not connected" prefix=main`,
	} {
		if !strings.Contains(g.log.String(), want) {
			t.Errorf("log lacks %s", want)
		}
	}
}

func TestHangingProbeIsMarkedOnlyInNewVersions(t *testing.T) {
	for version, marks := range map[string]bool{"5.8.14": false, "5.8.15": true, "5.13.0": false, "5.13.1": true} {
		c, err := classOf(version)
		if err != nil || c.marksTimeout != marks {
			t.Errorf("%s: %v, %v", version, c.marksTimeout, err)
		}
	}
}

func TestHealthOfTwoComponents(t *testing.T) {
	checks := map[string]check{"redis": {Status: "fail"}, "dashboard": {Status: "pass"}}
	for version, want := range map[string]struct {
		code   int
		status string
	}{"5.9.1": {200, "warn"}, "5.8.12": {503, "fail"}} {
		c, err := classOf(version)
		if err != nil {
			t.Fatal(err)
		}
		if code, body := helloAnswer(c, checks); code != want.code || body.Status != want.status {
			t.Errorf("%s: %d %s", version, code, body.Status)
		}
	}
}

func TestHealthEndpointsUnderOtherMethodsAndNames(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	notAllowed := answer{405, jsonType, `{"status":"error","message":"Method Not Allowed"}` + "\n"}
	missing := answer{404, plainType, "Not Found"}
	cases := []struct {
		name         string
		more         []string
		method, path string
		want         answer
	}{
		{"HEAD", nil, "HEAD", "/hello", answer{405, jsonType, ""}},
		{"POST", nil, "POST", "/hello", notAllowed},
		{"POST ready", nil, "POST", "/ready", notAllowed},
		{"trailing slash", nil, "GET", "/hello/", missing},
		{"root", nil, "GET", "/", missing},
		{"renamed, old name", []string{"TYK_GW_HEALTHCHECKENDPOINTNAME", "health"}, "GET", "/hello", missing},
		{"renamed, new name", []string{"TYK_GW_HEALTHCHECKENDPOINTNAME", "health"}, "POST", "/health", notAllowed},
		{"ready renamed", []string{"TYK_GW_READINESSCHECKENDPOINTNAME", "up"}, "GET", "/ready", missing},
		{"ready under its new name", []string{"TYK_GW_READINESSCHECKENDPOINTNAME", "up"}, "PUT", "/up", notAllowed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := launch(t, baseSettings(t, "5.9.1", redis).set(c.more...))
			if got := g.ask(t, c.method, c.path, ""); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestHealthBodyIsOneJSONObject(t *testing.T) {
	t.Parallel()
	g := launch(t, baseSettings(t, "5.9.1", startRedis(t).addr()))
	var body map[string]any
	if err := json.Unmarshal([]byte(g.ask(t, "GET", "/hello", "").body), &body); err != nil || body["status"] != "pass" {
		t.Errorf("%v %v", body, err)
	}
}
