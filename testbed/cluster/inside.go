package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// statusCmd succeeds if the cluster is ready and says where.
func statusCmd(args []string) error {
	o, err := parseOptions("status", args)
	if err != nil {
		return err
	}
	r, alive := o.running()
	if !alive {
		return errors.New("not running")
	}
	a, err := o.api(r.Port)
	if err != nil {
		return err
	}
	if what := a.missing(); what != "" {
		return errors.New(what)
	}
	fmt.Printf("ready: %s, process %d, node process %d\n", a.server, r.Outer, r.Inner)
	return nil
}

// enter is the command line that runs argv in the node's namespaces.
func (o *options) enter(argv ...string) ([]string, error) {
	r, alive := o.running()
	if !alive {
		return nil, fmt.Errorf("no cluster is running in %s", o.state)
	}
	nsenter, err := lookPath("nsenter")
	if err != nil {
		return nil, err
	}
	return append([]string{nsenter, "-t", strconv.Itoa(r.Inner), "-m", "-n", "-p", "-u", "-i", "--"}, argv...), nil
}

// execCmd runs a command inside the node, in place of this process.
func execCmd(args []string) error {
	o, err := parseOptions("exec", args)
	if err != nil {
		return err
	}
	if len(o.rest) == 0 {
		return errors.New("give a command")
	}
	argv, err := o.enter(o.rest...)
	if err != nil {
		return err
	}
	return syscall.Exec(argv[0], argv, append(os.Environ(), "KUBECONFIG="+o.path("kubeconfig")))
}

// loadCmd imports image tars into the node's containerd and, from there, into its registry.
func loadCmd(args []string) error {
	o, err := parseOptions("load", args)
	if err != nil {
		return err
	}
	argv, err := o.enter("ctr", "-n", "k8s.io", "images", "import", "-")
	if err != nil {
		return err
	}
	for _, file := range o.rest {
		if err := runWithInput(file, argv); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return o.publish()
}

// runWithInput hands the file over as standard input: its path may not exist
// in the node's mount namespace.
func runWithInput(file string, argv []string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin = in
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}
