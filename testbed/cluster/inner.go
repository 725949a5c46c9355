package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Addresses inside the node's own network namespace. Nothing links that
// namespace to another one, so none of these is ever seen outside it.
const (
	nodeName     = "testbed"
	nodeIP       = "198.18.0.1"
	dnsIP        = "198.18.0.53"
	registryIP   = "198.18.0.80"
	podCIDR      = "10.244.0.0/16"
	nodeCIDR     = "10.244.0.0/24"
	serviceCIDR  = "10.96.0.0/16"
	apiServiceIP = "10.96.0.1"
	pauseImage   = "tyk-upgrade.test/pause:1"
	cniBin       = "/usr/lib/cni"
)

// innerCmd is process 1 of the node: it sets the node up and supervises the
// components until it is told to stop.
func innerCmd(args []string) error {
	o, err := parseOptions("_inner", args)
	if err != nil {
		return err
	}
	if os.Getpid() != 1 {
		return errors.New("not process 1 of a PID namespace: this command is internal, use 'testbed up'")
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	s := newSupervisor()
	for _, step := range []func() error{
		o.isolate,
		func() error { return o.setUpNetwork(s) },
		func() error { return o.startControlPlane(ctx, s) },
		func() error { return o.startNodeComponents(s) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	<-ctx.Done()
	// The kernel ends every process of the PID namespace when this one ends.
	// etcd and containerd have nothing to save: the state is thrown away.
	s.stopping.Store(true)
	return nil
}

func (o *options) setUpNetwork(s *supervisor) error {
	ip, err := lookPath("ip")
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{"link", "set", "lo", "up"},
		{"addr", "add", nodeIP + "/32", "dev", "lo"},
		{"addr", "add", dnsIP + "/32", "dev", "lo"},
		{"addr", "add", registryIP + "/32", "dev", "lo"},
		// A route for the service addresses, so that processes on the node may
		// open connections to them: netfilter, and with it kube-proxy's rules,
		// sees a packet only after routing. It also keeps them off any other route.
		{"route", "add", "default", "dev", "lo", "src", nodeIP},
	} {
		if err := s.run(o.logFile("setup"), append([]string{ip}, args...)...); err != nil {
			return err
		}
	}
	for name, value := range nodeSysctls {
		if err := os.WriteFile("/proc/sys/"+name, []byte(value), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// startControlPlane starts etcd, containerd, the registry and the API server and
// waits until each answers.
func (o *options) startControlPlane(ctx context.Context, s *supervisor) error {
	containerd, err := lookPath("containerd")
	if err != nil {
		return err
	}
	ctr, err := lookPath("ctr")
	if err != nil {
		return err
	}
	o.keep(s, "etcd", o.etcdArgs())
	o.keep(s, "registry", o.registryArgs())
	s.keep("containerd", o.logFile("containerd"), []string{containerd, "--config", o.path("conf", "containerd.toml")})
	if err := waitFor(ctx, "etcd", 30*time.Second, dialable("tcp", "127.0.0.1:2379")); err != nil {
		return err
	}
	o.keep(s, "kube-apiserver", o.apiServerArgs())
	if err := waitFor(ctx, "containerd", 30*time.Second, dialable("unix", "/run/containerd/containerd.sock")); err != nil {
		return err
	}
	if err := s.run(o.logFile("setup"), ctr, "-n", "k8s.io", "images", "import", o.path("conf", "pause.tar")); err != nil {
		return err
	}
	ready, err := o.apiServerReady()
	if err != nil {
		return err
	}
	if err := waitFor(ctx, "kube-apiserver", 90*time.Second, ready); err != nil {
		return err
	}
	return waitFor(ctx, "registry", 10*time.Second, dialable("tcp", registryAdmin))
}

func (o *options) startNodeComponents(s *supervisor) error {
	o.keep(s, "kube-controller-manager", o.controllerManagerArgs())
	o.keep(s, "kube-scheduler", o.schedulerArgs())
	o.keep(s, "kubelet", o.kubeletArgs())
	o.keep(s, "kube-proxy", []string{"--config=" + o.path("conf", "kube-proxy.yaml"), "--v=1"})
	o.keep(s, "dns", []string{"-kubeconfig", o.kubeconfig("dns"), "-listen", dnsIP + ":53"})
	return nil
}

// keep supervises a component of this program.
func (o *options) keep(s *supervisor, name string, args []string) {
	s.keep(name, o.logFile(name), append([]string{o.program(), name}, args...))
}

// apiServerReady returns a check that asks /readyz.
func (o *options) apiServerReady() (func() error, error) {
	a, err := o.api(o.port)
	if err != nil {
		return nil, err
	}
	return func() error { return a.get("/readyz", nil) }, nil
}

// waitFor polls until the check passes or the time is over.
func waitFor(ctx context.Context, what string, limit time.Duration, check func() error) error {
	var err error
	for end := time.Now().Add(limit); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		if err = check(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s: not ready after %s: %v", what, limit, err)
}

func dialable(network, address string) func() error {
	return func() error {
		c, err := net.DialTimeout(network, address, time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	}
}
