package policy

import (
	"fmt"
	"strings"
)

// Allowed reports whether the request is allowed.
func (d Decision) Allowed() bool { return d.Effect == Allow }

// String returns the decision as one sentence: `statement 2 ("OwnPrefix") allows it`.
func (d Decision) String() string {
	if d.Effect == NoMatch {
		if d.groups > 1 {
			return fmt.Sprintf("no statement allows it in policy group %d of %d", d.lacking, d.groups)
		}
		return "no statement allows it"
	}
	return d.where(d.deciding()) + " " + verb(d.Effect)
}

// Explain returns String, and then a line for each other statement that says why it matched or did not.
func (d Decision) Explain() string {
	lines := []string{d.String()}
	for _, reason := range d.Reasons {
		if reason.Document == d.Document && reason.Statement == d.Statement {
			continue
		}
		line := d.where(reason)
		if reason.Matched {
			line += " " + verb(reason.Effect)
		} else {
			line += fmt.Sprintf(", %s, does not match: %s", reason.Effect, reason.Detail)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// deciding returns the reason of the statement that decided.
func (d Decision) deciding() Reason {
	for _, reason := range d.Reasons {
		if reason.Document == d.Document && reason.Statement == d.Statement {
			return reason
		}
	}
	return Reason{Document: d.Document, Statement: d.Statement}
}

func verb(effect Effect) string {
	if effect == Deny {
		return "denies it explicitly"
	}
	return "allows it"
}

// where names a statement, counting from 1.
func (d Decision) where(reason Reason) string {
	name := "statement " + ordinal(reason.Statement, reason.Sid)
	if d.documents > 1 {
		return fmt.Sprintf("policy %d, %s", reason.Document+1, name)
	}
	return name
}

func ordinal(index int, sid string) string {
	if sid == "" {
		return fmt.Sprint(index + 1)
	}
	return fmt.Sprintf("%d (%q)", index+1, clipped(sid))
}

// String returns the quoted name of the caller: its provider, its service or its ARNs. It returns "anonymous" when the
// caller has none.
func (p Principal) String() string {
	switch {
	case p.Federated != "":
		return fmt.Sprintf("%q", clipped(p.Federated))
	case p.Service != "":
		return fmt.Sprintf("%q", clipped(p.Service))
	case len(p.AWS) > 0:
		return quoted(p.AWS)
	}
	return "anonymous"
}

// String returns the quoted names, joined by "or".
func (p Principals) String() string {
	if p.Everyone {
		return `"*"`
	}
	var all []string
	for _, list := range [][]string{p.AWS, p.Federated, p.Service} {
		all = append(all, list...)
	}
	return quoted(all)
}

// Limits of an explanation: at most maxShown values of at most maxText characters each.
const (
	maxShown = 5
	maxText  = 200
)

// quoted joins the values for a sentence: "a" or "b".
func quoted(values []string) string {
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = fmt.Sprintf("%q", clipped(value))
	}
	return alternatives(shown)
}

func alternatives(shown []string) string {
	if len(shown) > maxShown {
		shown = append(shown[:maxShown:maxShown], fmt.Sprintf("%d more", len(shown)-maxShown))
	}
	return strings.Join(shown, " or ")
}

func clipped(text string) string {
	if r := []rune(text); len(r) > maxText {
		return string(r[:maxText]) + "…"
	}
	return text
}

// named returns a name from the policy, quoted unless it is printable ASCII without spaces: so it can neither break a
// line nor look like other words.
func named(name string) string {
	for _, r := range name {
		if r <= ' ' || r > '~' {
			return fmt.Sprintf("%q", clipped(name))
		}
	}
	return clipped(name)
}
