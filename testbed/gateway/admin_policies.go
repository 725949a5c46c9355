package main

import (
	"net/http"
	"os"
	"path/filepath"
)

func (g *gateway) listPolicies(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, policyList(*g.policies.Load(), g.config.class))
}

func (g *gateway) getPolicy(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	for _, policy := range *g.policies.Load() {
		if text(policy, "id") == id {
			writeJSON(w, http.StatusOK, policy)
			return
		}
	}
	g.log.error(inPolicy.with("polID", id), "Policy doesn't exist.")
	writeJSON(w, http.StatusNotFound, failure("Policy not found"))
}

// putPolicy writes the policy of the request to the policy path; it takes effect at the next reload.
func (g *gateway) putPolicy(w http.ResponseWriter, r *http.Request) {
	policy, err := decodePolicy(r.Body, g.config.class)
	if err != nil {
		g.log.error(noPrefix, "Couldn't decode new policy object: %v", err)
		writeJSON(w, http.StatusBadRequest, failure("Request malformed"))
		return
	}
	if r.Method == http.MethodPut && text(policy, "id") != r.PathValue("id") {
		g.log.error(noPrefix, "PUT operation on different IDs")
		writeJSON(w, http.StatusBadRequest,
			failure("Request ID does not match that in policy! For Update operations these must match."))
		return
	}
	if text(policy, "id") == "" && g.config.class.policyNeedsID {
		policy["id"] = newID()
	}
	id := text(policy, "id")
	if id != "" && !safeName.MatchString(id) {
		writeJSON(w, http.StatusBadRequest,
			failure("Invalid Policy ID: Allowed characters: a-z, A-Z, 0-9, ., _, -, ~"))
		return
	}
	if err := writeIndented(filepath.Join(g.config.policyPath, id+".json"), policy); err != nil {
		g.log.error(noPrefix, "Failed to create file! - %v", err)
		writeJSON(w, http.StatusInternalServerError, failure("Failed to create file!"))
		return
	}
	action := "modified"
	if r.Method == http.MethodPost {
		action = "added"
	}
	writeJSON(w, http.StatusOK, modified{Key: id, Status: "ok", Action: action})
}

func (g *gateway) deletePolicy(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if !safeName.MatchString(id) {
		writeJSON(w, http.StatusInternalServerError, failure("Delete failed"))
		return
	}
	if err := os.Remove(filepath.Join(g.config.policyPath, id+".json")); err != nil {
		g.log.warn(noPrefix, "Delete failed: %v", err)
		writeJSON(w, http.StatusInternalServerError, failure("Delete failed"))
		return
	}
	writeJSON(w, http.StatusOK, modified{Key: id, Status: "ok", Action: "deleted"})
}

// needID answers a change without an id; the words say apiID for policies too.
func (g *gateway) needID(verb string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusBadRequest, failure("Must specify an apiID to "+verb))
	}
}
