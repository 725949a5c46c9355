package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	helloWorld = `{"name":"Hello-World","use_keyless":true,"api_id":"random","active":true,` +
		`"version_data":{"not_versioned":true,"versions":{"Default":{"name":"Default"}}},` +
		`"proxy":{"listen_path":"/hello-world/","target_url":"http://upstream:8080/","strip_listen_path":true}}`
	petStore = `{"openapi":"3.0.3","info":{"title":"Pets","version":"1.0.0"},"paths":{},"x-tyk-api-gateway":` +
		`{"info":{"name":"Pets","id":"pets","state":{"active":true}},` +
		`"server":{"listenPath":{"value":"/pets/","strip":true}},"upstream":{"url":"http://upstream:8080/"}}}`
	forbidden = `{"status":"error","message":"Attempted administrative access with invalid or missing key!"}` + "\n"
	reloaded  = `{"status":"ok","message":""}` + "\n"
)

func TestAdministrationAnswersAsRecorded(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	cases := []struct {
		version, method, path, secret string
		want                          answer
	}{
		{"5.8.1", "GET", "/tyk/apis", "", answer{403, jsonType, forbidden}},
		{"5.8.1", "GET", "/tyk/apis", "wrong", answer{403, jsonType, forbidden}},
		{"5.8.1", "GET", "/tyk/nothing", "", answer{403, jsonType, forbidden}},
		{"5.8.1", "GET", "/tyk/apis", "test-secret", answer{200, jsonType, "[]\n"}},
		{"5.8.1", "GET", "/tyk/apis/", "test-secret", answer{200, jsonType, "[]\n"}},
		{"5.8.1", "GET", "/tyk/apis/oas", "test-secret", answer{200, jsonType, "[]\n"}},
		{"5.13.1", "GET", "/tyk/apis/oas", "test-secret", answer{200, jsonType, "[]"}},
		{"4.0.0", "GET", "/tyk/apis/oas", "test-secret", answer{404, jsonType, `{"status":"error","message":"API not found"}` + "\n"}},
		{"5.8.1", "GET", "/tyk/keys", "test-secret", answer{404, jsonType,
			`{"status":"error","message":"Hashed key listing is disabled in config (enable_hashed_keys_listing)"}` + "\n"}},
		{"5.8.1", "GET", "/tyk/reload/group", "test-secret", answer{200, jsonType, reloaded}},
		{"5.8.1", "GET", "/tyk/reload?block=true", "test-secret", answer{200, jsonType, reloaded}},
		{"5.8.1", "GET", "/tyk/reload", "test-secret", answer{200, jsonType, reloaded}},
		{"5.8.1", "PATCH", "/tyk/apis", "test-secret", answer{405, jsonType, `{"status":"error","message":"Method not supported"}` + "\n"}},
		{"5.8.1", "GET", "/tyk/nothing", "test-secret", answer{404, plainType, "404 page not found\n"}},
		{"5.8.1", "GET", "/tyk/apis/none", "test-secret", answer{404, jsonType, `{"status":"error","message":"API not found"}` + "\n"}},
		{"5.8.1", "DELETE", "/tyk/apis/none", "test-secret", answer{404, jsonType, `{"status":"error","message":"API not found"}` + "\n"}},
		{"5.8.1", "GET", "/tyk/policies", "test-secret", answer{200, jsonType, "[]\n"}},
		{"5.8.1", "PUT", "/tyk/policies", "test-secret", answer{400, jsonType, `{"status":"error","message":"Must specify an apiID to update"}` + "\n"}},
	}
	gateways := map[string]*running{}
	for _, c := range cases {
		if gateways[c.version] == nil {
			gateways[c.version] = launch(t, baseSettings(t, c.version, redis))
		}
		if got := request(t, c.method, gateways[c.version].url+c.path, "", c.secret); got != c.want {
			t.Errorf("%s %s %s: got %+v, want %+v", c.version, c.method, c.path, got, c.want)
		}
	}
}

