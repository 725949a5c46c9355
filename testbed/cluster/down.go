package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// downCmd stops the cluster and removes everything it left.
func downCmd(args []string) error {
	o, err := parseOptions("down", args)
	if err != nil {
		return err
	}
	if _, err := os.Stat(o.state); os.IsNotExist(err) {
		fmt.Fprintln(os.Stderr, "testbed: nothing to stop: no", o.state)
		return nil
	}
	began := time.Now()
	if r, alive := o.running(); alive {
		if err := stop(r); err != nil {
			return err
		}
	}
	f, err := o.awaitLock()
	if err != nil {
		return err
	}
	defer f.Close()
	if err := o.clean(); err != nil {
		return err
	}
	o.releaseMountPoints()
	if err := os.Remove(o.path("lock")); err != nil {
		return err
	}
	_ = os.Remove(o.state) // stays if somebody else's file is in it
	fmt.Fprintf(os.Stderr, "testbed: stopped and removed in %.1fs\n", time.Since(began).Seconds())
	return nil
}

// stop ends the outer process, politely first. Its death ends the node: the
// node's process 1 has it as Pdeathsig, and all others are in that PID namespace.
func stop(r record) error {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if startTime(r.Outer) != r.OuterStart {
			return nil
		}
		_ = syscall.Kill(r.Outer, signal) // gone in between: seen by the loop
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if startTime(r.Outer) != r.OuterStart {
				return nil
			}
		}
	}
	return fmt.Errorf("process %d does not end, not even by SIGKILL", r.Outer)
}

// awaitLock takes the lock. The last threads of a process that counts as ended
// may hold it a moment longer.
func (o *options) awaitLock() (*os.File, error) {
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		f, held, err := o.lock()
		if err != nil || !held {
			return f, err
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("%s is in use, but no process of its record is alive", o.state)
		}
	}
}

// clean removes what a cluster wrote in the state directory, and its cgroups.
func (o *options) clean() error {
	o.removeCgroups()
	for _, d := range []string{"run", "var", "conf", "pki", "kubeconfig", "bin", "log"} {
		if err := os.RemoveAll(o.path(d)); err != nil {
			return err
		}
	}
	return nil
}
