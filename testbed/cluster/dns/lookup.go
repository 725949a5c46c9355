// Package dns is the DNS server of the cluster: Services, headless pods and SRV records, nothing else.
package dns

import (
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
)

const zone = ".svc.cluster.local"

// resolver answers for *.svc.cluster.local from the API. It has no upstream:
// every other name does not exist.
type resolver struct {
	services corelisters.ServiceLister
	slices   discoverylisters.EndpointSliceLister
}

// answer is what is known of a name; found is false for NXDOMAIN.
type answer struct {
	ips   []net.IP
	cname string
	srv   []dnsmessage.SRVResource
	found bool
}

// lookup follows the Kubernetes DNS specification for Services:
// SERVICE.NS, HOSTNAME.SERVICE.NS and _PORT._PROTOCOL.SERVICE.NS.
func (r *resolver) lookup(name string) answer {
	rest, ok := strings.CutSuffix(strings.ToLower(strings.TrimSuffix(name, ".")), zone)
	if !ok {
		return answer{}
	}
	parts := strings.Split(rest, ".")
	if len(parts) < 2 || len(parts) > 4 {
		return answer{}
	}
	namespace, service := parts[len(parts)-1], parts[len(parts)-2]
	svc, err := r.services.Services(namespace).Get(service)
	if err != nil {
		return answer{} // a lister's only error is "not found"
	}
	switch len(parts) {
	case 2:
		return r.service(svc)
	case 3:
		ips := r.endpoints(svc, parts[0])
		return answer{ips: ips, found: len(ips) > 0}
	default:
		return port(svc, parts[0], parts[1])
	}
}

func (r *resolver) service(svc *corev1.Service) answer {
	if svc.Spec.Type == corev1.ServiceTypeExternalName {
		return answer{cname: svc.Spec.ExternalName, found: true}
	}
	if svc.Spec.ClusterIP == corev1.ClusterIPNone {
		ips := r.endpoints(svc, "")
		return answer{ips: ips, found: len(ips) > 0}
	}
	if ip := net.ParseIP(svc.Spec.ClusterIP).To4(); ip != nil {
		return answer{ips: []net.IP{ip}, found: true}
	}
	return answer{found: true} // the name exists, but has no IPv4 address
}

// endpoints are the addresses of the ready pods behind a Service, all of them or
// those with the given hostname.
func (r *resolver) endpoints(svc *corev1.Service, hostname string) (ips []net.IP) {
	selector := labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: svc.Name})
	slices, err := r.slices.EndpointSlices(svc.Namespace).List(selector)
	if err != nil {
		return nil
	}
	for _, slice := range slices {
		for _, e := range slice.Endpoints {
			notReady := e.Conditions.Ready != nil && !*e.Conditions.Ready
			otherHost := hostname != "" && (e.Hostname == nil || *e.Hostname != hostname)
			if notReady || otherHost {
				continue
			}
			for _, a := range e.Addresses {
				if ip := net.ParseIP(a).To4(); ip != nil {
					ips = append(ips, ip)
				}
			}
		}
	}
	return ips
}

// port answers for _PORT._PROTOCOL.
func port(svc *corev1.Service, portName, protocol string) (a answer) {
	target, err := dnsmessage.NewName(svc.Name + "." + svc.Namespace + zone + ".")
	if err != nil {
		return a
	}
	for _, p := range svc.Spec.Ports {
		if "_"+p.Name == portName && "_"+strings.ToLower(string(p.Protocol)) == protocol {
			a.srv = append(a.srv, dnsmessage.SRVResource{Weight: 100, Port: uint16(p.Port), Target: target})
			a.found = true
		}
	}
	return a
}
