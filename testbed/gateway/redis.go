package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

var errRedisDown = errors.New("storage: Redis is either down or was not configured")

const (
	livenessKey     = "livenesscheck-tyk-liveness-probe"
	versionKey      = "version-check-gateway"
	clusterChannel  = "tyk.cluster.notifications"
	reloadCommand   = "GroupReload"
	signatureSHA256 = 5 // number of crypto.SHA256, as the real gateway writes it
)

// store is the Redis connection of the gateway with its up/down flag.
type store struct {
	client redis.UniversalClient
	up     atomic.Bool
	log    *logger
}

// silent drops the log of the client library: the gateway reports errors in words of its own.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// silenceClient sets the log of the client library, which is one for the whole process, once.
var silenceClient = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

func newStore(c storageConfig, log *logger) *store {
	silenceClient()
	options := &redis.UniversalOptions{
		Addrs: c.addrs, Password: c.password, DB: c.database, MasterName: c.masterName,
		SentinelPassword: c.sentinelPassword,
		MaxRetries:       -1, DialTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
	}
	if c.ssl {
		options.TLSConfig = &tls.Config{InsecureSkipVerify: c.skipVerify}
	}
	s := &store{log: log}
	switch {
	case c.cluster:
		s.client = redis.NewClusterClient(options.Cluster())
	case c.masterName != "":
		s.client = redis.NewFailoverClient(options.Failover())
	default:
		s.client = redis.NewClient(options.Simple())
	}
	return s
}

func (s *store) ping(ctx context.Context) error { return s.client.Ping(ctx).Err() }

// connect tries with growing pauses (500 ms, doubled, at most 10 s) until Redis answers, then
// watches it every second; reconnected is called each time Redis comes back.
func (s *store) connect(ctx context.Context, reconnected func()) {
	pause := 500 * time.Millisecond
	for s.ping(ctx) != nil {
		if !sleep(ctx, jitter(pause)) {
			return
		}
		pause = min(2*pause, 10*time.Second)
	}
	s.up.Store(true)
	for sleep(ctx, time.Second) {
		up := s.ping(ctx) == nil
		if was := s.up.Swap(up); up && !was {
			reconnected()
		}
	}
}

// waitConnected waits at most limit for the first connection.
func (s *store) waitConnected(ctx context.Context, limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	for !s.up.Load() && time.Now().Before(deadline) {
		if !sleep(ctx, 10*time.Millisecond) {
			break
		}
	}
	return s.up.Load()
}

// set writes the key; errRedisDown while the connection is known to be down.
func (s *store) set(ctx context.Context, key, value string, ttl time.Duration) error {
	if !s.up.Load() {
		return errRedisDown
	}
	return s.client.Set(ctx, key, value, ttl).Err()
}

// notification is a message between the gateways of one Redis.
type notification struct {
	Command   string `json:"command"`
	Payload   string `json:"payload"`
	Signature string `json:"signature"`
	Algorithm int    `json:"algorithm"`
}

func sign(command, payload, nodeSecret string) string {
	sum := sha256.Sum256([]byte(command + payload + nodeSecret))
	return hex.EncodeToString(sum[:])
}

// announceReload tells every gateway on this Redis to reload.
func (s *store) announceReload(ctx context.Context, nodeSecret string) error {
	if !s.up.Load() {
		return errRedisDown
	}
	message, err := json.Marshal(notification{Command: reloadCommand,
		Signature: sign(reloadCommand, "", nodeSecret), Algorithm: signatureSHA256})
	if err != nil {
		return err
	}
	return s.client.Publish(ctx, clusterChannel, message).Err()
}

// listen calls reload for each valid reload message, until ctx ends.
func (s *store) listen(ctx context.Context, nodeSecret string, reload func()) {
	for {
		err := s.receive(ctx, nodeSecret, reload)
		if ctx.Err() != nil {
			return
		}
		s.log.error(inPubSub.with("error", err), "Connection to Redis failed, reconnect in 10s")
		if !sleep(ctx, 10*time.Second) {
			return
		}
	}
}

func (s *store) receive(ctx context.Context, nodeSecret string, reload func()) error {
	if !s.up.Load() {
		return errRedisDown
	}
	subscription := s.client.Subscribe(ctx, clusterChannel)
	defer subscription.Close()
	for {
		message, err := subscription.ReceiveMessage(ctx)
		if err != nil {
			return err
		}
		command, err := readNotification(message.Payload, nodeSecret)
		if err != nil {
			s.log.error(inPubSub, "%v", err)
			continue
		}
		if command == reloadCommand {
			reload()
		}
	}
}

// readNotification returns the command of a message that carries the right signature.
func readNotification(text, nodeSecret string) (string, error) {
	var n notification
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return "", fmt.Errorf("Unmarshalling message body failed, malformed: %w", err)
	}
	if n.Signature != sign(n.Command, n.Payload, nodeSecret) {
		return "", errors.New("Payload signature is invalid!")
	}
	return n.Command, nil
}

// sleep pauses for d; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// jitter spreads d by half of it to both sides.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d)
}