// block reloads the gateway and waits for it.
func (r *running) block(t *testing.T) {
	t.Helper()
	if got := r.ask(t, "GET", "/tyk/reload?block=true", ""); got.code != 200 {
		t.Fatalf("reload: %+v", got)
	}
}

func TestClassicAPIFromPostToDelete(t *testing.T) {
	t.Parallel()
	g := launch(t, baseSettings(t, "5.8.1", startRedis(t).addr()))
	step := func(method, path, body string, want answer) {
		t.Helper()
		if got := g.ask(t, method, path, body); got != want {
			t.Errorf("%s %s: got %+v, want %+v", method, path, got, want)
		}
	}
	missing := answer{404, plainType, "Not Found"}
	step("POST", "/tyk/apis", "{", answer{400, jsonType, `{"status":"error","message":"Request malformed"}` + "\n"})
	step("POST", "/tyk/apis", `{"api_id":"../x"}`, answer{400, jsonType, `{"status":"error","message":"Invalid API ID"}` + "\n"})
	step("POST", "/tyk/apis", helloWorld, answer{200, jsonType, `{"key":"random","status":"ok","action":"added"}` + "\n"})
	step("GET", "/tyk/apis", "", answer{200, jsonType, "[]\n"})
	step("GET", "/hello-world/x", "", missing)
	g.block(t)
	step("GET", "/hello-world/x", "", answer{200, jsonType,
		`{"api":"Hello-World","api_id":"random","gateway":"5.8.1","path":"/hello-world/x"}` + "\n"})
	step("PUT", "/tyk/apis/random", `{"api_id":"other"}`, answer{400, jsonType,
		`{"status":"error","message":"Request APIID does not match that in Definition! For Update operations these must match."}` + "\n"})
	step("PUT", "/tyk/apis/random", strings.Replace(helloWorld, `"active":true`, `"active":false`, 1),
		answer{200, jsonType, `{"key":"random","status":"ok","action":"modified"}` + "\n"})
	g.block(t)
	step("GET", "/hello-world/x", "", missing)
	step("DELETE", "/tyk/apis/random", "", answer{200, jsonType, `{"key":"random","status":"ok","action":"deleted"}` + "\n"})
	g.block(t)
	step("GET", "/tyk/apis", "", answer{200, jsonType, "[]\n"})
}

func TestClassicDefinitionHasTheRecordedShape(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	for version, want := range map[string]struct{ keys, bytes int }{"5.8.1": {87, 6208}, "5.13.1": {90, 6306}} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			g := launch(t, baseSettings(t, version, redis))
			g.ask(t, "POST", "/tyk/apis", helloWorld)
			g.block(t)
			body := g.ask(t, "GET", "/tyk/apis", "").body
			var list []map[string]any
			if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 1 {
				t.Fatalf("%v in %s", err, body)
			}
			if len(list[0]) != want.keys {
				t.Errorf("%d keys, recorded %d", len(list[0]), want.keys)
			}
			// The recorded API had other names, addresses and a filled-in version.
			if d := len(body) - want.bytes; d < -700 || d > 200 {
				t.Errorf("%d bytes, recorded %d", len(body), want.bytes)
			}
			if _, ok := list[0]["error_overrides"]; ok != (version == "5.13.1") {
				t.Errorf("error_overrides there: %v", ok)
			}
			if got := list[0]["proxy"].(map[string]any)["target_url"]; got != "http://upstream:8080/" {
				t.Errorf("target_url %v", got)
			}
		})
	}
}

