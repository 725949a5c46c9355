package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// options are the flags that all commands share.
type options struct {
	state   string // absolute path of the state directory
	port    int    // loopback port of the API server, the same inside and outside
	timeout time.Duration
	pause   string // image tar of the pause container
	rest    []string
}

func parseOptions(name string, args []string) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	flags.StringVar(&o.state, "state", "", "state directory")
	flags.IntVar(&o.port, "port", 0, "loopback port of the API server (default: a free one)")
	flags.DurationVar(&o.timeout, "timeout", 3*time.Minute, "how long to wait for the node")
	flags.StringVar(&o.pause, "pause", "", "image tar of the pause container")
	_ = flags.Parse(args) // ExitOnError: it never returns an error
	o.rest = flags.Args()
	if o.state == "" {
		return nil, errors.New("give -state DIR")
	}
	var err error
	if o.state, err = filepath.Abs(o.state); err != nil {
		return nil, err
	}
	return o, checkState(o.state)
}

// checkState refuses directories that cannot work: those that the node hides
// behind its own, and names that overlayfs takes for separators of its options.
func checkState(state string) error {
	for _, p := range append([]string{"/run", "/proc", "/sys", "/dev"}, fixedPaths...) {
		if state == p || strings.HasPrefix(state, p+"/") {
			return fmt.Errorf("the state directory cannot be under %s", p)
		}
	}
	if strings.ContainsAny(state, ":,\\\"\n") {
		return fmt.Errorf("the state directory %q has one of : , \\ \" in its path, which overlayfs cannot mount", state)
	}
	return nil
}

// args are the options as the flags of a child of ours.
func (o *options) args() []string {
	return []string{"-state", o.state, "-port", strconv.Itoa(o.port)}
}

// path joins names to the state directory.
func (o *options) path(names ...string) string {
	return filepath.Join(append([]string{o.state}, names...)...)
}

func (o *options) program() string { return o.path("bin", "testbed") }

func (o *options) logFile(name string) string { return o.path("log", name+".log") }

// cgroupName is the node's own cgroup, told apart by state directory.
func (o *options) cgroupName() string {
	return fmt.Sprintf("testbed-%x", sha256.Sum256([]byte(o.state)))[:16]
}

// choosePort takes a free loopback port if none was asked for.
func (o *options) choosePort() error {
	if o.port != 0 {
		return nil
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	o.port = l.Addr().(*net.TCPAddr).Port
	return l.Close()
}
