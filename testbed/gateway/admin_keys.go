package main

import (
	"encoding/json"
	"net/http"
)

const sessionPrefix = "apikey-"

// listKeys refuses, as the gateway does with hash_keys on, which every chart sets.
func (g *gateway) listKeys(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusNotFound,
		failure("Hashed key listing is disabled in config (enable_hashed_keys_listing)"))
}

// createKey keeps the session of a new key in Redis; the stand-in checks no key afterwards.
func (g *gateway) createKey(w http.ResponseWriter, r *http.Request) {
	session, err := decodeObject(r.Body)
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, failure("Unmarshalling failed"))
		return
	}
	rights, ok := session["access_rights"].(object)
	if !ok || len(rights) == 0 {
		writeJSON(w, http.StatusBadRequest,
			failure("Failed to create key, keys must have at least one Access Rights record set."))
		return
	}
	key := text(session, "org_id") + newID()
	data, err := json.Marshal(session)
	if err == nil {
		err = g.store.set(r.Context(), sessionPrefix+key, string(data), 0)
	}
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, failure("Failed to create key - "+err.Error()))
		return
	}
	writeJSON(w, http.StatusOK, modified{Key: key, Status: "ok", Action: "added"})
}
