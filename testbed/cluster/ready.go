package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

// api asks the API server as the administrator.
type api struct {
	client *http.Client
	server string
}

func (o *options) api(port int) (*api, error) {
	pair, err := tls.LoadX509KeyPair(o.path("pki", "admin.crt"), o.path("pki", "admin.key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(o.path("pki", "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	config := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{TLSClientConfig: config}}
	return &api{client, fmt.Sprintf("https://127.0.0.1:%d", port)}, nil
}

// get reads one path; a nil target only asks for status 200.
func (a *api) get(path string, target any) error {
	r, err := a.client.Get(a.server + path)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return errors.New(r.Status)
	}
	if target == nil {
		return nil
	}
	return json.NewDecoder(r.Body).Decode(target)
}

// missing says what the cluster still waits for; "" means ready.
func (a *api) missing() string {
	if a.get("/api/v1/namespaces/default", nil) != nil {
		return "waiting for the API server"
	}
	if what := a.nodeMissing(); what != "" {
		return what
	}
	if a.get("/api/v1/namespaces/default/serviceaccounts/default", nil) != nil {
		return "waiting for the default service account"
	}
	return ""
}

func (a *api) nodeMissing() string {
	var node struct {
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	if a.get("/api/v1/nodes/"+nodeName, &node) != nil {
		return "waiting for the kubelet to register the node"
	}
	for _, c := range node.Status.Conditions {
		if c.Type == "Ready" && c.Status == "True" {
			return ""
		}
		if c.Type == "Ready" {
			return "node not Ready: " + c.Message
		}
	}
	return "waiting for the node's Ready condition"
}
