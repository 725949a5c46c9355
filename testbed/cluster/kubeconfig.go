package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
)

const kubeconfigText = `apiVersion: v1
kind: Config
current-context: testbed
clusters:
- name: testbed
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: %s
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: testbed
  context: {cluster: testbed, user: %s}
`

// writeKubeconfig writes a file that needs no other: the named identity's
// certificates are inside.
func writeKubeconfig(file, pki, identity, server string) error {
	var data [3]string
	for i, name := range []string{"ca.crt", identity + ".crt", identity + ".key"} {
		b, err := os.ReadFile(filepath.Join(pki, name))
		if err != nil {
			return err
		}
		data[i] = base64.StdEncoding.EncodeToString(b)
	}
	text := fmt.Sprintf(kubeconfigText, server, data[0], identity, data[1], data[2], identity)
	return os.WriteFile(file, []byte(text), 0o600)
}
