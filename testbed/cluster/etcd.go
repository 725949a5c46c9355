package main

import (
	"flag"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// etcdCmd runs one etcd member until a signal ends it.
func etcdCmd(args []string) error {
	flags := flag.NewFlagSet("etcd", flag.ExitOnError)
	dir := flags.String("data-dir", "", "data directory")
	_ = flags.Parse(args) // ExitOnError: it never returns an error
	server, err := embed.StartEtcd(etcdConfig(*dir))
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-signals:
		time.AfterFunc(3*time.Second, func() { os.Exit(0) }) // open watches can hold Close up
		server.Close()
		return nil
	case err := <-server.Err():
		return err
	}
}

func etcdConfig(dir string) *embed.Config {
	client := url.URL{Scheme: "http", Host: "127.0.0.1:2379"}
	peer := url.URL{Scheme: "http", Host: "127.0.0.1:2380"}
	c := embed.NewConfig()
	c.Name, c.Dir = "testbed", dir
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	c.ListenPeerUrls, c.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	c.UnsafeNoFsync = true // the data is thrown away with the cluster: do not wait for the disk
	c.LogLevel = "warn"
	c.AutoCompactionMode, c.AutoCompactionRetention = "periodic", "10m"
	return c
}
