package dns

import (
	"encoding/binary"
	"flag"
	"io"
	"log"
	"net"
	"os"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// The largest messages: by UDP without EDNS0 (RFC 1035, 4.2.1), and by TCP.
const (
	udpLimit = 512
	tcpLimit = 65535
)

// Run serves the cluster's DNS by UDP and TCP until it is killed.
func Run(args []string) error {
	flags := flag.NewFlagSet("dns", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "kubeconfig")
	listen := flags.String("listen", "", "address to serve on")
	_ = flags.Parse(args) // ExitOnError: it never returns an error
	r, err := newResolver(*kubeconfig)
	if err != nil {
		return err
	}
	packets, err := net.ListenPacket("udp4", *listen)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", *listen)
	if err != nil {
		return err
	}
	log.Printf("dns: serving on %s", *listen)
	go r.serveTCP(listener)
	return r.serveUDP(packets)
}

// newResolver returns when Services and EndpointSlices are known.
func newResolver(kubeconfig string) (*resolver, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	r := &resolver{factory.Core().V1().Services().Lister(), factory.Discovery().V1().EndpointSlices().Lister()}
	never := make(chan struct{})
	factory.Start(never)
	factory.WaitForCacheSync(never)
	return r, nil
}

func (r *resolver) serveUDP(packets net.PacketConn) error {
	buffer := make([]byte, 4096)
	for {
		n, from, err := packets.ReadFrom(buffer)
		if err != nil {
			return err
		}
		query := append([]byte(nil), buffer[:n]...)
		go func() {
			if out := r.reply(query, udpLimit); out != nil {
				_, _ = packets.WriteTo(out, from) // the client asks again
			}
		}()
	}
}

func (r *resolver) serveTCP(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if err != nil {
			os.Exit(1) // the supervisor starts it afresh
		}
		go r.serveConn(c)
	}
}

// serveConn answers queries with a two-byte length each (RFC 1035, 4.2.2).
func (r *resolver) serveConn(c net.Conn) {
	defer c.Close()
	for {
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		var size uint16
		if binary.Read(c, binary.BigEndian, &size) != nil {
			return
		}
		query := make([]byte, size)
		if _, err := io.ReadFull(c, query); err != nil {
			return
		}
		out := r.reply(query, tcpLimit)
		if out == nil {
			return
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...)); err != nil {
			return
		}
	}
}
