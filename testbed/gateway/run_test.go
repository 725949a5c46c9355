package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLogOfAStart(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	begin, middle, end := []string{"info Tyk API Gateway VERSION"}, []string{
		"warning Insecure configuration allowed", "warning File descriptor limit", "info PIDFile location set to",
	}, []string{
		"warning The control_api_port should be changed for production",
		"info Initialising Tyk REST API Endpoints", "warning Starting HTTP server on",
		"info Initialising distributed rate limiter", "info Tyk Gateway started (VERSION)",
		"info --> Listening on address", "info --> Listening on port", "info --> PID", "info Loading policies",
		"info Loading policy from dir", "error Couldn't unmarshal policy configuration from dir",
		"info Policies found (1 total)", "info Loading API Specification from", "info Detected 1 APIs",
		"info Loading API configurations.", "info Initialising Tyk REST API Endpoints",
		"info Checking security policy", "info API Loaded", "info Initialised API Definitions", "info API reload complete",
	}
	connected := []string{"info storage"}
	ranges := []string{"info Proxy TLS protocol range resolved and applied",
		"info HttpServerOptions TLS protocol range resolved and applied"}
	for version, parts := range map[string][][]string{
		"5.3.8": {begin, middle, end}, "5.8.1": {begin, connected, middle, end},
		"5.13.1": {begin, connected, middle, ranges, end},
	} {
		s := baseSettings(t, version, redis)
		write(t, s["TYK_GW_POLICIES_POLICYRECORDNAME"], nil)
		write(t, filepath.Join(s["TYK_GW_APPPATH"], "random.json"), []byte(helloWorld))
		g := launch(t, s.set("TYK_GW_LIVENESSCHECK_CHECKDURATION", ""))
		eventually(t, "the last line", func() bool { return strings.Contains(g.log.String(), "API reload complete") })
		var got, want []string
		for _, message := range messages(t, g.log.String()) {
			message, _, _ = strings.Cut(message, ":")
			message, _, _ = strings.Cut(message, " /")
			if strings.Contains(message, "File descriptor limit") {
				message = "warning File descriptor limit"
			}
			got = append(got, message)
		}
		for _, part := range parts {
			for _, message := range part {
				want = append(want, strings.ReplaceAll(message, "VERSION", version))
			}
		}
		if !hasLowLimit(t) {
			want = without(want, "warning File descriptor limit")
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", version, got, want)
		}
	}
}

func hasLowLimit(t *testing.T) bool {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return limit.Cur < minDescriptors
}

func without(list []string, dropped string) []string {
	var kept []string
	for _, item := range list {
		if item != dropped {
			kept = append(kept, item)
		}
	}
	return kept
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTerminationAsRecorded(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	for _, version := range []string{"5.8.1", "5.13.1"} {
		s := baseSettings(t, version, redis)
		p := spawn(t, s)
		address := "127.0.0.1:" + s["TYK_GW_LISTENPORT"]
		eventually(t, "the port", func() bool { return reachable(address) })
		eventually(t, "the APIs", func() bool { return strings.Contains(p.log.String(), "Policies found") })
		began := time.Now()
		if err := p.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the port is closed", func() bool { return !reachable(address) })
		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("%s: port open for %v", version, took)
		}
		if err := p.Wait(); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		if took := time.Since(began); took < 1100*time.Millisecond || took > 1700*time.Millisecond {
			t.Errorf("%s: ended after %v, recorded 1.2 s", version, took)
		}
		if !strings.Contains(p.log.String(), "msg=Terminating. prefix=main") {
			t.Errorf("%s: %s", version, p.log)
		}
	}
}

