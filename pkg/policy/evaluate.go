package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Decision is the result of evaluating a request. The zero value denies.
type Decision struct {
	// Effect is Allow, Deny (a statement denies explicitly) or NoMatch (at least one group of policies does not allow
	// it).
	Effect Effect
	// Document and Statement are the indexes, from 0, of the statement that decided; −1 for NoMatch. Document counts
	// through all groups passed to Decide.
	Document, Statement int
	// Reasons says for each statement whether it matched, and why not.
	Reasons []Reason

	documents int // how many were evaluated
	groups    int
	lacking   int // number, from 1, of the first group that does not allow the request
}

// Reason is what one statement contributed to a decision.
type Reason struct {
	Document, Statement int // indexes, from 0
	Sid                 string
	Effect              Effect // of the statement
	Matched             bool
	Detail              string // why it did not match; empty if it did
}

// Evaluate applies one document to a request. A matching Deny overrides every Allow.
func (d Document) Evaluate(r Request) Decision { return Decide(r, []Document{d}) }

// Decide evaluates several documents together. Each group is one kind of policy (the role's, the session's). A
// request is allowed if every group has a document that allows it and no document denies it (IAM user guide,
// reference_policies_evaluation-logic). An empty group allows nothing, and so do no groups: leave out the session's
// group when there is no session policy.
func Decide(r Request, groups ...[]Document) Decision {
	decision := Decision{Document: -1, Statement: -1}
	var denied, allowed *Reason
	for number, group := range groups {
		from := len(decision.Reasons)
		for _, document := range group {
			decision.evaluate(document, r)
		}
		own := decision.Reasons[from:]
		denied = firstMatch(denied, own, Deny)
		if firstMatch(nil, own, Allow) == nil && decision.lacking == 0 {
			decision.lacking = number + 1
		}
		allowed = firstMatch(allowed, own, Allow)
	}
	decision.groups = len(groups)
	switch {
	case denied != nil:
		decision.Effect, decision.Document, decision.Statement = Deny, denied.Document, denied.Statement
	case allowed != nil && decision.lacking == 0:
		decision.Effect, decision.Document, decision.Statement = Allow, allowed.Document, allowed.Statement
	}
	return decision
}

func (d *Decision) evaluate(document Document, r Request) {
	for i, statement := range document.Statements {
		reason := statement.reason(r, document.variables())
		reason.Document, reason.Statement = d.documents, i
		d.Reasons = append(d.Reasons, reason)
	}
	d.documents++
}

// firstMatch returns known if it is not nil, else the first statement of that effect that matched.
func firstMatch(known *Reason, reasons []Reason, effect Effect) *Reason {
	if known != nil {
		return known
	}
	for i := range reasons {
		if reasons[i].Matched && reasons[i].Effect == effect {
			return &reasons[i]
		}
	}
	return nil
}

func (s Statement) reason(r Request, variables bool) Reason {
	reason := Reason{Sid: s.Sid, Effect: s.Effect}
	err := s.mismatch(r, variables)
	if err == nil {
		reason.Matched = true
		return reason
	}
	reason.Detail = err.Error()
	if errors.As(err, new(unresolved)) && s.Effect == Deny {
		reason.Detail += ", so this Deny denies nothing"
	}
	return reason
}

// mismatch says why the statement does not apply to the request. It returns nil when it applies. A statement with a
// variable that has no value does not apply. That is safe for Allow; such a Deny denies nothing.
func (s Statement) mismatch(r Request, variables bool) error {
	if s.Effect != Allow && s.Effect != Deny {
		return errors.New("it has no Effect")
	}
	if err := s.principalMismatch(r.Principal); err != nil {
		return err
	}
	if err := s.actionMismatch(r.Action); err != nil {
		return err
	}
	if err := s.resourceMismatch(r, variables); err != nil {
		return err
	}
	for _, condition := range s.Conditions {
		if err := condition.mismatch(r.Context, variables); err != nil {
			return err
		}
	}
	return nil
}

// actionMismatch ignores case. "*" and "?" are wildcards; variables are not replaced.
func (s Statement) actionMismatch(action string) error {
	listed := func(list []string) bool {
		for _, want := range list {
			if parseWild(strings.ToLower(want)).match(runes(strings.ToLower(action))) {
				return true
			}
		}
		return false
	}
	switch {
	case len(s.NotAction) > 0 && listed(s.NotAction):
		return fmt.Errorf("action %q is in NotAction", action)
	case len(s.NotAction) == 0 && !listed(s.Action):
		return fmt.Errorf("action %q is not in Action %s", action, quoted(s.Action))
	}
	return nil
}

// resourceMismatch compares the whole ARN, case-sensitively. "*" matches "/" too, as AWS documents, and ":"
// (documented for a "*" at the end of an ARN's field, assumed for others).
func (s Statement) resourceMismatch(r Request, variables bool) error {
	list, not := s.Resource, false
	if len(s.NotResource) > 0 {
		list, not = s.NotResource, true
	}
	if len(list) == 0 {
		return nil
	}
	how := reading{wildcards: true, variables: variables, context: r.Context}
	wants, err := how.patterns(completed(list))
	if err != nil {
		return fmt.Errorf("resource: %w", err)
	}
	resource := runes(r.Resource)
	matched := slices.ContainsFunc(wants, func(want pattern) bool { return want.match(resource) })
	switch {
	case matched && not:
		return fmt.Errorf("resource %q is in NotResource", r.Resource)
	case !matched && !not:
		return fmt.Errorf("resource %q is not in Resource %s", r.Resource, how.show(list, wants))
	}
	return nil
}

// completed appends a "*" to an ARN for each field that it lacks, as IAM does.
func completed(resources []string) []string {
	out := slices.Clone(resources)
	for i, resource := range out {
		if missing := arnFields - 1 - strings.Count(resource, ":"); resource != "*" && missing > 0 {
			out[i] += strings.Repeat(":*", missing)
		}
	}
	return out
}
