package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

//go:embed conf
var confFiles embed.FS

// prepare writes a fresh state directory: certificates, configuration, tools.
func (o *options) prepare() error {
	if o.pause == "" {
		return errors.New("give -pause IMAGE.tar")
	}
	steps := []func() error{
		o.clean, o.makeFolders, o.choosePort, o.keepProgram, o.keepPauseImage,
		func() error { return writePKI(o.path("pki")) },
		o.writeKubeconfigs, o.writeConf, o.writeRegistryConf, o.makeCgroups, o.holdMountPoints,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (o *options) makeFolders() error {
	for _, d := range []string{"bin", "conf", "log", "run", "var/containerd"} {
		if err := os.MkdirAll(o.path(d), 0o755); err != nil {
			return err
		}
	}
	return os.MkdirAll(o.path("var/etcd"), 0o700)
}

// keepProgram keeps this program in the state directory, so that a later build
// cannot pull it away from under the running cluster.
func (o *options) keepProgram() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if os.Link(self, o.program()) == nil {
		return nil
	}
	return copyFile(self, o.program(), 0o755) // another file system
}

func (o *options) keepPauseImage() error {
	return copyFile(o.pause, o.path("conf", "pause.tar"), 0o644)
}

func copyFile(from, to string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func (o *options) writeKubeconfigs() error {
	server := fmt.Sprintf("https://127.0.0.1:%d", o.port)
	if err := writeKubeconfig(o.path("kubeconfig"), o.path("pki"), "admin", server); err != nil {
		return err
	}
	for _, name := range []string{"controller-manager", "scheduler", "proxy", "kubelet", "dns"} {
		if err := writeKubeconfig(o.kubeconfig(name), o.path("pki"), name, server); err != nil {
			return err
		}
	}
	return nil
}

// kubeconfig is the file with a component's own certificate.
func (o *options) kubeconfig(component string) string {
	return o.path("conf", component+".kubeconfig")
}

// writeConf fills the templates of conf/ in.
func (o *options) writeConf() error {
	fill := strings.NewReplacer("@STATE@", o.state, "@CGROUP@", "/"+o.cgroupName(), "@PAUSE@", pauseImage,
		"@DNSIP@", dnsIP, "@PODCIDR@", podCIDR, "@NODECIDR@", nodeCIDR, "@NODE@", nodeName, "@CNIBIN@", cniBin)
	entries, err := confFiles.ReadDir("conf")
	if err != nil {
		return err
	}
	for _, e := range entries {
		text, err := confFiles.ReadFile("conf/" + e.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.path("conf", e.Name()), []byte(fill.Replace(string(text))), 0o644); err != nil {
			return err
		}
	}
	return nil
}
