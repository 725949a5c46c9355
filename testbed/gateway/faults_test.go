package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestFaultList(t *testing.T) {
	good := map[string]faults{
		"": {}, "hello-fail": {"hello-fail": ""}, " slow=3s, hang\n": {"slow": "3s", "hang": ""},
		"crash=0,noisy-log=7": {"crash": "0", "noisy-log": "7"}, "version=9.9.9\nescape": {"version": "9.9.9", "escape": ""},
	}
	for text, want := range good {
		if got, err := parseFaults(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"explode", "hang=1", "version", "slow=soon", "noisy-log=many"} {
		if got, err := parseFaults(text); err == nil {
			t.Errorf("%q was taken as %v", text, got)
		}
	}
}

func TestFaultFileIsReadAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "faults")
	source := faultSource{fixed: faults{"slow": "1s"}, file: path, read: os.ReadFile}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want faults, failed bool) {
		t.Helper()
		if got, err := source.now(); !reflect.DeepEqual(got, want) || (err != nil) != failed {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	expect(faults{"slow": "1s"}, false)
	write("hang\n")
	expect(faults{"slow": "1s", "hang": ""}, false)
	write("slow=2s")
	expect(faults{"slow": "2s"}, false)
	write("nonsense")
	expect(faults{"slow": "1s"}, true)
	source.read = func(string) ([]byte, error) { return nil, errors.New("disk") }
	expect(faults{"slow": "1s"}, true)
}

// switchable launches a gateway whose faults are the content of a file.
func switchable(t *testing.T, version string) (*running, func(string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "faults")
	s := baseSettings(t, version, startRedis(t).addr()).set("STANDIN_FAULT_FILE", path)
	if err := os.WriteFile(filepath.Join(s["TYK_GW_APPPATH"], "random.json"), []byte(helloWorld), 0o644); err != nil {
		t.Fatal(err)
	}
	return launch(t, s), func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFaultsThatChangeAnAnswer(t *testing.T) {
	t.Parallel()
	g, set := switchable(t, "5.9.1")
	healthy := `{"status":"pass","version":"5.9.1","description":"Tyk GW"`
	cases := []struct {
		fault, path string
		code        int
		begins      string
	}{
		{"", "/hello", 200, healthy},
		{"hello-fail", "/hello", 200, `{"status":"fail","version":"5.9.1","description":"Tyk GW",` +
			`"details":{"redis":{"status":"fail","output":"storage: Redis is either down or was not configured"`},
		{"hello-503", "/hello", 503, `{"status":"fail","version":"5.9.1"`},
		{"version=9.9.9", "/hello", 200, `{"status":"pass","version":"9.9.9"`},
		{"escape", "/hello", 200, `{"status":"pass","version":"5.9.1\u001b[2J`},
		{"not-ready", "/ready", 503, `{"status":"error","message":"A successful API reload did not happen"}`},
		{"lose-apis", "/tyk/apis", 200, "[]"},
		{"lose-apis", "/hello-world/", 404, "Not Found"},
		{"garbage", "/hello", 200, "<!DOCTYPE html>"},
		{"garbage", "/tyk/apis", 200, "<!DOCTYPE html>"},
		{"", "/tyk/apis", 200, `[{"CORS":`},
		{"", "/hello-world/", 200, `{"api":"Hello-World"`},
	}
	for _, c := range cases {
		set(c.fault)
		if got := g.ask(t, "GET", c.path, ""); got.code != c.code || !strings.HasPrefix(got.body, c.begins) {
			t.Errorf("%q %s: %+v", c.fault, c.path, got)
		}
	}
}

func TestFaultsThatKeepTheAnswerBack(t *testing.T) {
	t.Parallel()
	g, set := switchable(t, "5.9.1")
	client := &http.Client{Timeout: 700 * time.Millisecond}
	get := func() error {
		res, err := client.Get(g.url + "/hello")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		_, err = io.ReadAll(res.Body)
		return err
	}
	set("slow=300ms")
	if began := time.Now(); get() != nil || time.Since(began) < 300*time.Millisecond {
		t.Errorf("slow answered after %v", time.Since(began))
	}
	set("hang")
	if err := get(); err == nil || !strings.Contains(err.Error(), "Timeout") {
		t.Errorf("hang: %v", err)
	}
	set("reset")
	if err := get(); err == nil || !strings.Contains(err.Error(), "connection reset by peer") {
		t.Errorf("reset: %v", err)
	}
	set("")
	if err := get(); err != nil {
		t.Error(err)
	}
}

func TestFaultsOfTheLog(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	noisy := launch(t, baseSettings(t, "5.9.1", redis).set("STANDIN_FAULT", "noisy-log=50,secret-in-log,log-version=1.2.3"))
	for _, want := range []string{"in component a\"", "in component z\"", "in component aa\"", "secret=test-secret"} {
		eventually(t, want, func() bool { return strings.Contains(noisy.log.String(), want) })
	}
	for _, want := range []string{`msg="Tyk API Gateway 1.2.3"`, `msg="Tyk Gateway started (1.2.3)"`} {
		if !strings.Contains(noisy.log.String(), want) {
			t.Errorf("log lacks %s", want)
		}
	}
	if got := noisy.ask(t, "GET", "/hello", ""); !strings.Contains(got.body, `"version":"5.9.1"`) {
		t.Errorf("log-version changed /hello: %+v", got)
	}
	plain := launch(t, baseSettings(t, "5.9.1", redis))
	if log := plain.log.String(); strings.Contains(log, "test-secret") || strings.Contains(log, "Unexpected condition") {
		t.Errorf("without faults: %s", log)
	}
}

func TestBrokenFaultFileIsReportedOnce(t *testing.T) {
	t.Parallel()
	g, set := switchable(t, "5.9.1")
	set("nonsense")
	for range 3 {
		if got := g.ask(t, "GET", "/hello", ""); got.code != 200 {
			t.Errorf("%+v", got)
		}
	}
	if n := strings.Count(g.log.String(), `Cannot read faults`); n != 1 {
		t.Errorf("reported %d times", n)
	}
}

func TestCrash(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	for fault, want := range map[string]time.Duration{"crash=0": 0, "crash=1s": time.Second} {
		began := time.Now()
		p := spawn(t, baseSettings(t, "5.9.1", redis).set("STANDIN_FAULT", fault))
		if err := p.Wait(); p.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: %v", fault, err)
		}
		if took := time.Since(began); took < want || took > want+3*time.Second {
			t.Errorf("%s took %v", fault, took)
		}
		line := `level=fatal msg="Error initialising system: open /opt/tyk-gateway/tyk.conf: permission denied" prefix=main`
		if !strings.Contains(p.log.String(), line) {
			t.Errorf("%s: log %s", fault, p.log)
		}
	}
}

func TestEscapedVersionIsStillJSON(t *testing.T) {
	body, err := json.Marshal(spoilHealth(faults{"escape": ""}, health{Version: "5.9.1"}))
	if err != nil || strings.ContainsRune(string(body), 0x1b) {
		t.Errorf("%q %v", body, err)
	}
}
