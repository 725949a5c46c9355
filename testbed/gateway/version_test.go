package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestClassOfVersion(t *testing.T) {
	cases := []struct {
		version, shown     string
		hello503, ready    bool
		rfc3339            bool
		key                string
		json, readyGoodbye bool
	}{
		{"4.0.0", "v4.0.0", false, false, false, "msg", false, false},
		{"v4.1.0", "4.1.0", false, false, false, "msg", false, false},
		{"5.3.8", "5.3.8", false, false, false, "msg", false, false},
		{"5.8.1", "5.8.1", false, false, false, "msg", true, false},
		{"5.8.3", "5.8.3", true, true, false, "msg", true, false},
		{"5.8.5", "5.8.5", false, true, false, "msg", true, false},
		{"5.8.6", "5.8.6", true, true, false, "msg", true, false},
		{"5.8.12", "5.8.12", true, true, false, "msg", true, false},
		{"5.8.13", "5.8.13", false, true, false, "msg", true, false},
		{"5.8.15", "5.8.15", false, true, true, "msg", true, false},
		{"5.9.0", "5.9.0", true, true, false, "msg", true, false},
		{"5.9.1", "5.9.1", false, true, false, "msg", true, false},
		{"5.13.0", "5.13.0", false, true, false, "msg", true, false},
		{"5.13.1", "5.13.1", false, true, true, "msg", true, false},
		{"5.13.2-rc1", "5.13.2-rc1", false, true, true, "msg", true, false},
		{"5.14.0", "5.14.0", false, true, true, "message", true, true},
	}
	for _, want := range cases {
		t.Run(want.version, func(t *testing.T) {
			c, err := classOf(want.version)
			if err != nil {
				t.Fatal(err)
			}
			if c.version != want.shown || c.hello503 != want.hello503 || c.ready != want.ready ||
				c.rfc3339 != want.rfc3339 || c.messageKey != want.key || c.jsonLogs != want.json ||
				c.readyShutdown != want.readyGoodbye {
				t.Errorf("got %+v", c)
			}
		})
	}
}

func TestVersionThatIsNoneIsRefused(t *testing.T) {
	for _, text := range []string{"", "latest", "5.9", "5.9.x", "5.9.1.2"} {
		if _, err := classOf(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestLivenessUnitChangedIn540(t *testing.T) {
	for version, want := range map[string]time.Duration{"5.3.8": 10 * time.Second, "5.4.0": 10, "5.13.1": 10} {
		c, err := classOf(version)
		if err != nil {
			t.Fatal(err)
		}
		if got := livenessInterval(10, c); got != want {
			t.Errorf("%s: 10 means %v, want %v", version, got, want)
		}
		if got := livenessInterval(0, c); got != 10*time.Second {
			t.Errorf("%s: unset means %v", version, got)
		}
	}
}

// TestEveryReleasedVersion compares the classes with the facts read from the source of each release.
func TestEveryReleasedVersion(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "reference", "tyk-versions.json")
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Skipf("%s is absent: the table above is all there is to compare with", path)
	}
	var facts struct {
		Gateway map[string]struct {
			Always200 bool   `json:"hello_always_200"`
			Ready     bool   `json:"ready_endpoint"`
			LogFormat string `json:"log_format"`
			JSON      bool   `json:"json_logs"`
		} `json:"gateway"`
	}
	if err := json.Unmarshal(data, &facts); err != nil {
		t.Fatal(err)
	}
	if len(facts.Gateway) < 100 {
		t.Fatalf("only %d versions in %s", len(facts.Gateway), path)
	}
	for version, want := range facts.Gateway {
		c, err := classOf(version)
		if err != nil {
			t.Fatal(err)
		}
		if c.hello503 == want.Always200 || c.ready != want.Ready || c.jsonLogs != want.JSON ||
			c.rfc3339 != strings.HasPrefix(want.LogFormat, "RFC3339") ||
			!strings.HasSuffix(want.LogFormat, " "+c.messageKey+"=") {
			t.Errorf("%s: class %+v, facts %+v", version, c, want)
		}
	}
}

func TestEveryListedVersionHasAClass(t *testing.T) {
	data, err := os.ReadFile("versions")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		count++
		if _, err := classOf(line); err != nil {
			t.Error(err)
		}
	}
	if count != 12 {
		t.Errorf("%d versions listed", count)
	}
}
