package main

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// supervisor starts processes and, being process 1 of its PID namespace, reaps
// every orphan. os/exec is not used here: its Wait would race with the reaper.
type supervisor struct {
	mu       sync.Mutex
	waiting  map[int]chan syscall.WaitStatus
	stopping atomic.Bool
}

func newSupervisor() *supervisor {
	s := &supervisor{waiting: map[int]chan syscall.WaitStatus{}}
	go s.reap()
	return s
}

func (s *supervisor) reap() {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, syscall.SIGCHLD)
	for range signals {
		for s.reapOne() { // signals of the same kind merge: one may stand for many children
		}
	}
}

// reapOne collects one ended child and tells who waits for it; false if there is none.
func (s *supervisor) reapOne() bool {
	var status syscall.WaitStatus
	s.mu.Lock()
	pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
	ended := s.waiting[pid]
	delete(s.waiting, pid)
	s.mu.Unlock()
	if err == syscall.EINTR {
		return true
	}
	if pid <= 0 || err != nil {
		return false
	}
	if ended != nil {
		ended <- status
	}
	return true
}

// start starts argv with its output appended to a file; the channel tells its end.
func (s *supervisor) start(logFile string, argv []string) (chan syscall.WaitStatus, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	null, err := os.Open("/dev/null")
	if err != nil {
		return nil, err
	}
	defer null.Close()
	s.mu.Lock() // the reaper must not see the child before it is in the map
	defer s.mu.Unlock()
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
		Env: os.Environ(), Dir: "/",
		Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", argv[0], err)
	}
	ended := make(chan syscall.WaitStatus, 1)
	s.waiting[pid] = ended
	return ended, nil
}

// run runs one command to its end.
func (s *supervisor) run(logFile string, argv ...string) error {
	ended, err := s.start(logFile, argv)
	if err != nil {
		return err
	}
	if status := <-ended; !status.Exited() || status.ExitStatus() != 0 {
		out := bytes.TrimSpace([]byte(tail(logFile, 2000)))
		return fmt.Errorf("%s: exit status %d: %s", strings.Join(argv, " "), status.ExitStatus(), out)
	}
	return nil
}

// keep runs a component and starts it again when it ends, ever more slowly
// while it ends soon.
func (s *supervisor) keep(name, logFile string, argv []string) {
	go func() {
		for backoff := time.Second; ; backoff = min(backoff*2, 10*time.Second) {
			began := time.Now()
			ended, err := s.start(logFile, argv)
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			} else {
				status := <-ended
				if s.stopping.Load() {
					return
				}
				fmt.Fprintf(os.Stderr, "%s %s ended (status %d, signal %d), starting it again\n",
					time.Now().Format(time.TimeOnly), name, status.ExitStatus(), status.Signal())
			}
			if time.Since(began) > 30*time.Second {
				backoff = time.Second
			}
			time.Sleep(backoff)
		}
	}()
}
