package dns

import (
	"fmt"
	"net"
	"reflect"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"
)

func service(name string, spec corev1.ServiceSpec) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "tyk"}, Spec: spec}
}

// cluster has one Service of each kind and so many ready pods, beside one
// that is not, behind the headless one.
func cluster(t *testing.T, readyPods int) *resolver {
	t.Helper()
	index := cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}
	services := cache.NewIndexer(cache.MetaNamespaceKeyFunc, index)
	slices := cache.NewIndexer(cache.MetaNamespaceKeyFunc, index)
	ports := []corev1.ServicePort{{Name: "redis", Protocol: corev1.ProtocolTCP, Port: 6379}}
	slice := &discoveryv1.EndpointSlice{ObjectMeta: metav1.ObjectMeta{
		Name: "pods-1", Namespace: "tyk", Labels: map[string]string{discoveryv1.LabelServiceName: "pods"}}}
	yes, no, host := true, false, "redis-0"
	slice.Endpoints = []discoveryv1.Endpoint{{Addresses: []string{"10.244.0.250"}, Conditions: discoveryv1.EndpointConditions{Ready: &no}}}
	for i := range readyPods {
		e := discoveryv1.Endpoint{Addresses: []string{fmt.Sprint("10.244.0.", i+1)}, Conditions: discoveryv1.EndpointConditions{Ready: &yes}}
		if i == 0 {
			e.Hostname = &host
		}
		slice.Endpoints = append(slice.Endpoints, e)
	}
	for _, err := range []error{
		services.Add(service("redis", corev1.ServiceSpec{ClusterIP: "10.96.0.7", Ports: ports})),
		services.Add(service("pods", corev1.ServiceSpec{ClusterIP: corev1.ClusterIPNone})),
		services.Add(service("empty", corev1.ServiceSpec{ClusterIP: corev1.ClusterIPNone})),
		services.Add(service("alias", corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "redis.tyk.svc.cluster.local"})),
		slices.Add(slice),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return &resolver{corelisters.NewServiceLister(services), discoverylisters.NewEndpointSliceLister(slices)}
}

// ask sends one query and returns the answers as text, and the header.
func ask(t *testing.T, r *resolver, name string, kind dnsmessage.Type, limit int) ([]string, dnsmessage.Header) {
	t.Helper()
	question := dnsmessage.Question{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}
	query := dnsmessage.Message{Header: dnsmessage.Header{ID: 7}, Questions: []dnsmessage.Question{question}}
	packed, err := query.Pack()
	if err != nil {
		t.Fatal(err)
	}
	var m dnsmessage.Message
	if err := m.Unpack(r.reply(packed, limit)); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, a := range m.Answers {
		switch body := a.Body.(type) {
		case *dnsmessage.AResource:
			got = append(got, a.Header.Name.String()+" A "+net.IP(body.A[:]).String())
		case *dnsmessage.CNAMEResource:
			got = append(got, a.Header.Name.String()+" CNAME "+body.CNAME.String())
		case *dnsmessage.SRVResource:
			got = append(got, a.Header.Name.String()+" SRV "+body.Target.String())
		}
	}
	return got, m.Header
}

func TestNames(t *testing.T) {
	full := ".tyk.svc.cluster.local."
	for _, c := range []struct {
		name  string
		kind  dnsmessage.Type
		want  []string
		rcode dnsmessage.RCode
	}{
		{"redis" + full, dnsmessage.TypeA, []string{"redis" + full + " A 10.96.0.7"}, 0},
		{"REDIS" + full, dnsmessage.TypeA, []string{"REDIS" + full + " A 10.96.0.7"}, 0},
		{"redis" + full, dnsmessage.TypeAAAA, []string{}, 0}, // the name exists, without such an address
		{"pods" + full, dnsmessage.TypeA, []string{"pods" + full + " A 10.244.0.1"}, 0},
		{"redis-0.pods" + full, dnsmessage.TypeA, []string{"redis-0.pods" + full + " A 10.244.0.1"}, 0},
		{"redis-1.pods" + full, dnsmessage.TypeA, []string{}, dnsmessage.RCodeNameError},
		{"empty" + full, dnsmessage.TypeA, []string{}, dnsmessage.RCodeNameError},
		{"alias" + full, dnsmessage.TypeA, []string{"alias" + full + " CNAME redis" + full, "redis" + full + " A 10.96.0.7"}, 0},
		{"_redis._tcp.redis" + full, dnsmessage.TypeSRV, []string{"_redis._tcp.redis" + full + " SRV redis" + full}, 0},
		{"_redis._udp.redis" + full, dnsmessage.TypeSRV, []string{}, dnsmessage.RCodeNameError},
		{"redis.other.svc.cluster.local.", dnsmessage.TypeA, []string{}, dnsmessage.RCodeNameError},
		{"tyk.io.", dnsmessage.TypeA, []string{}, dnsmessage.RCodeNameError},
	} {
		got, header := ask(t, cluster(t, 1), c.name, c.kind, tcpLimit)
		if !reflect.DeepEqual(got, c.want) || header.RCode != c.rcode {
			t.Errorf("%s %s: got %v %s, want %v %s", c.name, c.kind, got, header.RCode, c.want, c.rcode)
		}
		if header.ID != 7 || !header.Response {
			t.Errorf("%s: header %+v is no answer to query 7", c.name, header)
		}
	}
}

func TestAnswerThatIsTooLongForUDPIsTruncated(t *testing.T) {
	r := cluster(t, 60)
	got, header := ask(t, r, "pods.tyk.svc.cluster.local.", dnsmessage.TypeA, udpLimit)
	if !header.Truncated || len(got) != 0 {
		t.Errorf("UDP: truncated %v with %d answers, want true with 0", header.Truncated, len(got))
	}
	got, header = ask(t, r, "pods.tyk.svc.cluster.local.", dnsmessage.TypeA, tcpLimit)
	if header.Truncated || len(got) != 60 {
		t.Errorf("TCP: truncated %v with %d answers, want false with 60", header.Truncated, len(got))
	}
}

func TestGarbageGetsNoAnswer(t *testing.T) {
	if out := cluster(t, 1).reply([]byte("no query"), udpLimit); out != nil {
		t.Errorf("got %x", out)
	}
}
