package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
)

// What the gateway writes for an empty API definition and an empty policy; a definition read from
// a file or a request has exactly these keys, with the given values in place of the blank ones.
var (
	//go:embed blank/api-5.8.json
	blankAPI58 []byte
	//go:embed blank/api-5.13.json
	blankAPI513 []byte
	//go:embed blank/policy-5.8.json
	blankPolicy58 []byte
	//go:embed blank/policy-5.13.json
	blankPolicy513 []byte
)

// object is a decoded JSON object; numbers keep their text.
type object = map[string]any

func decodeObject(r io.Reader) (object, error) {
	decoder := json.NewDecoder(r)
	decoder.UseNumber()
	var o object
	if err := decoder.Decode(&o); err != nil {
		return nil, err
	}
	return o, nil
}

func (c class) blankAPI() object {
	if c.newDefinitions {
		return mustDecode(blankAPI513)
	}
	return mustDecode(blankAPI58)
}

func (c class) blankPolicy() object {
	if c.newDefinitions {
		return mustDecode(blankPolicy513)
	}
	return mustDecode(blankPolicy58)
}

// mustDecode reads an embedded file; that it can be read is proven by the tests.
func mustDecode(data []byte) object {
	o, err := decodeObject(bytes.NewReader(data))
	if err != nil {
		panic(fmt.Sprintf("embedded definition: %v", err))
	}
	return o
}

// omitted are the keys that the gateway writes only where they have a value.
var omitted = map[string]bool{
	"id": true, "expiration": true, "json_rpc_version": true, "application_protocol": true, "is_oas": true,
	"upstream_certificates_disabled": true, "certificate_pinning_disabled": true, "domain_disabled": true,
	"session_lifetime_respects_key_expiration": true, "tags_disabled": true, "security_requirements": true,
	"post_expiry_action": true,
}

// fill puts the given values over the blank ones. Keys that the gateway does not know at the top of
// a definition are dropped, as it does with fields it has no place for.
func fill(blank, given object) object {
	for key, value := range given {
		old, known := blank[key]
		if known || omitted[key] {
			blank[key] = merge(old, value)
		}
	}
	return blank
}

// merge puts a given value over a blank one, key by key where both are objects.
func merge(blank, given any) any {
	target, ok := blank.(object)
	values, also := given.(object)
	if !ok || !also {
		return given
	}
	for key, value := range values {
		target[key] = merge(target[key], value)
	}
	return target
}

// text returns the string at a path of keys, "" where there is none.
func text(o object, path ...string) string {
	s, _ := at(o, path).(string)
	return s
}

// flag returns the boolean at a path of keys, false where there is none.
func flag(o object, path ...string) bool {
	b, _ := at(o, path).(bool)
	return b
}

func at(o object, path []string) any {
	var value any = o
	for _, key := range path {
		inner, ok := value.(object)
		if !ok {
			return nil
		}
		value = inner[key]
	}
	return value
}
