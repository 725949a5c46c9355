package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// upCmd starts the cluster, or finds it running, and waits until it is ready.
func upCmd(args []string) error {
	o, err := parseOptions("up", args)
	if err != nil {
		return err
	}
	if err := preflight(); err != nil {
		return err
	}
	began := time.Now()
	say := func(text string) {
		fmt.Fprintf(os.Stderr, "testbed: %5.1fs %s\n", time.Since(began).Seconds(), text)
	}
	f, held, err := o.lock()
	if err != nil {
		return err
	}
	if held {
		say("a cluster is already running in " + o.state)
	} else {
		say("preparing " + o.state)
		if err := o.launch(f); err != nil {
			return err
		}
	}
	port, err := o.await(say)
	if err != nil {
		return err
	}
	say(fmt.Sprintf("node Ready, API server at https://127.0.0.1:%d", port))
	return nil
}

// launch makes a fresh state directory and starts the outer process, which
// takes the lock with it.
func (o *options) launch(lock *os.File) error {
	defer lock.Close()
	if err := o.prepare(); err != nil {
		return err
	}
	log, err := os.Create(o.logFile("testbed"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(o.program(), append([]string{"_outer"}, o.args()...)...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.ExtraFiles = []*os.File{lock}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // so that one that ends at once is no zombie and its lock is seen as free
	return nil
}

// await polls until the cluster is ready and returns the API server's port.
func (o *options) await(say func(string)) (int, error) {
	began, last := time.Now(), ""
	for time.Since(began) < o.timeout {
		now, port, err := o.progress(time.Since(began))
		if err != nil {
			return 0, err
		}
		if now == "" {
			return port, nil
		}
		if now != last {
			say(now)
			last = now
		}
		time.Sleep(200 * time.Millisecond)
	}
	return 0, fmt.Errorf("gave up after %s: %s\n%s\nlogs: %s", o.timeout, last, tail(o.logFile("testbed"), 3000), o.path("log"))
}

// progress says what is still missing, or fails if the node has ended.
func (o *options) progress(waited time.Duration) (string, int, error) {
	r, alive := o.running()
	if alive {
		a, err := o.api(r.Port)
		if err != nil {
			return "", 0, err
		}
		return a.missing(), r.Port, nil
	}
	f, held, err := o.lock()
	if err != nil {
		return "", 0, err
	}
	if f != nil {
		f.Close()
	}
	if !held && waited > 2*time.Second {
		return "", 0, errors.New("the node ended at once:\n" + tail(o.logFile("testbed"), 3000))
	}
	return "waiting for the node to start", 0, nil
}

// tail returns the last n bytes of a file, or why it cannot be read.
func tail(file string, n int) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-n):])
}
