package main

import (
	"context"
	"net/http"
	"time"
)

// load reads policies and APIs anew and puts them to use.
func (g *gateway) load() {
	g.loading.Lock()
	defer g.loading.Unlock()
	g.log.info(inMain, "Loading policies")
	policies, err := loadPolicies(g.config, g.log)
	if err != nil {
		g.log.error(inMain, "Error during syncing policies: %v, attempt count 1", err)
		g.log.error(inMain, "Error during syncing policies")
		return
	}
	g.policies.Store(&policies)
	apis := loadAPIs(g.config, g.log)
	g.log.info(inMain, "Detected %d APIs", len(apis))
	defer g.reloaded.Store(true)
	if len(apis) == 0 && len(g.apis.Load().byID) == 0 {
		g.log.warn(inMain, "No API Definitions found, not reloading")
		return
	}
	g.log.info(inMain, "Loading API configurations.")
	g.log.info(inMain, "Initialising Tyk REST API Endpoints")
	set := newAPISet(apis)
	for _, a := range set.sorted() {
		g.announceAPI(a)
	}
	g.apis.Store(set)
	g.log.info(inMain, "Initialised API Definitions")
	g.log.info(inMain, "API reload complete")
}

// announceAPI writes the lines of one API that comes up, or that cannot.
func (g *gateway) announceAPI(a api) {
	about := fields{"api_id": a.id(), "api_name": a.name(), "org_id": text(a.classic, "org_id")}
	if a.listenPath() == "" {
		g.log.error(about, "Listen path is empty")
		g.log.warn(about, "Spec not valid, skipped!")
		return
	}
	if flag(a.classic, "use_keyless") {
		g.log.info(about, "Checking security policy: Open")
	}
	g.log.info(about.with("prefix", "gateway").with("server_name", "--").with("user_id", "--").
		with("user_ip", "--"), "API Loaded")
}

// reloadLoop carries out queued reloads, at most one a second; what was queued meanwhile shares it.
func (g *gateway) reloadLoop(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			waiting := g.takeQueue()
			if len(waiting) == 0 {
				continue
			}
			started := time.Now()
			g.log.info(inMain, "reload: initiating")
			g.load()
			g.log.info(inMain, "reload: complete")
			g.log.info(inMain, "Initiating coprocess reload")
			g.log.info(inMain, "coprocess reload complete")
			for _, done := range waiting {
				close(done)
			}
			g.log.info(inMain, "reload: cycle completed in %v", time.Since(started))
		}
	}
}

// queueReload asks for a reload; the channel is closed when it is done.
func (g *gateway) queueReload() <-chan struct{} {
	done := make(chan struct{})
	g.queueLock.Lock()
	g.queue = append(g.queue, done)
	g.queueLock.Unlock()
	g.log.info(inMain, "Reload queued")
	return done
}

func (g *gateway) takeQueue() []chan struct{} {
	g.queueLock.Lock()
	defer g.queueLock.Unlock()
	waiting := g.queue
	g.queue = nil
	return waiting
}

// reload serves /tyk/reload: this gateway alone; block=true answers when it is done.
func (g *gateway) reload(w http.ResponseWriter, r *http.Request) {
	done := g.queueReload()
	g.log.info(inAPI, "Reload URL Structure - Scheduled")
	if r.URL.Query().Get("block") == "true" {
		select {
		case <-done:
		case <-r.Context().Done():
			return
		}
	}
	writeJSON(w, http.StatusOK, status{Status: "ok"})
}

// reloadGroup serves /tyk/reload/group: every gateway on this Redis, by a message through it.
func (g *gateway) reloadGroup(w http.ResponseWriter, r *http.Request) {
	g.log.info(inAPI.with("status", "ok"), "Group reload accepted.")
	if err := g.store.announceReload(r.Context(), g.config.nodeSecret); err != nil {
		g.log.error(inPubSub.with("error", err), "Could not send notification")
	}
	g.log.info(inAPI, "Reloaded URL Structure - Success")
	writeJSON(w, http.StatusOK, status{Status: "ok"})
}
