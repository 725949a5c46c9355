package registry

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const config = "application/vnd.oci.image.config.v1+json"

// start returns a registry of two hosts and a client for which both are at its address.
func start(t *testing.T) (*server, *http.Client) {
	t.Helper()
	s := newServer("127.0.0.1:0", t.TempDir(), []string{"one.test", "two.test"})
	if err := s.set("ok"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.set("down") })
	proxy := func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "http", Host: s.address}, nil }
	return s, &http.Client{Transport: &http.Transport{Proxy: proxy}, Timeout: 20 * time.Second}
}

// do returns status and body of a request.
func do(t *testing.T, c *http.Client, method, address, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", config)
	w, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, string(text)
}

func TestEachHostHasTagsOfItsOwn(t *testing.T) {
	_, c := start(t)
	if status, text := do(t, c, "PUT", "http://one.test/v2/tyk/manifests/v1", "{}"); status != 201 {
		t.Fatal(status, text)
	}
	for _, want := range []struct {
		path   string
		status int
		text   string
	}{
		{"one.test/v2/tyk/manifests/v1", 200, "{}"},
		{"one.test/v2/tyk/tags/list", 200, `"v1"`},
		{"one.test/v2/tyk/manifests/v2", 404, "MANIFEST_UNKNOWN"},
		{"two.test/v2/tyk/manifests/v1", 404, "NAME_UNKNOWN"},
		{"three.test/v2/", 404, "not found"},
	} {
		status, text := do(t, c, "GET", "http://"+want.path, "")
		if status != want.status || !strings.Contains(text, want.text) {
			t.Errorf("%s: got %d %s, want %d %s", want.path, status, text, want.status, want.text)
		}
	}
}

func TestAStatusIsTheAnswerToEverythingUntilAllIsWellAgain(t *testing.T) {
	s, c := start(t)
	for _, want := range []struct {
		mode   string
		status int
		text   string
	}{
		{"500", 500, `"UNKNOWN"`}, {"429", 429, `"TOOMANYREQUESTS"`}, {"401", 401, `"UNAUTHORIZED"`}, {"ok", 200, ""},
	} {
		if err := s.set(want.mode); err != nil {
			t.Fatal(err)
		}
		status, text := do(t, c, "GET", "http://one.test/v2/", "")
		if status != want.status || !strings.Contains(text, want.text) {
			t.Errorf("%s: got %d %s, want %d %s", want.mode, status, text, want.status, want.text)
		}
	}
}

func TestDownClosesThePortAndTheConnectionsThatWereOpen(t *testing.T) {
	s, c := start(t)
	do(t, c, "GET", "http://one.test/v2/", "") // the client keeps this connection
	if err := s.set("down"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("http://one.test/v2/"); err == nil {
		t.Error("it still answers")
	}
	if connection, err := net.Dial("tcp", s.address); err == nil {
		connection.Close()
		t.Error("it still listens")
	}
	if err := s.set("ok"); err != nil {
		t.Fatal(err)
	}
	if status, text := do(t, c, "GET", "http://one.test/v2/", ""); status != 200 {
		t.Errorf("after it came back: %d %s", status, text)
	}
}

func TestSlowAnswersComeWhenTheModeEnds(t *testing.T) {
	s, c := start(t)
	if err := s.set("slow"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	time.AfterFunc(300*time.Millisecond, func() { _ = s.set("ok") })
	status, text := do(t, c, "GET", "http://one.test/v2/", "")
	if waited := time.Since(began); status != 200 || waited < 250*time.Millisecond || waited > slowness/2 {
		t.Errorf("got %d %s after %s", status, text, waited)
	}
}

func TestTheAdminPathTellsAndTakesTheMode(t *testing.T) {
	s, _ := start(t)
	for _, want := range []struct {
		method, body string
		status       int
		text         string
	}{
		{"GET", "", 200, "ok\n"},
		{"PUT", "slow", 200, "slow\n"},
		{"PUT", "200", 400, "no mode"},
		{"PUT", "sleepy", 400, "no mode"},
		{"GET", "", 200, "slow\n"},
	} {
		w := httptest.NewRecorder()
		s.serveAdmin(w, httptest.NewRequest(want.method, "/", strings.NewReader(want.body)))
		if w.Code != want.status || !strings.HasPrefix(w.Body.String(), want.text) {
			t.Errorf("%s %s: got %d %s, want %d %s", want.method, want.body, w.Code, w.Body, want.status, want.text)
		}
	}
}
