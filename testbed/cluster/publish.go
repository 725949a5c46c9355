package main

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// publish pushes the images of the node that its registry does not have, so
// that they can be pulled after they were removed from the node.
func (o *options) publish() error {
	list, err := o.enter("ctr", "-n", "k8s.io", "images", "ls")
	if err != nil {
		return err
	}
	client, err := o.nodeClient(registryAddress)
	if err != nil {
		return err
	}
	out, err := output(list)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(out, "\n") {
		f := strings.Fields(line) // name, media type, digest, ...
		if len(f) < 3 || hasImage(client, f[0], f[2]) {
			continue
		}
		if err := o.push(f[0]); err != nil {
			return fmt.Errorf("%s: push into the node's registry: %w", f[0], err)
		}
	}
	return nil
}

// hasImage is also true for names that are not the registry's to have.
func hasImage(client *http.Client, image, digest string) bool {
	host, path, _ := strings.Cut(image, "/")
	colon := strings.LastIndexByte(path, ':')
	if !slices.Contains(registryHosts, host) || colon < 0 || strings.Contains(path, "@") {
		return true
	}
	answer, err := client.Head(fmt.Sprintf("http://%s/v2/%s/manifests/%s", host, path[:colon], path[colon+1:]))
	if err != nil {
		return false // the push tells what is wrong
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK && answer.Header.Get("Docker-Content-Digest") == digest
}

// push leaves out other platforms, whose content the node does not have.
func (o *options) push(image string) error {
	argv, err := o.enter("ctr", "-n", "k8s.io", "images", "push",
		"--hosts-dir", o.path("conf", "certs.d"), "--platform", "linux/"+runtime.GOARCH, image)
	if err != nil {
		return err
	}
	_, err = output(argv)
	return err
}

// output runs a command and returns what it prints; an error has what it says.
func output(argv []string) (string, error) {
	out, err := exec.Command(argv[0], argv[1:]...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(string(failed.Stderr)))
	}
	return string(out), err
}
