package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// record says which processes are the cluster. A process is known by its id and
// its start time, so that a stale record never names somebody else's process.
type record struct {
	Outer, Inner int
	OuterStart   string
	Port         int
}

// lock is held by the running cluster for as long as it lives. held is true if
// another process has it; then the file is nil.
func (o *options) lock() (f *os.File, held bool, err error) {
	if err := os.MkdirAll(o.state, 0o755); err != nil {
		return nil, false, err
	}
	f, err = os.OpenFile(o.path("lock"), os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return nil, false, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, false, nil
	}
	f.Close()
	if err == unix.EWOULDBLOCK {
		return nil, true, nil
	}
	return nil, false, err
}

// startTime is field 22 of /proc/PID/stat, "" for a process that is gone or a zombie.
func startTime(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The program's name (field 2) may hold spaces: count from its closing bracket.
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(f) < 20 || f[0] == "Z" || f[0] == "X" {
		return ""
	}
	return f[19]
}

func (o *options) recordFile() string { return o.path("run", "testbed.json") }

func (o *options) writeRecord(r record) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.recordFile()+".new", b, 0o644); err != nil {
		return err
	}
	return os.Rename(o.recordFile()+".new", o.recordFile())
}

// running returns the record of the cluster and whether it is alive.
func (o *options) running() (r record, alive bool) {
	b, err := os.ReadFile(o.recordFile())
	if err != nil || json.Unmarshal(b, &r) != nil {
		return r, false
	}
	return r, r.OuterStart != "" && startTime(r.Outer) == r.OuterStart
}
