package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority signs certificates and writes them to its folder.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	dir  string
}

// identity is one certificate to issue; the group orgs decide its rights.
type identity struct {
	file, commonName string
	orgs, hosts      []string
}

var identities = []identity{
	{"apiserver", "kube-apiserver", nil, []string{"127.0.0.1", nodeIP, apiServiceIP, "localhost", "kubernetes",
		"kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}},
	{"apiserver-kubelet-client", "kube-apiserver-kubelet-client", []string{"system:masters"}, nil},
	{"admin", "testbed-admin", []string{"system:masters"}, nil},
	{"dns", "testbed-dns", []string{"system:masters"}, nil},
	{"controller-manager", "system:kube-controller-manager", nil, nil},
	{"scheduler", "system:kube-scheduler", nil, nil},
	{"proxy", "system:kube-proxy", nil, nil},
	{"kubelet", "system:node:" + nodeName, []string{"system:nodes"}, []string{nodeName, nodeIP, "127.0.0.1"}},
}

// writePKI makes a fresh authority and every certificate that the cluster uses.
func writePKI(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	cluster, err := newAuthority(dir, "ca")
	if err != nil {
		return err
	}
	for _, id := range identities {
		if err := cluster.issue(id); err != nil {
			return err
		}
	}
	front, err := newAuthority(dir, "front-proxy-ca")
	if err != nil {
		return err
	}
	if err := front.issue(identity{file: "front-proxy-client", commonName: "front-proxy-client"}); err != nil {
		return err
	}
	return writeServiceAccountKeys(dir)
}

func newAuthority(dir, name string) (*authority, error) {
	t := template("testbed-"+name, nil)
	t.IsCA, t.BasicConstraintsValid = true, true
	t.KeyUsage |= x509.KeyUsageCertSign
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{cert, key, dir}, writeKeyPair(dir, name, der, key)
}

func (a *authority) issue(id identity) error {
	t := template(id.commonName, id.orgs)
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	for _, h := range id.hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	key, err := newKey()
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return err
	}
	return writeKeyPair(a.dir, id.file, der, key)
}

func template(commonName string, orgs []string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: commonName, Organization: orgs},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func writeKeyPair(dir, name string, der []byte, key *ecdsa.PrivateKey) error {
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		writePEM(filepath.Join(dir, name+".crt"), "CERTIFICATE", der, 0o644),
		writePEM(filepath.Join(dir, name+".key"), "EC PRIVATE KEY", private, 0o600))
}

// writeServiceAccountKeys makes the pair that signs and checks the tokens of pods.
func writeServiceAccountKeys(dir string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		writePEM(filepath.Join(dir, "sa.pub"), "PUBLIC KEY", public, 0o644),
		writePEM(filepath.Join(dir, "sa.key"), "EC PRIVATE KEY", private, 0o600))
}

func writePEM(file, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
