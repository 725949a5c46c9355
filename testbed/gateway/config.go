package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const defaultSecret = "352d20ee67be67f6340b4c0605b044b7"

// certificate is one entry of TYK_GW_HTTPSERVEROPTIONS_CERTIFICATES.
type certificate struct {
	CertFile string `json:"cert_file"`
	KeyFile  string `json:"key_file"`
}

// config is what the gateway reads from its environment, under the names the charts set.
type config struct {
	listenPort, controlPort              int
	secret, nodeSecret                   string
	appPath                              string
	policySource, policyPath, policyFile string
	healthName, readyName                string
	logLevel, logFormat                  string
	pidFile                              string
	liveness                             time.Duration
	shutdownDelay                        time.Duration
	sessionLifetime                      int
	analytics, insecure                  bool
	useSSL, controlMutualTLS             bool
	minTLS, maxTLS                       uint16
	certificates                         []certificate
	storage                              storageConfig
	class                                class
	startDelay                           time.Duration
	faults                               faultSource
}

type storageConfig struct {
	kind                 string
	addrs                []string
	password, masterName string
	sentinelPassword     string
	database             int
	cluster, ssl         bool
	skipVerify           bool
}

// env reads typed values and remembers what could not be read.
type env struct {
	get func(string) string
	err error
}

func (e *env) text(name, fallback string) string {
	if value := e.get(name); value != "" {
		return value
	}
	return fallback
}

func (e *env) number(name string, fallback int) int {
	value := e.get(name)
	if value == "" {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		e.fail(name, value)
	}
	return n
}

func (e *env) yes(name string) bool {
	value := e.get(name)
	if value == "" {
		return false
	}
	b, err := strconv.ParseBool(value)
	if err != nil {
		e.fail(name, value)
	}
	return b
}

func (e *env) fail(name, value string) {
	if e.err == nil {
		e.err = fmt.Errorf("%s: cannot read %q", name, value)
	}
}

// loadConfig reads the environment through get; it fails on a value it cannot read.
func loadConfig(get func(string) string) (config, error) {
	e := &env{get: get}
	version, err := classOf(e.text("STANDIN_VERSION", "5.9.1"))
	if err != nil {
		return config{}, fmt.Errorf("STANDIN_VERSION: %w", err)
	}
	c := config{
		listenPort:       e.number("TYK_GW_LISTENPORT", 8080),
		controlPort:      e.number("TYK_GW_CONTROLAPIPORT", 0),
		secret:           e.text("TYK_GW_SECRET", defaultSecret),
		nodeSecret:       e.text("TYK_GW_NODESECRET", defaultSecret),
		appPath:          e.text("TYK_GW_APPPATH", "/opt/tyk-gateway/apps"),
		policySource:     e.text("TYK_GW_POLICIES_POLICYSOURCE", "file"),
		policyPath:       get("TYK_GW_POLICIES_POLICYPATH"),
		policyFile:       get("TYK_GW_POLICIES_POLICYRECORDNAME"),
		healthName:       e.text("TYK_GW_HEALTHCHECKENDPOINTNAME", "hello"),
		readyName:        e.text("TYK_GW_READINESSCHECKENDPOINTNAME", "ready"),
		logLevel:         strings.ToLower(e.text("TYK_LOGLEVEL", get("TYK_GW_LOGLEVEL"))),
		logFormat:        strings.ToLower(e.text("TYK_LOGFORMAT", get("TYK_GW_LOGFORMAT"))),
		pidFile:          e.text("TYK_GW_PIDFILELOCATION", "/var/run/tyk/tyk-gateway.pid"),
		shutdownDelay:    time.Duration(e.number("TYK_GW_GRACEFULSHUTDOWNDELAYSECONDS", 0)) * time.Second,
		sessionLifetime:  e.number("TYK_GW_GLOBALSESSIONLIFETIME", 0),
		analytics:        e.yes("TYK_GW_ENABLEANALYTICS"),
		insecure:         e.yes("TYK_GW_ALLOWINSECURECONFIGS"),
		useSSL:           e.yes("TYK_GW_HTTPSERVEROPTIONS_USESSL"),
		controlMutualTLS: e.yes("TYK_GW_SECURITY_CONTROLAPIUSEMUTUALTLS"),
		minTLS:           uint16(e.number("TYK_GW_HTTPSERVEROPTIONS_MINVERSION", 0)),
		maxTLS:           uint16(e.number("TYK_GW_HTTPSERVEROPTIONS_MAXVERSION", 0)),
		storage:          loadStorage(e),
		class:            version,
		startDelay:       version.startDelay,
	}
	c.liveness = livenessInterval(e.number("TYK_GW_LIVENESSCHECK_CHECKDURATION", 0), version)
	if err := c.readCertificates(get("TYK_GW_HTTPSERVEROPTIONS_CERTIFICATES")); err != nil {
		return config{}, err
	}
	if err := c.readWishes(e); err != nil {
		return config{}, err
	}
	return c, e.err
}

func loadStorage(e *env) storageConfig {
	s := storageConfig{
		kind:             e.text("TYK_GW_STORAGE_TYPE", "redis"),
		password:         e.get("TYK_GW_STORAGE_PASSWORD"),
		masterName:       e.get("TYK_GW_STORAGE_MASTERNAME"),
		sentinelPassword: e.get("TYK_GW_STORAGE_SENTINELPASSWORD"),
		database:         e.number("TYK_GW_STORAGE_DATABASE", 0),
		cluster:          e.yes("TYK_GW_STORAGE_ENABLECLUSTER"),
		ssl:              e.yes("TYK_GW_STORAGE_USESSL"),
		skipVerify:       e.yes("TYK_GW_STORAGE_SSLINSECURESKIPVERIFY"),
	}
	for _, addr := range strings.Split(e.get("TYK_GW_STORAGE_ADDRS"), ",") {
		if addr = strings.TrimSpace(addr); addr != "" {
			s.addrs = append(s.addrs, addr)
		}
	}
	if len(s.addrs) == 0 {
		s.addrs = []string{fmt.Sprintf("%s:%d",
			e.text("TYK_GW_STORAGE_HOST", "localhost"), e.number("TYK_GW_STORAGE_PORT", 6379))}
	}
	return s
}

// livenessInterval applies the unit of liveness_check.check_duration, which changed from seconds
// to nanoseconds in 5.4.0.
func livenessInterval(n int, c class) time.Duration {
	switch {
	case n <= 0:
		return 10 * time.Second
	case c.livenessSeconds:
		return time.Duration(n) * time.Second
	default:
		return time.Duration(n)
	}
}

func (c *config) readCertificates(text string) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &c.certificates); err != nil {
		return fmt.Errorf("TYK_GW_HTTPSERVEROPTIONS_CERTIFICATES: %w", err)
	}
	return nil
}

// readWishes reads what only the stand-in has.
func (c *config) readWishes(e *env) error {
	if text := e.get("STANDIN_START_DELAY"); text != "" {
		delay, err := parseDelay(text)
		if err != nil {
			return fmt.Errorf("STANDIN_START_DELAY: %w", err)
		}
		c.startDelay = delay
	}
	faults, err := parseFaults(e.get("STANDIN_FAULT"))
	if err != nil {
		return fmt.Errorf("STANDIN_FAULT: %w", err)
	}
	c.faults = faultSource{fixed: faults, file: e.get("STANDIN_FAULT_FILE"), read: os.ReadFile}
	return nil
}

// parseDelay reads a Go duration; a bare number is seconds.
func parseDelay(text string) (time.Duration, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return time.Duration(seconds * float64(time.Second)), nil
	}
	return time.ParseDuration(text)
}
