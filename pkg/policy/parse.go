package policy

import (
	"errors"
	"fmt"
)

// Parse parses a policy document of any kind. It refuses what IAM refuses with MalformedPolicyDocument. Its error
// names the statement, by number and Sid, and the element.
func Parse(text []byte) (Document, error) {
	d, err := parse(text)
	if err != nil {
		return Document{}, fmt.Errorf("parsing policy: %w", err)
	}
	return d, nil
}

func parse(text []byte) (Document, error) {
	root, err := readJSON(text)
	if err != nil {
		return Document{}, err
	}
	if root.kind != objectKind {
		return Document{}, fmt.Errorf("document is %s, not an object", root.kind)
	}
	var d Document
	for _, m := range root.members {
		switch m.name {
		case "Version":
			d.Version, err = m.value.string()
			if err == nil && d.Version != version2008 && d.Version != version2012 {
				err = fmt.Errorf("%q is neither %q nor %q", d.Version, version2012, version2008)
			}
		case "Id":
			d.ID, err = m.value.string()
		case "Statement":
		default:
			err = errors.New("is not an element of a policy")
		}
		if err != nil {
			return Document{}, fmt.Errorf("%s: %w", named(m.name), err)
		}
	}
	d.Statements, err = statements(root.member("Statement"), d.variables())
	return d, err
}

func statements(n *node, variables bool) ([]Statement, error) {
	if n == nil {
		return nil, errors.New("document has no Statement")
	}
	items := n.items
	if n.kind != listKind {
		items = []node{*n}
	}
	if len(items) == 0 {
		return nil, errors.New("Statement: is an empty list")
	}
	var out []Statement
	sids := map[string]bool{}
	for i, item := range items {
		s, err := statement(item, variables)
		if err == nil && s.Sid != "" && sids[s.Sid] {
			err = errors.New("duplicate Sid")
		}
		if err != nil {
			return nil, fmt.Errorf("statement %s: %w", ordinal(i, s.Sid), err)
		}
		sids[s.Sid] = true
		out = append(out, s)
	}
	return out, nil
}

// statement parses one statement. The Sid is returned with an error too, so that the caller can name the statement.
func statement(n node, variables bool) (Statement, error) {
	if n.kind != objectKind {
		return Statement{}, fmt.Errorf("is %s, not an object", n.kind)
	}
	var s Statement
	if sid := n.member("Sid"); sid != nil {
		s.Sid = sid.text
	}
	for _, m := range n.members {
		if err := s.element(m.name, m.value, variables); err != nil {
			return Statement{Sid: s.Sid}, fmt.Errorf("%s: %w", named(m.name), err)
		}
	}
	if err := s.complete(); err != nil {
		return Statement{Sid: s.Sid}, err
	}
	return s, nil
}

func (s *Statement) element(name string, n node, variables bool) (err error) {
	switch name {
	case "Sid":
		s.Sid, err = n.string()
	case "Effect":
		s.Effect, err = effect(n)
	case "Principal":
		s.Principal, err = principals(n)
	case "NotPrincipal":
		s.NotPrincipal, err = principals(n)
	case "Action":
		s.Action, err = actions(n)
	case "NotAction":
		s.NotAction, err = actions(n)
	case "Resource":
		s.Resource, err = resources(n, variables)
	case "NotResource":
		s.NotResource, err = resources(n, variables)
	case "Condition":
		s.Conditions, err = conditions(n, variables)
	default:
		err = errors.New("is not an element of a statement")
	}
	return err
}

// complete checks the combination of elements.
func (s *Statement) complete() error {
	switch {
	case s.Effect == NoMatch:
		return errors.New("has no Effect")
	case s.Action == nil && s.NotAction == nil:
		return errors.New("has neither Action nor NotAction")
	case s.Action != nil && s.NotAction != nil:
		return errors.New("has both Action and NotAction")
	case s.Resource != nil && s.NotResource != nil:
		return errors.New("has both Resource and NotResource")
	case s.Principal != nil && s.NotPrincipal != nil:
		return errors.New("has both Principal and NotPrincipal")
	}
	return nil
}

func effect(n node) (Effect, error) {
	value, err := n.string()
	if err == nil && Effect(value) != Allow && Effect(value) != Deny {
		err = fmt.Errorf("%q is neither Allow nor Deny", clipped(value))
	}
	return Effect(value), err
}
