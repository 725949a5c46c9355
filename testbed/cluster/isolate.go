package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// kubeletSysctls are settings of the whole machine that the kubelet insists on
// and would change. It is shown files that already say what it wants.
var kubeletSysctls = map[string]string{
	"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10", "kernel/panic_on_oops": "1",
	"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
}

// nodeSysctls belong to the node's own network namespace.
var nodeSysctls = map[string]string{
	"net/ipv4/ip_forward": "1", "net/ipv4/conf/all/rp_filter": "0", "net/ipv4/conf/default/rp_filter": "0",
}

// isolate gives the node a private view of the machine's files.
func (o *options) isolate() error {
	for _, step := range []func() error{mountPrivate, o.hideFixedPaths, o.hideSysctls, o.hideNames} {
		if err := step(); err != nil {
			return err
		}
	}
	return unix.Sethostname([]byte(nodeName))
}

func mount(source, target, kind string, flags uintptr, data string) error {
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		return fmt.Errorf("mount %s on %s: %w", source, target, err)
	}
	return nil
}

// mountPrivate cuts the mounts off from the machine's (private), then makes them
// shared again among the node's own namespaces, which containers' mounts need.
func mountPrivate() error {
	if err := mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return err
	}
	if err := mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return err
	}
	return mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755")
}

// hideFixedPaths: Kubernetes and containerd insist on these paths.
func (o *options) hideFixedPaths() error {
	for _, target := range fixedPaths {
		source := o.path("var", filepath.Base(target))
		if err := os.MkdirAll(source, 0o755); err != nil {
			return err
		}
		if err := mount(source, target, "", unix.MS_BIND, ""); err != nil {
			return err
		}
		if err := mount("", target, "", unix.MS_SHARED, ""); err != nil {
			return err
		}
	}
	return nil
}

func (o *options) hideSysctls() error {
	for name, wanted := range kubeletSysctls {
		source := o.path("run", "sysctl-"+strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(source, []byte(wanted+"\n"), 0o644); err != nil {
			return err
		}
		if err := mount(source, "/proc/sys/"+name, "", unix.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}

// hideNames lets the node find its registry by name, and be told of every other
// name that it does not exist.
func (o *options) hideNames() error {
	for target, name := range map[string]string{"/etc/hosts": "hosts", "/etc/resolv.conf": "resolv"} {
		if _, err := os.Stat(target); os.IsNotExist(err) {
			continue // a link into the machine's /run: nobody answers then, which is as good
		}
		if err := mount(o.path("conf", name), target, "", unix.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}
