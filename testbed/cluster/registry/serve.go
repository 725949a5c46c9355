// Package registry is the image registry of the node: go-containerregistry's, once for each host
// name, with a switch that makes it misbehave.
package registry

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Run serves the registry of the host names args ends with until it is killed. Layers are kept
// in a folder, names and manifests in memory: after a crash, the next load brings them again.
func Run(args []string) error {
	flags := flag.NewFlagSet("registry", flag.ExitOnError)
	listen := flags.String("listen", "", "address to serve on")
	admin := flags.String("admin", "", "address to take modes on")
	blobs := flags.String("blobs", "", "folder of the blobs")
	_ = flags.Parse(args) // ExitOnError: it never returns an error
	if err := os.MkdirAll(*blobs, 0o755); err != nil {
		return err
	}
	s := newServer(*listen, *blobs, flags.Args())
	if err := s.set("ok"); err != nil {
		return err
	}
	return http.ListenAndServe(*admin, http.HandlerFunc(s.serveAdmin))
}

// server is the registry in its present mode.
type server struct {
	address string
	hosts   http.Handler

	mu   sync.Mutex
	mode *mode
	http *http.Server // nil while the registry is down
}

func newServer(address, blobs string, hosts []string) *server {
	mux := http.NewServeMux()
	kept := registry.NewDiskBlobHandler(blobs)
	for _, host := range hosts {
		logger := log.New(os.Stderr, host+" ", log.LstdFlags)
		mux.Handle(host+"/", registry.New(registry.WithBlobHandler(kept), registry.Logger(logger)))
	}
	return &server{address: address, hosts: mux}
}

// set changes the mode; it is in force when set returns.
func (s *server) set(name string) error {
	next, err := parseMode(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.listen(!next.down); err != nil {
		return err
	}
	if s.mode != nil {
		close(s.mode.over)
	}
	s.mode = next
	return nil
}

// listen opens or closes the port. Closing ends the connections too: containerd
// keeps them, and would go on as if nothing had happened.
func (s *server) listen(wanted bool) error {
	if wanted == (s.http != nil) {
		return nil
	}
	if !wanted {
		err := s.http.Close()
		s.http = nil
		return err
	}
	listener, err := net.Listen("tcp4", s.address)
	if err != nil {
		return err
	}
	s.address = listener.Addr().String() // the same port again, also where any would do
	s.http = &http.Server{Handler: s}
	go func(server *http.Server) {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err) // the supervisor starts it afresh
		}
	}(s.http)
	return nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := s.current()
	now.wait(r)
	if now.status == 0 {
		s.hosts.ServeHTTP(w, r)
		return
	}
	log.Printf("%s %s%s: answered %d as told", r.Method, r.Host, r.URL, now.status)
	now.refuse(w)
}

func (s *server) current() *mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mode
}

// serveAdmin takes the mode of a PUT's body and answers with the one in force.
func (s *server) serveAdmin(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		name, err := io.ReadAll(io.LimitReader(r.Body, 100))
		if err == nil {
			err = s.set(string(name))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	fmt.Fprintln(w, s.current().name)
}
