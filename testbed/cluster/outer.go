package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lockFD is where launch's ExtraFiles put the lock.
const lockFD = 3

// outerCmd stays in the machine's own namespaces: it starts the node in new
// ones, and carries the API server's connections across.
func outerCmd(args []string) error {
	o, err := parseOptions("_outer", args)
	if err != nil {
		return err
	}
	unix.CloseOnExec(lockFD) // held as long as this process lives, not by its children
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	signal.Ignore(syscall.SIGHUP)
	address := fmt.Sprintf("127.0.0.1:%d", o.port)
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		return err
	}
	node, ended, err := o.startNode()
	if err != nil {
		return err
	}
	pid := node.Process.Pid
	r := record{Outer: os.Getpid(), Inner: pid, OuterStart: startTime(os.Getpid()), Port: o.port}
	if err := o.writeRecord(r); err != nil {
		return err
	}
	go relay(listener, func() (net.Conn, error) { return dialInside(pid, address) })
	select {
	case err := <-ended:
		return fmt.Errorf("the node ended: %v", err)
	case <-ctx.Done():
	}
	endNode(node, ended)
	o.removeCgroups()
	return nil
}

// startNode starts process 1 of the node in its own namespaces.
func (o *options) startNode() (*exec.Cmd, <-chan error, error) {
	// Pdeathsig comes when the *thread* that started the child ends, so that
	// thread must live as long as this process.
	runtime.LockOSThread()
	cmd := exec.Command(o.program(), append([]string{"_inner"}, o.args()...)...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = os.Stdout, os.Stderr, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL, Setsid: true,
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("new namespaces: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return cmd, ended, nil
}

func endNode(node *exec.Cmd, ended <-chan error) {
	_ = node.Process.Signal(syscall.SIGTERM) // an error means that it has ended
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		_ = node.Process.Kill()
		<-ended
	}
}
