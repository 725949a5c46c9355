package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// TestMain lets the test binary act as the gateway itself, for the tests of the whole process.
func TestMain(m *testing.M) {
	if os.Getenv("GATEWAY_TEST_MAIN") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// fakeRedis is a Redis that a test can stop and start again on the same port.
type fakeRedis interface {
	addr() string
	stop()
	start()
}

// startRedis runs redis-server where it is installed, else an in-process server of the same protocol.
func startRedis(t *testing.T) fakeRedis {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Log("redis-server is not in PATH: using the in-process miniredis")
		server := miniredis.RunT(t)
		return &inProcess{t, server, server.Addr()}
	}
	server := &realRedis{t: t, path: path, port: freePort(t)}
	server.start()
	t.Cleanup(server.stop)
	return server
}

type inProcess struct {
	t      *testing.T
	server *miniredis.Miniredis
	where  string
}

func (r *inProcess) addr() string { return r.where }
func (r *inProcess) stop()        { r.server.Close() }
func (r *inProcess) start() {
	if err := r.server.Restart(); err != nil {
		r.t.Fatalf("restart miniredis: %v", err)
	}
}

type realRedis struct {
	t       *testing.T
	path    string
	port    int
	process *exec.Cmd
}

func (r *realRedis) addr() string { return fmt.Sprintf("127.0.0.1:%d", r.port) }

func (r *realRedis) start() {
	r.process = exec.Command(r.path, "--port", fmt.Sprint(r.port), "--save", "", "--dir", r.t.TempDir())
	if err := r.process.Start(); err != nil {
		r.t.Fatalf("start redis-server: %v", err)
	}
	eventually(r.t, "redis-server listens", func() bool {
		conn, err := net.Dial("tcp", r.addr())
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

func (r *realRedis) stop() {
	if r.process == nil {
		return
	}
	if err := r.process.Process.Kill(); err != nil {
		r.t.Logf("kill redis-server: %v", err)
	}
	r.process.Wait()
	r.process = nil
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("timed out waiting: %s", what)
}

// lines collects what a gateway writes, for reading while it writes.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// running is a gateway in this process, on a port of its own.
type running struct {
	*gateway
	log     *lines
	url     string
	control string
	folder  string
	stop    context.CancelFunc
}

// settings are environment variables by name.
type settings map[string]string

// baseSettings are those the chart sets, for a folder and a Redis.
func baseSettings(t *testing.T, version, redisAddr string) settings {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"apps", "policies"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return settings{
		"STANDIN_VERSION": version, "STANDIN_START_DELAY": "0",
		"TYK_GW_LISTENPORT": fmt.Sprint(freePort(t)), "TYK_GW_STORAGE_TYPE": "redis",
		"TYK_GW_STORAGE_ADDRS": redisAddr, "TYK_GW_SECRET": "test-secret", "TYK_GW_NODESECRET": "test-node",
		"TYK_GW_APPPATH": filepath.Join(folder, "apps"), "TYK_GW_POLICIES_POLICYSOURCE": "file",
		"TYK_GW_POLICIES_POLICYPATH":       filepath.Join(folder, "policies"),
		"TYK_GW_POLICIES_POLICYRECORDNAME": filepath.Join(folder, "policies", "policies.json"),
		"TYK_GW_PIDFILELOCATION":           filepath.Join(folder, "tyk.pid"),
		"TYK_GW_ALLOWINSECURECONFIGS":      "true", "TYK_GW_GLOBALSESSIONLIFETIME": "100",
		"TYK_GW_LIVENESSCHECK_CHECKDURATION": fmt.Sprint(int(300 * time.Millisecond)),
	}
}

func (s settings) set(pairs ...string) settings {
	for i := 0; i < len(pairs); i += 2 {
		s[pairs[i]] = pairs[i+1]
	}
	return s
}

func (s settings) get(name string) string { return s[name] }

// launch runs a gateway with these settings until the test ends.
func launch(t *testing.T, s settings) *running {
	t.Helper()
	c, err := loadConfig(s.get)
	if err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{gateway: newGateway(c, newLogger(c, log)), log: log, stop: cancel,
		url: fmt.Sprintf("http://127.0.0.1:%d", c.listenPort), folder: filepath.Dir(c.appPath)}
	r.control = r.url
	if c.controlPort != 0 {
		r.control = fmt.Sprintf("http://127.0.0.1:%d", c.controlPort)
	}
	go r.run(ctx)
	t.Cleanup(cancel) // not waited for: every gateway has ports and folders of its own
	eventually(t, "the gateway has loaded its APIs", r.reloaded.Load)
	return r
}

// answer is what a request got.
type answer struct {
	code        int
	contentType string
	body        string
}

func (r *running) ask(t *testing.T, method, path, body string) answer {
	t.Helper()
	return request(t, method, r.control+path, body, "test-secret")
}

func request(t *testing.T, method, url, body, secret string) answer {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		req.Header.Set("x-tyk-authorization", secret)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Content-Type"), string(data)}
}

// process is the gateway as a process of its own.
type process struct {
	*exec.Cmd
	log *lines
}

func spawn(t *testing.T, s settings, args ...string) process {
	t.Helper()
	p := process{exec.Command(os.Args[0], args...), &lines{}}
	p.Env = append(os.Environ(), "GATEWAY_TEST_MAIN=1")
	for name, value := range s {
		p.Env = append(p.Env, name+"="+value)
	}
	p.Stdout, p.Stderr = p.log, p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	return p
}

// messages returns level and message of each log line, in order.
func messages(t *testing.T, log string) []string {
	t.Helper()
	var found []string
	scanner := bufio.NewScanner(strings.NewReader(log))
	for scanner.Scan() {
		_, rest, ok := strings.Cut(scanner.Text(), "level=")
		if !ok {
			t.Fatalf("not a log line: %q", scanner.Text())
		}
		level, rest, _ := strings.Cut(rest, " ")
		_, message, _ := strings.Cut(rest, "=")
		if strings.HasPrefix(message, `"`) {
			message = message[1:]
			message = message[:strings.Index(message, `"`)]
		} else {
			message, _, _ = strings.Cut(message, " ")
		}
		found = append(found, level+" "+message)
	}
	return found
}
