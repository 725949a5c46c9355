package main

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// dialInside opens a TCP connection in the network namespace of a process. A
// thread enters that namespace and is thrown away afterwards.
func dialInside(pid int, address string) (conn net.Conn, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		var fd int
		if fd, err = unix.Open(fmt.Sprintf("/proc/%d/ns/net", pid), unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			return
		}
		defer unix.Close(fd)
		if err = unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
			return
		}
		conn, err = net.DialTimeout("tcp4", address, 5*time.Second)
	}()
	<-done
	return conn, err
}

// relay carries each connection of a listener to one that dial opens.
func relay(listener net.Listener, dial func() (net.Conn, error)) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // the listener was closed: the process is ending
		}
		go carry(client, dial)
	}
}

// carry copies both ways until both sides have finished sending.
func carry(client net.Conn, dial func() (net.Conn, error)) {
	defer client.Close()
	server, err := dial()
	if err != nil {
		return // the client sees its connection closed
	}
	defer server.Close()
	done := make(chan struct{}, 2)
	go copyHalf(server, client, done)
	go copyHalf(client, server, done)
	<-done
	<-done
}

// copyHalf passes the end of one direction on, and leaves the other open.
func copyHalf(to, from net.Conn, done chan<- struct{}) {
	_, _ = io.Copy(to, from) // a broken connection ends like a finished one
	if t, ok := to.(*net.TCPConn); ok {
		_ = t.CloseWrite()
	}
	done <- struct{}{}
}
