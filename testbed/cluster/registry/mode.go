package registry

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// slowness is how long each answer takes in the mode "slow". A pull asks once,
// and three times more for content that the node does not have.
const slowness = 10 * time.Second

// mode is how the registry behaves; status 0 means that it answers for itself.
type mode struct {
	name   string
	status int
	delay  time.Duration
	down   bool
	over   chan struct{} // closed when another mode takes its place
}

func parseMode(name string) (*mode, error) {
	m := &mode{name: name, over: make(chan struct{})}
	switch name {
	case "ok":
	case "slow":
		m.delay = slowness
	case "down":
		m.down = true
	default:
		var err error
		if m.status, err = strconv.Atoi(name); err != nil || m.status < 400 || m.status > 599 {
			return nil, fmt.Errorf("no mode %q: it is ok, slow, down or an HTTP status from 400 to 599", name)
		}
	}
	return m, nil
}

// wait holds an answer back; it ends early when the mode does, or the request.
func (m *mode) wait(r *http.Request) {
	if m.delay == 0 {
		return
	}
	select {
	case <-time.After(m.delay):
	case <-m.over:
	case <-r.Context().Done():
	}
}

// errorCodes are those of the OCI distribution specification, "Error Codes".
var errorCodes = map[int]string{
	http.StatusUnauthorized: "UNAUTHORIZED", http.StatusForbidden: "DENIED",
	http.StatusTooManyRequests: "TOOMANYREQUESTS",
}

// refuse answers with the mode's status as a registry does.
func (m *mode) refuse(w http.ResponseWriter) {
	code, ok := errorCodes[m.status]
	if !ok {
		code = "UNKNOWN"
	}
	if m.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="testbed"`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(m.status)
	entry := map[string]string{"code": code, "message": http.StatusText(m.status)}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{entry}}) // the client has gone: nobody to tell
}
