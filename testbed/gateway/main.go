// Command gateway stands in for the Tyk gateway in the tests and the demo: it answers, logs and
// fails as the real gateway of a version was recorded to do. See README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if code, done := runCommand(os.Args[1:], os.Getenv, os.Stdout, os.Stderr); done {
		os.Exit(code)
	}
	settings, err := loadConfig(os.Getenv)
	if err != nil {
		fmt.Fprintf(os.Stderr, "stand-in gateway: %v\n", err)
		os.Exit(2)
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGINT)
	defer cancel()
	g := newGateway(settings, newLogger(settings, os.Stderr))
	g.run(stop)
}
