package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// modified is the answer to a change of an API, a policy or a key.
type modified struct {
	Key    string `json:"key"`
	Status string `json:"status"`
	Action string `json:"action"`
}

var (
	notFoundAPI = failure("API not found")
	safeName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]*$`)
)

// admin serves /tyk/: the secret first, then the routes.
func (g *gateway) admin() http.Handler {
	routes := http.NewServeMux()
	add := func(pattern string, handler http.HandlerFunc) { routes.HandleFunc("/tyk"+pattern, handler) }
	add("/reload/group", methods{"GET": g.reloadGroup}.serve)
	add("/reload", methods{"GET": g.reload}.serve)
	add("/apis", methods{"GET": g.listAPIs, "POST": g.addAPI}.serve)
	add("/apis/{id}", methods{"GET": g.getAPI, "POST": g.addAPI, "PUT": g.changeAPI, "DELETE": g.deleteAPI}.serve)
	if g.config.class.oas {
		add("/apis/oas", methods{"GET": g.listOAS, "POST": g.addOAS}.serve)
		add("/apis/oas/{id}", methods{"GET": g.getOAS, "PUT": g.changeOAS, "DELETE": g.deleteAPI}.serve)
	}
	add("/policies", methods{"GET": g.listPolicies, "POST": g.putPolicy,
		"PUT": g.needID("update"), "DELETE": g.needID("delete")}.serve)
	add("/policies/{id}", methods{"GET": g.getPolicy, "POST": g.putPolicy, "PUT": g.putPolicy, "DELETE": g.deletePolicy}.serve)
	add("/keys", methods{"GET": g.listKeys}.serve)
	add("/keys/create", methods{"POST": g.createKey}.serve)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("x-tyk-authorization") != g.config.secret {
			g.log.warn(inMain, "Attempted administrative access with invalid or missing key!")
			writeJSON(w, http.StatusForbidden, failure("Attempted administrative access with invalid or missing key!"))
			return
		}
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
		routes.ServeHTTP(w, r)
	})
}

// methods are the handlers of one path; another method gets the gateway's 405.
type methods map[string]http.HandlerFunc

func (m methods) serve(w http.ResponseWriter, r *http.Request) {
	handler, ok := m[r.Method]
	if !ok {
		writeJSON(w, http.StatusMethodNotAllowed, failure("Method not supported"))
		return
	}
	handler(w, r)
}

func (g *gateway) listAPIs(w http.ResponseWriter, _ *http.Request) {
	list := []object{}
	for _, a := range g.shown().sorted() {
		list = append(list, a.classic)
	}
	writeJSON(w, http.StatusOK, list)
}

func (g *gateway) getAPI(w http.ResponseWriter, r *http.Request) {
	a, ok := g.shown().byID[r.PathValue("id")]
	if !ok {
		g.log.error(inAPI.with("apiID", `"`+r.PathValue("id")+`"`), "API doesn't exist.")
		writeJSON(w, http.StatusNotFound, notFoundAPI)
		return
	}
	writeJSON(w, http.StatusOK, a.classic)
}

func (g *gateway) listOAS(w http.ResponseWriter, _ *http.Request) {
	list := []object{}
	for _, a := range g.shown().sorted() {
		if a.isOAS() {
			list = append(list, a.oas)
		}
	}
	g.writeOAS(w, http.StatusOK, list)
}

func (g *gateway) getOAS(w http.ResponseWriter, r *http.Request) {
	a, ok := g.shown().byID[r.PathValue("id")]
	switch {
	case !ok:
		g.writeOAS(w, http.StatusNotFound, notFoundAPI)
	case !a.isOAS():
		g.writeOAS(w, http.StatusBadRequest,
			failure("the requested API definition is in Tyk classic format, please use old api endpoint"))
	default:
		g.writeOAS(w, http.StatusOK, a.oas)
	}
}

// writeOAS writes a body that ends in a newline only in the versions that do so.
func (g *gateway) writeOAS(w http.ResponseWriter, code int, body any) {
	if g.config.class.oasNewline {
		writeJSON(w, code, body)
		return
	}
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// The peer may have gone away; there is nobody left to tell.
	_, _ = w.Write(data)
}

func (g *gateway) addAPI(w http.ResponseWriter, r *http.Request) { g.storeAPI(w, r, false, "added") }
func (g *gateway) addOAS(w http.ResponseWriter, r *http.Request) { g.storeAPI(w, r, true, "added") }
func (g *gateway) changeAPI(w http.ResponseWriter, r *http.Request) {
	g.storeAPI(w, r, false, "modified")
}
func (g *gateway) changeOAS(w http.ResponseWriter, r *http.Request) {
	g.storeAPI(w, r, true, "modified")
}

// storeAPI writes the definition of the request to the app path; it takes effect at the next reload.
func (g *gateway) storeAPI(w http.ResponseWriter, r *http.Request, oas bool, action string) {
	if action == "modified" {
		if code, problem := g.mayChange(r.PathValue("id"), oas); problem != "" {
			writeJSON(w, code, failure(problem))
			return
		}
	}
	a, err := decodeDefinition(r.Body, oas, g.config.class)
	if err != nil {
		g.log.error(noPrefix, "Couldn't decode new API Definition object: %v", err)
		writeJSON(w, http.StatusBadRequest, failure("Request malformed"))
		return
	}
	if oas && a.oas[tykExtension] == nil {
		writeJSON(w, http.StatusBadRequest, failure("the payload should contain "+tykExtension))
		return
	}
	if a.id() == "" && action == "added" {
		a.setID(newID())
	}
	if problem := wrongID(a.id(), r.PathValue("id"), action); problem != "" {
		writeJSON(w, http.StatusBadRequest, failure(problem))
		return
	}
	if err := a.save(g.config.appPath, g.log); err != nil {
		writeJSON(w, http.StatusInternalServerError, failure(err.Error()))
		return
	}
	writeJSON(w, http.StatusOK, modified{Key: a.id(), Status: "ok", Action: action})
}

// mayChange says why the API must not be changed in the given form, "" when it may.
func (g *gateway) mayChange(id string, oas bool) (int, string) {
	a, ok := g.shown().byID[id]
	switch {
	case !ok:
		return http.StatusNotFound, notFoundAPI.Message
	case oas && !a.isOAS():
		return http.StatusBadRequest,
			"the supplied API definition is in OAS format, please use the Tyk classic format for this API"
	case !oas && a.isOAS():
		return http.StatusBadRequest,
			"this API endpoint only supports Tyk Classic APIs; please use the appropriate Tyk OAS API endpoint"
	}
	return http.StatusOK, ""
}

func wrongID(given, path, action string) string {
	switch {
	case action == "modified" && given != path:
		return "Request APIID does not match that in Definition! For Update operations these must match."
	case !safeName.MatchString(given):
		return "Invalid API ID"
	}
	return ""
}

func (g *gateway) deleteAPI(w http.ResponseWriter, r *http.Request) {
	a, ok := g.shown().byID[r.PathValue("id")]
	if !ok {
		writeJSON(w, http.StatusNotFound, notFoundAPI)
		return
	}
	if err := a.remove(g.config.appPath); err != nil {
		g.log.warn(noPrefix, "File does not exist! %v", err)
		writeJSON(w, http.StatusInternalServerError, failure("Delete failed"))
		return
	}
	writeJSON(w, http.StatusOK, modified{Key: a.id(), Status: "ok", Action: "deleted"})
}

// newID returns a fresh id of 32 hexadecimal digits.
func newID() string {
	raw := make([]byte, 16)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}