func reachable(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func TestReadySaysGoodbyeFrom5140(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	for version, want := range map[string]int{"5.13.1": 0, "5.14.0": 503} {
		g := launch(t, baseSettings(t, version, redis).set("TYK_GW_GRACEFULSHUTDOWNDELAYSECONDS", "1"))
		g.stop()
		eventually(t, "the signal", g.shuttingDown.Load)
		if want == 0 {
			eventually(t, "the port is closed", func() bool { return !reachable(strings.TrimPrefix(g.url, "http://")) })
			continue
		}
		if got := g.ask(t, "GET", "/ready", ""); got != (answer{want, jsonType, `{"status":"error","message":"Gateway is shutting down"}` + "\n"}) {
			t.Errorf("%s: %+v", version, got)
		}
		if got := g.ask(t, "GET", "/hello", ""); got.code != 200 {
			t.Errorf("/hello: %+v", got)
		}
	}
}

func TestFirstAnswerComesAsLateAsRecorded(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	for version, want := range map[string]time.Duration{"5.8.1": 970 * time.Millisecond, "5.13.1": 1920 * time.Millisecond} {
		began := time.Now()
		launch(t, baseSettings(t, version, redis).set("STANDIN_START_DELAY", ""))
		if took := time.Since(began); took < want || took > want+time.Second {
			t.Errorf("%s: %v, recorded %v", version, took, want)
		}
	}
}

func TestControlPortAloneHasHealthAndAdministration(t *testing.T) {
	t.Parallel()
	s := baseSettings(t, "5.9.1", startRedis(t).addr()).set("TYK_GW_CONTROLAPIPORT", fmt.Sprint(freePort(t)))
	write(t, filepath.Join(s["TYK_GW_APPPATH"], "random.json"), []byte(helloWorld))
	g := launch(t, s)
	for path, want := range map[string][2]int{
		"/hello": {404, 200}, "/ready": {404, 200}, "/tyk/apis": {404, 200}, "/hello-world/": {200, 404},
	} {
		proxy, control := request(t, "GET", g.url+path, "", "test-secret"), request(t, "GET", g.control+path, "", "test-secret")
		if got := [2]int{proxy.code, control.code}; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if strings.Contains(g.log.String(), "The control_api_port should be changed") {
		t.Error("warned of a missing control port")
	}
}

// keyPair writes a self-signed certificate, as the chart's default one is, and returns it.
func keyPair(t *testing.T) (certificateFile, keyFile string, pair tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"*"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	certificateFile, keyFile = filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	write(t, certificateFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	return certificateFile, keyFile, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLSOnBothPortsAndClientCertificateOnTheControlPort(t *testing.T) {
	t.Parallel()
	certificateFile, keyFile, pair := keyPair(t)
	s := baseSettings(t, "5.9.1", startRedis(t).addr()).set(
		"TYK_GW_CONTROLAPIPORT", fmt.Sprint(freePort(t)), "TYK_GW_HTTPSERVEROPTIONS_USESSL", "true",
		"TYK_GW_HTTPSERVEROPTIONS_MINVERSION", "771", "TYK_GW_SECURITY_CONTROLAPIUSEMUTUALTLS", "true",
		"TYK_GW_HTTPSERVEROPTIONS_CERTIFICATES",
		fmt.Sprintf(`[{"cert_file":%q,"domain_name":"*","key_file":%q}]`, certificateFile, keyFile))
	g := launch(t, s)
	get := func(url string, certificates ...tls.Certificate) (int, error) {
		settings := &tls.Config{InsecureSkipVerify: true, Certificates: certificates}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: settings, DisableKeepAlives: true}}
		res, err := client.Get(strings.Replace(url, "http:", "https:", 1) + "/hello")
		if err != nil {
			return 0, err
		}
		res.Body.Close()
		return res.StatusCode, nil
	}
	if code, err := get(g.url); code != 404 || err != nil {
		t.Errorf("proxy port: %d %v", code, err)
	}
	if code, err := get(g.control); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("control port without a certificate: %d %v", code, err)
	}
	if code, err := get(g.control, pair); code != 200 || err != nil {
		t.Errorf("control port with a certificate: %d %v", code, err)
	}
}

func TestPortThatIsTakenIsLogged(t *testing.T) {
	t.Parallel()
	s := baseSettings(t, "5.9.1", startRedis(t).addr())
	taken, err := net.Listen("tcp", ":"+s["TYK_GW_LISTENPORT"])
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	g := launch(t, s)
	if !strings.Contains(g.log.String(), `level=error msg="Can't start listener"`) {
		t.Error(g.log)
	}
}

func TestFatalConfiguration(t *testing.T) {
	t.Parallel()
	redis := startRedis(t).addr()
	for line, change := range map[string][]string{
		`level=fatal msg="Redis connection details not set, please ensure`:      {"TYK_GW_STORAGE_TYPE", "none"},
		`level=fatal msg="Invalid log level \"loud\" specified in config, must`: {"TYK_GW_LOGLEVEL", "loud"},
	} {
		p := spawn(t, baseSettings(t, "5.9.1", redis).set(change...))
		if err := p.Wait(); p.ProcessState.ExitCode() != 1 || !strings.Contains(p.log.String(), line) {
			t.Errorf("%v: %v %s", change, err, p.log)
		}
	}
	for _, change := range [][]string{{"TYK_GW_LISTENPORT", "http"}, {"STANDIN_VERSION", "new"}, {"STANDIN_FAULT", "boom"}} {
		p := spawn(t, baseSettings(t, "5.9.1", redis).set(change...))
		if err := p.Wait(); p.ProcessState.ExitCode() != 2 || !strings.Contains(p.log.String(), change[0]) {
			t.Errorf("%v: %v %s", change, err, p.log)
		}
	}
}

func TestCommandLine(t *testing.T) {
	folder := t.TempDir()
	good, bad, missing := filepath.Join(folder, "good.so"), filepath.Join(folder, "bad.so"), filepath.Join(folder, "none.so")
	same, other := filepath.Join(folder, "a_v5.13.1_linux_amd64.so"), filepath.Join(folder, "a_v5.9.1_linux_amd64.so")
	for _, file := range []string{good, same, other} {
		write(t, file, []byte("\x7fELF rest"))
	}
	write(t, bad, []byte("text"))
	cases := []struct {
		args []string
		code int
		out  string
		err  string
	}{
		{[]string{"--version"}, 0, "", "5.13.1\n"},
		{[]string{"plugin", "load", "-f", good, "-s", "Hook"}, 0, "[file=" + good + ", symbol=Hook] loaded ok, got 0x1\n", ""},
		{[]string{"plugin", "load", "--file", same, "--symbol", "Hook"}, 0, "[file=" + same + ", symbol=Hook] loaded ok, got 0x1\n", ""},
		{[]string{"plugin", "load", "-f", bad, "-s", "Hook"}, 1, "", "tyk: error: unexpected error: plugin.Open(\"" +
			bad + "\"): " + bad + ": invalid ELF header, try --help\n"},
		{[]string{"plugin", "load", "-f", other, "-s", "Hook"}, 1, "", "tyk: error: unexpected error: plugin.Open(\"" +
			strings.TrimSuffix(other, ".so") + "\"): plugin was built with a different version of package internal/goarch, try --help\n"},
		{[]string{"plugin", "load", "-f", missing, "-s", "Hook"}, 1, "", "tyk: error: unexpected error: plugin.Open(\"" +
			missing + "\"): realpath failed, try --help\n"},
	}
	for _, c := range cases {
		var out, problems bytes.Buffer
		code, done := runCommand(c.args, settings{"STANDIN_VERSION": "5.13.1"}.get, &out, &problems)
		if !done || code != c.code || out.String() != c.out || problems.String() != c.err {
			t.Errorf("%v: %d %q %q", c.args, code, out.String(), problems.String())
		}
	}
	if _, done := runCommand([]string{"--conf=/opt/tyk-gateway/tyk.conf"}, settings{}.get, nil, nil); done {
		t.Error("the gateway is not started with --conf")
	}
}
