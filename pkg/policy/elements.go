package policy

import (
	"errors"
	"fmt"
	"strings"
)

// isService reports whether IAM accepts the text before an action's colon. It allows no wildcards there.
func isService(text string) bool { return text != "" && strings.Trim(text, alphanumeric+"-.") == "" }

func actions(n node) ([]string, error) {
	list, err := n.strings(false)
	for _, action := range list {
		prefix, name, prefaced := strings.Cut(action, ":")
		switch {
		case action == "*":
		case !prefaced || name == "":
			return nil, fmt.Errorf("%q is not SERVICE:ACTION", clipped(action))
		case strings.Contains(name, ":"):
			return nil, fmt.Errorf("%q has more than one colon", clipped(action))
		case !isService(prefix):
			return nil, fmt.Errorf("%q: its service may contain only letters, digits, dots and dashes", clipped(action))
		}
	}
	return list, err
}

func resources(n node, variables bool) ([]string, error) {
	list, err := n.strings(false)
	for _, resource := range list {
		if err := checkResource(resource, variables); err != nil {
			return nil, fmt.Errorf("%q: %w", clipped(resource), err)
		}
	}
	return list, err
}

// isPartition reports whether the text may be an ARN's partition. No wildcards are allowed there.
func isPartition(text string) bool {
	return text == "aws" || strings.HasPrefix(text, "aws-") && isService(text)
}

func checkResource(resource string, variables bool) error {
	if resource == "*" {
		return nil
	}
	if head := strings.SplitN(resource, ":", 4); len(head) < 3 || head[0] != "arn" || !isPartition(head[1]) || !isService(head[2]) {
		return errors.New(`neither "*" nor an ARN with partition and service`)
	}
	if !variables {
		return nil
	}
	if head, _, found := strings.Cut(resource, "${"); found && strings.Count(head, ":") < arnFields-1 {
		return errors.New("a variable may stand only in the last part of an ARN, after its fifth colon")
	}
	_, err := pieces(resource)
	return err
}

// principals parses "*" or an object of lists. It refuses CanonicalUser, which only S3 bucket policies have.
func principals(n node) (*Principals, error) {
	if n.kind == textKind {
		if n.text != "*" {
			return nil, fmt.Errorf(`%q is neither "*" nor an object`, clipped(n.text))
		}
		return &Principals{Everyone: true}, nil
	}
	if n.kind != objectKind || len(n.members) == 0 {
		return nil, fmt.Errorf(`is %s, neither "*" nor an object that names principals`, n.kind)
	}
	p := &Principals{}
	for _, m := range n.members {
		list, err := m.value.strings(false)
		if err == nil {
			err = p.add(m.name, list)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", named(m.name), err)
		}
	}
	return p, nil
}

func (p *Principals) add(kind string, list []string) error {
	for _, entry := range list {
		switch {
		case kind == "AWS" && entry == "*":
			p.Everyone = true
		case entry == "" || strings.ContainsAny(entry, "*?"):
			return fmt.Errorf("%q: a principal has no wildcards", clipped(entry))
		case kind == "AWS" && !isAccount(entry) && !strings.HasPrefix(entry, "arn:"):
			return fmt.Errorf("%q is neither an ARN nor an account ID", clipped(entry))
		}
	}
	switch kind {
	case "AWS":
		p.AWS = list
	case "Federated":
		p.Federated = list
	case "Service":
		p.Service = list
	default:
		return errors.New("is not a kind of principal: AWS, Federated, Service")
	}
	return nil
}

func conditions(n node, variables bool) ([]Condition, error) {
	if n.kind != objectKind {
		return nil, fmt.Errorf("is %s, not an object", n.kind)
	}
	var out []Condition
	for _, m := range n.members {
		op, err := operatorNamed(m.name)
		if err != nil {
			return nil, err
		}
		if m.value.kind != objectKind {
			return nil, fmt.Errorf("%s: is %s, not an object", m.name, m.value.kind)
		}
		for _, key := range m.value.members {
			c := Condition{Operator: m.name, Key: key.name}
			if err := c.read(op, key.value, variables); err != nil {
				return nil, fmt.Errorf("%s %q: %w", m.name, clipped(key.name), err)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

func (c *Condition) read(op operator, n node, variables bool) (err error) {
	if prefix, name, ok := strings.Cut(c.Key, ":"); !ok || prefix == "" || name == "" {
		return errors.New("a condition key is SERVICE:NAME")
	}
	if c.Values, err = n.strings(true); err != nil {
		return err
	}
	for _, value := range c.Values {
		if op.valid != nil && !op.valid(value) {
			return fmt.Errorf("%q is not a value this operator compares", clipped(value))
		}
		if op.variables && variables {
			if _, err := pieces(value); err != nil {
				return err
			}
		}
	}
	return nil
}