func TestOASAPIIsKeptInTwoFiles(t *testing.T) {
	t.Parallel()
	g := launch(t, baseSettings(t, "5.9.1", startRedis(t).addr()))
	bare := `{"openapi":"3.0.3","info":{"title":"Pets","version":"1.0.0"},"paths":{}}`
	if got := g.ask(t, "POST", "/tyk/apis/oas", bare); got != (answer{400, jsonType,
		`{"status":"error","message":"the payload should contain x-tyk-api-gateway"}` + "\n"}) {
		t.Errorf("without the extension: %+v", got)
	}
	if got := g.ask(t, "POST", "/tyk/apis/oas", petStore); got.body != `{"key":"pets","status":"ok","action":"added"}`+"\n" {
		t.Errorf("added: %+v", got)
	}
	for name, want := range map[string]string{"pets.json": `"is_oas": true`, "pets-oas.json": `"openapi": "3.0.3"`} {
		data, err := os.ReadFile(filepath.Join(g.folder, "apps", name))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v %s", name, err, data)
		}
	}
	g.block(t)
	if got := g.ask(t, "GET", "/pets/1", ""); got.code != 200 {
		t.Errorf("listen path: %+v", got)
	}
	if got := g.ask(t, "GET", "/tyk/apis/oas", "").body; !strings.HasPrefix(got, `[{"info":{"title":"Pets"`) {
		t.Errorf("OAS list: %s", got)
	}
	if got := g.ask(t, "GET", "/tyk/apis", "").body; !strings.Contains(got, `"is_oas":true`) {
		t.Errorf("classic list: %s", got)
	}
	if got := g.ask(t, "PUT", "/tyk/apis/pets", helloWorld); got.code != 400 {
		t.Errorf("classic change of an OAS API: %+v", got)
	}
	if got := g.ask(t, "PUT", "/tyk/apis/oas/pets", petStore); got.body != `{"key":"pets","status":"ok","action":"modified"}`+"\n" {
		t.Errorf("changed: %+v", got)
	}
	if got := g.ask(t, "DELETE", "/tyk/apis/oas/pets", ""); got.code != 200 {
		t.Errorf("deleted: %+v", got)
	}
	left, err := filepath.Glob(filepath.Join(g.folder, "apps", "*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestPoliciesOfAFileGateway(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	g := launch(t, baseSettings(t, "5.13.1", redis))
	steps := []struct {
		method, path, body string
		want               answer
	}{
		{"POST", "/tyk/policies", `{"id":"gold","name":"Gold","rate":10}`, answer{200, jsonType, `{"key":"gold","status":"ok","action":"added"}` + "\n"}},
		{"GET", "/tyk/policies", "", answer{200, jsonType, "[]\n"}},
		{"PUT", "/tyk/policies/gold", `{"id":"silver"}`, answer{400, jsonType,
			`{"status":"error","message":"Request ID does not match that in policy! For Update operations these must match."}` + "\n"}},
		{"PUT", "/tyk/policies/gold", `{"id":"gold","name":"Gold","rate":20}`, answer{200, jsonType, `{"key":"gold","status":"ok","action":"modified"}` + "\n"}},
		{"GET", "/tyk/policies/none", "", answer{404, jsonType, `{"status":"error","message":"Policy not found"}` + "\n"}},
		{"DELETE", "/tyk/policies/none", "", answer{500, jsonType, `{"status":"error","message":"Delete failed"}` + "\n"}},
	}
	for _, s := range steps {
		if got := g.ask(t, s.method, s.path, s.body); got != s.want {
			t.Errorf("%s %s: got %+v, want %+v", s.method, s.path, got, s.want)
		}
	}
	g.block(t)
	var list []map[string]any
	if err := json.Unmarshal([]byte(g.ask(t, "GET", "/tyk/policies", "").body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0]["rate"] != 20.0 || len(list[0]) != 24 {
		t.Errorf("policies: %v", list)
	}
	if got := g.ask(t, "DELETE", "/tyk/policies/gold", ""); got.body != `{"key":"gold","status":"ok","action":"deleted"}`+"\n" {
		t.Errorf("deleted: %+v", got)
	}
}

func TestEmptyPolicyFileOfTheChart(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	for version, want := range map[string]int{"5.8.1": 1, "5.13.1": 0} {
		for _, content := range []string{"", "{}"} {
			s := baseSettings(t, version, redis)
			path := s["TYK_GW_POLICIES_POLICYRECORDNAME"]
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			g := launch(t, s)
			var list []map[string]any
			if err := json.Unmarshal([]byte(g.ask(t, "GET", "/tyk/policies", "").body), &list); err != nil {
				t.Fatal(err)
			}
			if len(list) != want {
				t.Errorf("%s with %q: %d policies, recorded %d", version, content, len(list), want)
			}
			line := fmt.Sprintf(`level=error msg="Couldn't unmarshal policy configuration from dir: %s : EOF"`, path)
			if strings.Contains(g.log.String(), line) != (content == "") {
				t.Errorf("%s with %q: log %s", version, content, g.log)
			}
		}
	}
}

func TestAPIsAreServedWithRedisDead(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	s := baseSettings(t, "5.9.1", redis.addr())
	if err := os.WriteFile(filepath.Join(s["TYK_GW_APPPATH"], "random.json"), []byte(helloWorld), 0o644); err != nil {
		t.Fatal(err)
	}
	g := launch(t, s)
	redis.stop()
	eventually(t, "fail", func() bool { return strings.Contains(g.ask(t, "GET", "/hello", "").body, `"status":"fail"`) })
	if got := g.ask(t, "GET", "/hello-world/", ""); got.code != 200 {
		t.Errorf("API: %+v", got)
	}
	if got := g.ask(t, "GET", "/tyk/apis", "").body; !strings.Contains(got, `"api_id":"random"`) {
		t.Errorf("list: %s", got)
	}
	if got := g.ask(t, "POST", "/tyk/keys/create", `{"access_rights":{"random":{}}}`); got.code != 500 {
		t.Errorf("key: %+v", got)
	}
}

func TestGroupReloadReachesEveryGatewayOfTheRedis(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	s := baseSettings(t, "5.9.1", redis)
	first := launch(t, s)
	second := launch(t, baseSettings(t, "5.9.1", redis).set("TYK_GW_APPPATH", s["TYK_GW_APPPATH"]))
	stranger := launch(t, baseSettings(t, "5.9.1", redis).set("TYK_GW_APPPATH", s["TYK_GW_APPPATH"], "TYK_GW_NODESECRET", "other"))
	time.Sleep(300 * time.Millisecond) // until all have subscribed
	first.ask(t, "POST", "/tyk/apis", helloWorld)
	first.ask(t, "GET", "/tyk/reload/group", "")
	for _, g := range []*running{first, second} {
		eventually(t, "the API is served", func() bool { return g.ask(t, "GET", "/hello-world/", "").code == 200 })
	}
	if got := stranger.ask(t, "GET", "/hello-world/", ""); got.code != 404 {
		t.Errorf("a gateway with another node secret reloaded: %+v", got)
	}
	if !strings.Contains(stranger.log.String(), `level=error msg="Payload signature is invalid!" prefix=pub-sub`) {
		t.Errorf("log of the stranger: %s", stranger.log)
	}
}

func TestKeyOfTheChartsTest(t *testing.T) {
	t.Parallel()
	g := launch(t, baseSettings(t, "5.9.1", startRedis(t).addr()))
	got := g.ask(t, "POST", "/tyk/keys/create", `{"org_id":"1","access_rights":{"random":{"api_id":"random"}}}`)
	var created modified
	if err := json.Unmarshal([]byte(got.body), &created); err != nil || got.code != 200 || len(created.Key) != 33 {
		t.Fatalf("%+v %v", got, err)
	}
	session, err := g.store.client.Get(t.Context(), sessionPrefix+created.Key).Result()
	if err != nil || !strings.Contains(session, `"api_id":"random"`) {
		t.Errorf("in Redis: %q %v", session, err)
	}
	if got := g.ask(t, "POST", "/tyk/keys/create", `{}`); got.code != 400 {
		t.Errorf("without rights: %+v", got)
	}
}
