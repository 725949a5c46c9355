package dns

import (
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

const ttl = 5 // seconds, as CoreDNS' default for cluster names

// reply answers one query message; nil if it is not one. An answer over limit
// bytes is sent empty with the truncation bit, so that the client asks by TCP.
func (r *resolver) reply(query []byte, limit int) []byte {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil
	}
	question, err := parser.Question()
	if err != nil {
		return nil
	}
	a := r.lookup(question.Name.String())
	header.Response, header.Authoritative, header.RecursionAvailable = true, true, true
	if !a.found {
		header.RCode = dnsmessage.RCodeNameError
	}
	out := r.pack(header, question, a)
	if len(out) > limit {
		header.Truncated = true
		out = r.pack(header, question, answer{})
	}
	return out
}

// pack writes the message; nil if a name in it is invalid.
func (r *resolver) pack(header dnsmessage.Header, question dnsmessage.Question, a answer) []byte {
	m := dnsmessage.Message{Header: header, Questions: []dnsmessage.Question{question}}
	add := func(name dnsmessage.Name, body dnsmessage.ResourceBody) {
		h := dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET, TTL: ttl}
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: body})
	}
	name := question.Name
	if a.cname != "" {
		target, err := dnsmessage.NewName(strings.TrimSuffix(a.cname, ".") + ".")
		if err != nil {
			return nil
		}
		add(name, &dnsmessage.CNAMEResource{CNAME: target})
		name, a.ips = target, r.lookup(a.cname).ips
	}
	if question.Type == dnsmessage.TypeA || question.Type == dnsmessage.TypeALL {
		for _, ip := range a.ips {
			add(name, &dnsmessage.AResource{A: [4]byte(ip.To4())})
		}
	}
	if question.Type == dnsmessage.TypeSRV || question.Type == dnsmessage.TypeALL {
		for i := range a.srv {
			add(name, &a.srv[i])
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}
