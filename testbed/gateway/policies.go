package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// loadPolicies reads the policies as the gateway with policy_source "file" does: every *.json of
// the policy path, else the record file (one object, id to policy).
func loadPolicies(c config, log *logger) ([]object, error) {
	var policies []object
	var err error
	switch {
	case c.policyPath != "":
		policies = policiesFromDir(c, log)
	case c.policyFile != "":
		policies, err = policiesFromFile(c, log)
	default:
		return nil, nil
	}
	log.info(inMain, "Policies found (%d total):", len(policies))
	return policies, err
}

// policiesFromDir keeps a policy that could not be read as a blank one: the real gateway does too.
func policiesFromDir(c config, log *logger) []object {
	// See loadAPIs: a malformed pattern matches nothing.
	paths, _ := filepath.Glob(filepath.Join(c.policyPath, "*.json"))
	var policies []object
	for _, path := range paths {
		log.info(noPrefix, "Loading policy from dir %s", path)
		file, err := os.Open(path)
		if err != nil {
			log.error(noPrefix, "Couldn't open policy file from dir: %v", err)
			continue
		}
		policy, err := decodePolicy(file, c.class)
		file.Close()
		if err != nil {
			log.error(noPrefix, "Couldn't unmarshal policy configuration from dir: %s : %v", path, err)
		}
		policies = append(policies, policy)
	}
	return policies
}

func policiesFromFile(c config, log *logger) ([]object, error) {
	file, err := os.Open(c.policyFile)
	if err != nil {
		log.error(inPolicy, "Couldn't open policy file: %v", err)
		return nil, err
	}
	defer file.Close()
	records, err := decodeObject(file)
	if err != nil {
		log.error(inPolicy, "Couldn't unmarshal policies: %v", err)
		return nil, err
	}
	var policies []object
	for _, id := range sortedKeys(records) {
		record, ok := records[id].(object)
		if !ok {
			return nil, fmt.Errorf("policy %q is not an object", id)
		}
		policies = append(policies, fill(c.class.blankPolicy(), record))
	}
	return policies, nil
}

// decodePolicy reads one policy; a blank one comes with the error.
func decodePolicy(r io.Reader, c class) (object, error) {
	given, err := decodeObject(r)
	return fill(c.blankPolicy(), given), err
}

// policyList is what /tyk/policies shows: one policy for each id, the blank id included or not.
func policyList(policies []object, c class) []object {
	byID := map[string]object{}
	for _, policy := range policies {
		if id := text(policy, "id"); id != "" || c.blankPolicies {
			byID[id] = policy
		}
	}
	list := []object{}
	for _, id := range sortedKeys(byID) {
		list = append(list, byID[id])
	}
	return list
}

// writeIndented writes a value as the gateway writes its files.
func writeIndented(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
