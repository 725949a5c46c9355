// Command testbed is a whole single-node Kubernetes cluster in one program:
// called with the name of a component (kube-apiserver, kubelet, ...) it is that
// component; otherwise it starts, stops and serves the cluster.
package main

import (
	"context"
	"fmt"
	"os"

	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	kcm "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	"tyk-upgrade.test/cluster/dns"
	"tyk-upgrade.test/cluster/registry"
)

const usage = `usage: testbed COMMAND
  up     -state DIR -pause IMAGE.tar [-port N] [-timeout D]
  down   -state DIR
  status -state DIR
  load   -state DIR IMAGE.tar...           import image tars into the node and its registry
  registry-mode -state DIR [MODE]          tell or set how the registry behaves: ok, slow, down, an HTTP status
  exec   -state DIR -- COMMAND [ARG...]    run a command inside the node's namespaces
  kube-apiserver | kube-controller-manager | kube-scheduler | kubelet | kube-proxy | etcd | dns | registry ...
`

// components holds the parts of Kubernetes, which bring command lines of their own.
var components = map[string]func() int{
	"kube-apiserver":          func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return cli.Run(kcm.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
	"kubelet":                 func() int { return cli.Run(kubelet.NewKubeletCommand(context.Background())) },
	"kube-proxy":              func() int { return cli.Run(proxy.NewProxyCommand()) },
}

// commands holds everything else. The names with an underscore are for up itself.
var commands = map[string]func([]string) error{
	"etcd": etcdCmd, "dns": dns.Run, "registry": registry.Run,
	"up": upCmd, "down": downCmd, "status": statusCmd, "load": loadCmd, "exec": execCmd,
	"registry-mode": registryModeCmd,
	"_outer":        outerCmd, "_inner": innerCmd,
}

func main() {
	if len(os.Args) < 2 {
		fail(2, usage)
	}
	_ = os.Setenv("NO_PROXY", "*") // the machine's proxy is out of the node's reach, and of no use to it
	name := os.Args[1]
	os.Args = os.Args[1:] // Kubernetes' commands read os.Args themselves
	if component, ok := components[name]; ok {
		os.Exit(component())
	}
	command, ok := commands[name]
	if !ok {
		fail(2, usage)
	}
	if err := command(os.Args[1:]); err != nil {
		fail(1, fmt.Sprintf("testbed %s: %v\n", name, err))
	}
}

func fail(code int, text string) {
	fmt.Fprint(os.Stderr, text)
	os.Exit(code)
}
