package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

const tykExtension = "x-tyk-api-gateway"

// api is one loaded API: its classic definition and, for an OAS API, the OAS document.
type api struct {
	classic object
	oas     object
}

func (a api) id() string         { return text(a.classic, "api_id") }
func (a api) name() string       { return text(a.classic, "name") }
func (a api) listenPath() string { return text(a.classic, "proxy", "listen_path") }
func (a api) isOAS() bool        { return a.oas != nil }
func (a api) serves() bool       { return flag(a.classic, "active") && a.listenPath() != "" }

// apiSet is the immutable result of one load: APIs by id, and by listen path with the longest first.
type apiSet struct {
	byID   map[string]api
	routes []api
}

func newAPISet(apis []api) *apiSet {
	set := &apiSet{byID: map[string]api{}}
	for _, a := range apis {
		set.byID[a.id()] = a
		if a.serves() {
			set.routes = append(set.routes, a)
		}
	}
	sort.SliceStable(set.routes, func(i, j int) bool {
		return len(set.routes[i].listenPath()) > len(set.routes[j].listenPath())
	})
	return set
}

// match returns the API whose listen path the URL path begins with.
func (s *apiSet) match(path string) (api, bool) {
	for _, a := range s.routes {
		if strings.HasPrefix(path, a.listenPath()) {
			return a, true
		}
	}
	return api{}, false
}

// sorted returns the APIs in order of their ids.
func (s *apiSet) sorted() []api {
	apis := make([]api, 0, len(s.byID))
	for _, id := range sortedKeys(s.byID) {
		apis = append(apis, s.byID[id])
	}
	return apis
}

// loadAPIs reads every definition in the folder, as the gateway does at each reload.
func loadAPIs(c config, log *logger) []api {
	// The pattern is made of a folder name; it is malformed only if that name is, and then nothing matches.
	paths, _ := filepath.Glob(filepath.Join(c.appPath, "*.json"))
	var apis []api
	for _, path := range paths {
		if strings.HasSuffix(path, "-oas.json") || strings.HasSuffix(path, "-mcp.json") {
			continue
		}
		log.info(noPrefix, "Loading API Specification from %s", path)
		a, err := readAPI(path, c.class)
		switch {
		case errors.As(err, new(*os.PathError)):
			log.error(noPrefix, "Couldn't read api configuration file: %v", err)
		case err != nil:
			log.error(noPrefix, "Couldn't unmarshal read file: %v", err)
		default:
			apis = append(apis, a)
		}
	}
	return apis
}

func readAPI(path string, c class) (api, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return api{}, err
	}
	given, err := decodeObject(bytes.NewReader(data))
	if err != nil {
		return api{}, err
	}
	a := api{classic: fill(c.blankAPI(), given)}
	if !c.oas || !flag(a.classic, "is_oas") {
		return a, nil
	}
	document, err := os.ReadFile(strings.TrimSuffix(path, ".json") + "-oas.json")
	if err != nil {
		return api{}, err
	}
	a.oas, err = decodeObject(bytes.NewReader(document))
	return a, err
}

// classicOf makes the classic definition that goes with an OAS document.
func classicOf(document object, c class) object {
	ext := func(path ...string) []string { return append([]string{tykExtension}, path...) }
	definition := c.blankAPI()
	definition["api_id"] = text(document, ext("info", "id")...)
	definition["name"] = text(document, ext("info", "name")...)
	definition["org_id"] = text(document, ext("info", "orgId")...)
	definition["active"] = flag(document, ext("info", "state", "active")...)
	definition["internal"] = flag(document, ext("info", "state", "internal")...)
	definition["use_keyless"] = !flag(document, ext("server", "authentication", "enabled")...)
	definition["is_oas"] = true
	return fill(definition, object{"proxy": object{
		"listen_path":       text(document, ext("server", "listenPath", "value")...),
		"strip_listen_path": flag(document, ext("server", "listenPath", "strip")...),
		"target_url":        text(document, ext("upstream", "url")...),
	}})
}

// decodeDefinition reads the definition of a request: classic, or OAS with its classic twin.
func decodeDefinition(body io.Reader, oas bool, c class) (api, error) {
	given, err := decodeObject(body)
	if err != nil {
		return api{}, err
	}
	if oas {
		return api{classic: classicOf(given, c), oas: given}, nil
	}
	definition := fill(c.blankAPI(), given)
	delete(definition, "is_oas")
	return api{classic: definition}, nil
}

// setID gives the API an id, in both of its forms.
func (a api) setID(id string) {
	a.classic["api_id"] = id
	if extension, ok := a.oas[tykExtension].(object); ok {
		info, ok := extension["info"].(object)
		if !ok {
			info = object{}
			extension["info"] = info
		}
		info["id"] = id
	}
}

// save writes the API where the gateway keeps it: ID.json, and ID-oas.json for an OAS API.
func (a api) save(folder string, log *logger) error {
	if err := writeDefinition(folder, a.id(), a.classic, log); err != nil || !a.isOAS() {
		return err
	}
	return writeDefinition(folder, a.id()+"-oas", a.oas, log)
}

func writeDefinition(folder, name string, definition object, log *logger) error {
	log.info(noPrefix, "App path: %s", folder)
	path := filepath.Join(folder, name+".json")
	if _, err := os.Stat(path); err == nil {
		log.warn(noPrefix, "API Definition with this ID already exists, deleting file...")
	}
	if err := writeIndented(path, definition); err != nil {
		log.error(noPrefix, "Failed to create file! - %v", err)
		return errors.New("file object creation failed, write error")
	}
	return nil
}

// remove deletes the files of the API.
func (a api) remove(folder string) error {
	names := []string{a.id() + ".json"}
	if a.isOAS() {
		names = append(names, a.id()+"-oas.json")
	}
	for _, name := range names {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}
