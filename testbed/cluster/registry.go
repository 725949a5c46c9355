package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// registryHosts are the names under which the node finds its registry. Each has
// repositories of its own.
var registryHosts = []string{"tyk-upgrade.test", "docker.tyk.io", "docker.io"}

const (
	registryAddress = registryIP + ":80"
	registryAdmin   = "127.0.0.1:5001" // out of the pods' reach
)

func (o *options) registryArgs() []string {
	flags := []string{"-listen", registryAddress, "-admin", registryAdmin, "-blobs", o.path("var", "registry")}
	return append(flags, registryHosts...)
}

// writeRegistryConf tells containerd that the registry speaks plain HTTP, and
// where it is.
func (o *options) writeRegistryConf() error {
	for _, host := range registryHosts {
		if err := os.MkdirAll(o.path("conf", "certs.d", host), 0o755); err != nil {
			return err
		}
		// containerd 1.6 refuses a file without the table of mirrors, even if it is empty
		text := fmt.Sprintf("server = \"http://%s\"\n[host]\n", host)
		if err := os.WriteFile(o.path("conf", "certs.d", host, "hosts.toml"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("127.0.0.1 localhost\n%s %s\n%s %s\n", nodeIP, nodeName, registryIP, strings.Join(registryHosts, " "))
	return os.WriteFile(o.path("conf", "hosts"), []byte(text), 0o644)
}

// registryModeCmd sets how the registry behaves, if a mode is given, and prints it.
func registryModeCmd(args []string) error {
	o, err := parseOptions("registry-mode", args)
	if err != nil {
		return err
	}
	client, err := o.nodeClient(registryAdmin)
	if err != nil {
		return err
	}
	method := http.MethodGet
	if len(o.rest) > 0 {
		method = http.MethodPut
	}
	request, err := http.NewRequest(method, "http://"+registryAdmin, strings.NewReader(strings.Join(o.rest, " ")))
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(string(text)))
	}
	_, err = os.Stdout.Write(text)
	return err
}

// nodeClient speaks HTTP with one address inside the node, whatever the URL says.
func (o *options) nodeClient(address string) (*http.Client, error) {
	r, alive := o.running()
	if !alive {
		return nil, fmt.Errorf("no cluster is running in %s", o.state)
	}
	dial := func(context.Context, string, string) (net.Conn, error) { return dialInside(r.Inner, address) }
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: dial}}, nil
}
