package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// neededPrograms maps each program to the Debian package that has it.
var neededPrograms = map[string]string{
	"containerd": "containerd", "ctr": "containerd", "containerd-shim-runc-v2": "containerd",
	"runc": "runc", "nft": "nftables", "ip": "iproute2", "nsenter": "util-linux", "mount": "mount",
}

// preflight says in one go everything that is missing.
func preflight() error {
	var bad []string
	if os.Getuid() != 0 {
		bad = append(bad, "must run as root")
	}
	for program, pkg := range neededPrograms {
		if _, err := lookPath(program); err != nil {
			bad = append(bad, fmt.Sprintf("%s is missing: apt-get install %s", program, pkg))
		}
	}
	for _, plugin := range []string{"ptp", "host-local", "loopback"} {
		if _, err := os.Stat(filepath.Join(cniBin, plugin)); err != nil {
			bad = append(bad, fmt.Sprintf("%s/%s is missing: apt-get install containernetworking-plugins", cniBin, plugin))
		}
	}
	if b, err := os.ReadFile("/proc/filesystems"); err != nil || !strings.Contains(string(b), "overlay") {
		bad = append(bad, "the kernel has no overlay file system (try: modprobe overlay)")
	}
	if len(bad) == 0 {
		return nil
	}
	slices.Sort(bad)
	return errors.New("cannot start:\n  " + strings.Join(bad, "\n  "))
}

// lookPath finds a program in PATH or in the system's folders, which a user's
// PATH often lacks (nft lives in /usr/sbin).
func lookPath(name string) (string, error) {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/bin", "/sbin", "/bin") {
		p := filepath.Join(dir, name)
		if st, err := os.Stat(p); err == nil && st.Mode()&0o111 != 0 && !st.IsDir() {
			return p, nil
		}
	}
	return "", fmt.Errorf("%s: not found in PATH", name)
}
