package main

import "fmt"

// The command lines of the components. What takes a configuration file instead
// is in conf/.

func (o *options) etcdArgs() []string { return []string{"-data-dir", o.path("var", "etcd")} }

func (o *options) apiServerArgs() []string {
	pki := func(name string) string { return o.path("pki", name) }
	return []string{
		"--etcd-servers=http://127.0.0.1:2379",
		"--bind-address=0.0.0.0", fmt.Sprint("--secure-port=", o.port), "--advertise-address=" + nodeIP,
		"--service-cluster-ip-range=" + serviceCIDR,
		"--tls-cert-file=" + pki("apiserver.crt"), "--tls-private-key-file=" + pki("apiserver.key"),
		"--client-ca-file=" + pki("ca.crt"),
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + pki("sa.pub"), "--service-account-signing-key-file=" + pki("sa.key"),
		"--kubelet-certificate-authority=" + pki("ca.crt"),
		"--kubelet-client-certificate=" + pki("apiserver-kubelet-client.crt"),
		"--kubelet-client-key=" + pki("apiserver-kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP",
		"--requestheader-client-ca-file=" + pki("front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group", "--requestheader-username-headers=X-Remote-User",
		"--proxy-client-cert-file=" + pki("front-proxy-client.crt"),
		"--proxy-client-key-file=" + pki("front-proxy-client.key"),
		"--profiling=false", "--v=1",
	}
}

func (o *options) controllerManagerArgs() []string {
	return []string{
		"--kubeconfig=" + o.kubeconfig("controller-manager"), "--bind-address=127.0.0.1", "--leader-elect=false",
		"--root-ca-file=" + o.path("pki", "ca.crt"),
		"--service-account-private-key-file=" + o.path("pki", "sa.key"), "--use-service-account-credentials=true",
		"--cluster-signing-cert-file=" + o.path("pki", "ca.crt"),
		"--cluster-signing-key-file=" + o.path("pki", "ca.key"),
		"--service-cluster-ip-range=" + serviceCIDR, "--profiling=false", "--v=1",
	}
}

func (o *options) schedulerArgs() []string {
	return []string{
		"--kubeconfig=" + o.kubeconfig("scheduler"), "--bind-address=127.0.0.1", "--leader-elect=false",
		"--profiling=false", "--v=1",
	}
}

func (o *options) kubeletArgs() []string {
	return []string{
		"--config=" + o.path("conf", "kubelet.yaml"), "--kubeconfig=" + o.kubeconfig("kubelet"),
		"--hostname-override=" + nodeName, "--node-ip=" + nodeIP, "--v=2",
	}
}
