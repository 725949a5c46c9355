package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// gateway is one running stand-in.
type gateway struct {
	config       config
	log          *logger
	store        *store
	checks       atomic.Pointer[map[string]check]
	apis         atomic.Pointer[apiSet]
	policies     atomic.Pointer[[]object]
	reloaded     atomic.Bool
	shuttingDown atomic.Bool
	loading      sync.Mutex
	queueLock    sync.Mutex
	queue        []chan struct{}
	servers      []*http.Server
	faultProblem atomic.Pointer[string]
}

func newGateway(c config, log *logger) *gateway {
	g := &gateway{config: c, log: log, store: newStore(c.storage, log)}
	g.apis.Store(newAPISet(nil))
	g.policies.Store(&[]object{})
	return g
}

// faults returns the faults that hold now; an unreadable list is logged once, and the fixed ones hold.
func (g *gateway) faults() faults {
	found, err := g.config.faults.now()
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	if last := g.faultProblem.Swap(&problem); problem != "" && (last == nil || *last != problem) {
		g.log.error(fields{"prefix": "standin"}, "Cannot read faults: %s", problem)
	}
	return found
}

// shown are the APIs the gateway admits to having.
func (g *gateway) shown() *apiSet {
	if g.faults().has("lose-apis") {
		return newAPISet(nil)
	}
	return g.apis.Load()
}

// controlRoutes are /hello, /ready and /tyk/, in front of next.
func (g *gateway) controlRoutes(next http.Handler) http.Handler {
	admin := g.admin()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/"+g.config.healthName:
			g.hello(w, r)
		case g.config.class.ready && r.URL.Path == "/"+g.config.readyName:
			g.ready(w, r)
		case strings.HasPrefix(r.URL.Path, "/tyk/"):
			admin.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// serveAPI answers for the API whose listen path fits, in place of its target.
func (g *gateway) serveAPI(w http.ResponseWriter, r *http.Request) {
	a, ok := g.shown().match(r.URL.Path)
	if !ok {
		notFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// The peer may have gone away; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(map[string]string{"api": a.name(), "api_id": a.id(), "path": r.URL.Path,
		"gateway": g.config.class.version})
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprint(w, "Not Found")
}

// spoiled puts the faults in front of a handler.
func (g *gateway) spoiled(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !disturb(g.faults(), w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// listen opens the ports and serves on them; a port that cannot be opened is logged, and the
// gateway goes on without it, as the real one does.
func (g *gateway) listen(ctx context.Context) {
	proxy := http.HandlerFunc(g.serveAPI)
	control := g.config.controlPort
	if control == 0 || control == g.config.listenPort {
		g.serve(ctx, g.config.listenPort, g.controlRoutes(proxy), g.config.controlMutualTLS && control != 0)
		return
	}
	g.serve(ctx, control, g.controlRoutes(http.HandlerFunc(notFound)), g.config.controlMutualTLS)
	g.serve(ctx, g.config.listenPort, proxy, false)
}

func (g *gateway) serve(ctx context.Context, port int, handler http.Handler, clientCertificate bool) {
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err == nil && g.config.useSSL {
		listener, err = g.secure(listener, clientCertificate)
	}
	if err != nil {
		g.log.error(inMain.with("error", err), "Can't start listener")
		return
	}
	g.log.warn(inMain, "Starting HTTP server on:%s", listener.Addr())
	server := &http.Server{Handler: g.spoiled(handler), Addr: fmt.Sprintf(":%d", port),
		ReadTimeout: 120 * time.Second, WriteTimeout: 120 * time.Second, ErrorLog: quiet(),
		BaseContext: func(net.Listener) context.Context { return ctx }}
	g.servers = append(g.servers, server)
	go func() {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			g.log.error(inMain.with("error", err), "Server stopped")
		}
	}()
}

// secure puts TLS on the listener. With a client certificate asked for, any certificate will do:
// the real gateway compares it with a list that no chart sets.
func (g *gateway) secure(listener net.Listener, clientCertificate bool) (net.Listener, error) {
	settings := &tls.Config{MinVersion: g.config.minTLS, MaxVersion: g.config.maxTLS}
	for _, c := range g.config.certificates {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			listener.Close()
			return nil, err
		}
		settings.Certificates = append(settings.Certificates, pair)
	}
	if clientCertificate {
		settings.ClientAuth = tls.RequireAnyClientCert
	}
	return tls.NewListener(listener, settings), nil
}

// closeServers stops listening at once and waits for the requests under way.
func (g *gateway) closeServers(ctx context.Context) error {
	var wait sync.WaitGroup
	failed := make(chan error, len(g.servers))
	for _, server := range g.servers {
		if g.config.class.gracefulLines {
			g.log.info(inMain, "Shutting down HTTP server on %s", server.Addr)
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			failed <- server.Shutdown(ctx)
		}()
	}
	wait.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
