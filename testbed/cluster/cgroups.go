package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const cgroupV2Root = "/sys/fs/cgroup"

// cgroupRoots are the hierarchies of the machine: one for version 2, one a
// controller for version 1.
func cgroupRoots() []string {
	if _, err := os.Stat(cgroupV2Root + "/cgroup.controllers"); err == nil {
		return []string{cgroupV2Root}
	}
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	var roots []string
	for _, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) > 8 && strings.HasPrefix(f[4], "/sys/fs/cgroup/") && strings.Contains(line, " - cgroup") {
			roots = append(roots, f[4])
		}
	}
	return roots
}

// makeCgroups makes the node's own group in each hierarchy; the kubelet refuses
// to start without its cgroupRoot.
func (o *options) makeCgroups() error {
	for _, root := range cgroupRoots() {
		if strings.HasSuffix(root, "/unified") {
			continue // the hybrid layout's empty version 2 hierarchy has no controllers
		}
		if root == cgroupV2Root {
			delegateControllers(root)
		}
		dir := filepath.Join(root, o.cgroupName())
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := fillCpuset(root, dir); err != nil {
			return err
		}
	}
	return nil
}

// delegateControllers hands the controllers down, one by one because a kernel
// may lack some, and one refused write refuses all names in it.
func delegateControllers(root string) {
	for _, c := range []string{"cpuset", "cpu", "io", "memory", "pids", "hugetlb"} {
		_ = os.WriteFile(root+"/cgroup.subtree_control", []byte("+"+c), 0o644)
	}
}

// fillCpuset copies the parent's processors and memory nodes: a new cpuset of
// version 1 is empty, and no process can enter it.
func fillCpuset(root, dir string) error {
	for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
		own, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.TrimSpace(string(own)) != "" {
			continue // another controller, or already filled
		}
		parent, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // version 2's root group has no such file, and an empty one inherits
		}
		if err := os.WriteFile(filepath.Join(dir, name), parent, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// removeCgroups removes the node's groups, children first. A group stays busy
// for a moment after its last process was killed.
func (o *options) removeCgroups() {
	for _, root := range cgroupRoots() {
		var dirs []string
		_ = filepath.WalkDir(filepath.Join(root, o.cgroupName()), func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				dirs = append(dirs, p)
			}
			return nil
		})
		slices.Reverse(dirs)
		for _, d := range dirs {
			for try := 0; try < 20 && unix.Rmdir(d) == unix.EBUSY; try++ {
				time.Sleep(50 * time.Millisecond)
			}
		}
	}
}
