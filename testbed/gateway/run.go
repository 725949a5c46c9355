package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
)

const (
	minDescriptors   = 80000
	shutdownLimit    = 30 * time.Second
	shutdownPause    = 1200 * time.Millisecond
	tlsDefaultLowest = tls.VersionTLS12
)

// run starts the gateway, serves until stop ends, and shuts down.
func (g *gateway) run(stop context.Context) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	started := time.Now()
	g.startFaults(ctx)
	g.initialise(ctx)
	if !sleep(stop, g.config.startDelay-time.Since(started)) {
		return
	}
	g.start(ctx)
	<-stop.Done()
	g.shutdown(cancel)
}

// version is what the log calls this gateway.
func (g *gateway) logVersion() string {
	f := g.faults()
	for _, name := range []string{"log-version", "version"} {
		if f.has(name) {
			return f[name]
		}
	}
	if f.has("escape") {
		return g.config.class.version + "\x1b[31m"
	}
	return g.config.class.version
}

// initialise writes the lines of the start in their order and connects to Redis.
func (g *gateway) initialise(ctx context.Context) {
	switch g.config.logLevel {
	case "", "info", "error", "warn", "debug":
	default:
		g.log.fatal(inMain, "Invalid log level %q specified in config, must be error, warn, debug or info. ", g.config.logLevel)
	}
	g.log.info(inMain, "Tyk API Gateway %s", g.logVersion())
	if g.config.storage.kind != "redis" {
		g.log.fatal(inMain, "Redis connection details not set, please ensure that the storage type is set to Redis and that the connection parameters are correct.")
	}
	go g.store.connect(ctx, func() { g.queueReload() })
	g.waitForRedis(ctx)
	g.checkup()
	go g.watchHealth(ctx)
	if err := g.store.set(ctx, versionKey, g.config.class.version, 0); err != nil {
		g.log.error(inMain.with("error", err), "Could not set version in versionStore")
	}
	g.writePID()
	g.logTLSRange()
	if g.config.controlPort == 0 {
		g.log.warn(inMain, "The control_api_port should be changed for production")
	}
}

func (g *gateway) waitForRedis(ctx context.Context) {
	connected := g.store.waitConnected(ctx, time.Second)
	switch {
	case !g.config.class.storageLines:
	case connected:
		g.log.info(inMain, "storage: connected to redis")
	default:
		g.log.error(inMain, "storage: timeout connecting")
	}
}

// checkup writes the warnings every open-source gateway starts with; none of them is a failure.
func (g *gateway) checkup() {
	c := g.config
	if c.insecure {
		g.log.warn(inCheck.with("config.allow_insecure_configs", true), "Insecure configuration allowed")
	}
	if c.sessionLifetime <= 0 {
		g.log.warn(inCheck, "Tyk has not detected any setting for session lifetime (`global_session_lifetime` defaults to 0 seconds). ")
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && limit.Cur < minDescriptors {
		g.log.warn(inCheck, "File descriptor limit %d is too low for production use. A minimum of %d is recommended.", limit.Cur, minDescriptors)
	}
	if n := runtime.NumCPU(); n < 2 {
		g.log.warn(inCheck, "Number of CPUs %d is too low for production use. A minimum of 2 is recommended.", n)
	}
	if c.secret == defaultSecret {
		g.log.warn(inCheck.with("config.secret", defaultSecret), "Default secret should be changed for production.")
	}
	if c.nodeSecret == defaultSecret {
		g.log.warn(inCheck.with("config.node_secret", defaultSecret), "Default node_secret should be changed for production.")
	}
	if c.analytics {
		g.log.warn(inCheck.with("runtime.NumCPU", runtime.NumCPU()), "AnalyticsConfig.PoolSize unset. Defaulting to number of available CPUs")
		g.log.warn(inCheck.with("minRecordsBufferSize", 1000), "AnalyticsConfig.RecordsBufferSize < minimum - Overriding")
		g.log.warn(inCheck.with("storageExpirationTime", 0), "AnalyticsConfig.StorageExpirationTime is 0, defaulting to 60s")
	}
}

func (g *gateway) writePID() {
	g.log.info(inMain, "PIDFile location set to: %s", g.config.pidFile)
	if err := os.WriteFile(g.config.pidFile, []byte(fmt.Sprint(os.Getpid())), 0o600); err != nil {
		g.log.warn(inMain, "Failed to write PIDFile: %v", err)
	}
}

// logTLSRange writes the ranges the gateway resolved; 1.2 to 1.3 where nothing is set.
func (g *gateway) logTLSRange() {
	if !g.config.class.tlsRangeLines {
		return
	}
	lowest, highest := g.config.minTLS, g.config.maxTLS
	if lowest == 0 {
		lowest = tlsDefaultLowest
	}
	if highest == 0 {
		highest = tls.VersionTLS13
	}
	g.log.info(fields{"proxy_ssl_min_version": tls.VersionName(tlsDefaultLowest),
		"proxy_ssl_max_version": tls.VersionName(tls.VersionTLS13)}, "Proxy TLS protocol range resolved and applied")
	g.log.info(fields{"http_server_options.min_version": tls.VersionName(lowest),
		"http_server_options.max_version": tls.VersionName(highest)},
		"HttpServerOptions TLS protocol range resolved and applied")
}

// start opens the ports, says so, and loads policies and APIs; /hello answers before they are loaded.
func (g *gateway) start(ctx context.Context) {
	go g.store.listen(ctx, g.config.nodeSecret, func() { g.queueReload() })
	go g.reloadLoop(ctx)
	g.log.info(inMain, "Initialising Tyk REST API Endpoints")
	g.listen(ctx)
	g.log.info(inMain, "Initialising distributed rate limiter")
	g.log.info(inMain, "Tyk Gateway started (%s)", g.logVersion())
	g.log.info(inMain, "--> Listening on address: (open interface)")
	g.log.info(inMain, "--> Listening on port: %d", g.config.listenPort)
	g.log.info(inMain, "--> PID: %d", os.Getpid())
	g.load()
}

// shutdown closes the ports at once (5.14.0: after the configured delay, in which /ready says so)
// and returns about 1.2 s later.
func (g *gateway) shutdown(cancel context.CancelFunc) {
	began := time.Now()
	say := g.log.info
	if !g.config.class.gracefulLines {
		say = func(fields, string, ...any) {}
	}
	say(inMain, "Shutdown signal received: terminated. Initiating graceful shutdown...")
	g.shuttingDown.Store(true)
	if delay := g.config.shutdownDelay; g.config.class.readyShutdown && delay > 0 {
		say(inMain, "Delaying graceful shutdown for %d seconds", int(delay.Seconds()))
		time.Sleep(delay)
		began = time.Now()
	}
	cancel()
	g.log.info(inMain, "Stop signal received.")
	say(inMain, "Gracefully shutting down services...")
	say(inMain, "Waiting for in-flight requests to complete...")
	wait := shutdownLimit
	if !g.config.class.gracefulLines {
		wait = shutdownPause
	}
	limit, done := context.WithTimeout(context.Background(), wait)
	defer done()
	if err := g.closeServers(limit); err != nil {
		say(inMain, "Error during shutdown: %v", err)
	} else {
		say(inMain, "All HTTP servers and TCP proxies gracefully shut down")
		say(inMain, "Closing cache stores and other resources...")
		say(inMain, "All services gracefully shut down")
	}
	g.log.info(inMain, "Terminating.")
	time.Sleep(shutdownPause - time.Since(began))
}
