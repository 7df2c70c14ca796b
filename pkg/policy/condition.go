package policy

import (
	"fmt"
	"strings"
)

// mismatch says why the condition is not met. It returns nil when it is met.
//
// A missing key fails the condition, but meets a negated operator, IfExists and ForAllValues (IAM user guide,
// reference_policies_elements_condition_operators and reference_policies_multi-value-conditions). ForAnyValue fails
// on a missing key, with IfExists too: third-party tests show that the set operator wins. If the operator has no set
// operator and the request has several values, one that matches is enough (assumed; AWS advises against such
// policies).
func (c Condition) mismatch(context Context, variables bool) error {
	op, err := operatorNamed(c.Operator)
	if err != nil {
		return err
	}
	got := context.Lookup(c.Key)
	if op.match == nil {
		return c.null(got)
	}
	if len(got) == 0 && op.ifExists && op.quantifier != forAnyValue {
		return nil
	}
	how := reading{op.wildcards, variables && op.variables, context}
	wants, err := how.patterns(c.Values)
	if err != nil {
		return fmt.Errorf("condition %s %s: %w", c.Operator, named(c.Key), err)
	}
	if op.test(wants, got) {
		return nil
	}
	return c.unmet(op, how.show(c.Values, wants), got)
}

// null evaluates the Null operator: "true" requires the key to be absent, "false" to be present.
func (c Condition) null(got []string) error {
	absent := len(got) == 0
	for _, want := range c.Values {
		if strings.EqualFold(want, "true") == absent {
			return nil
		}
	}
	if absent {
		return fmt.Errorf("condition Null %s is absent, the policy wants it present", named(c.Key))
	}
	return fmt.Errorf("condition Null %s is present, the policy wants it absent", named(c.Key))
}

func (op operator) test(wants []pattern, got []string) bool {
	one := func(value string) bool {
		for _, want := range wants {
			if op.match(want, value) {
				return true
			}
		}
		return false
	}
	if op.quantifier != anyOrNone && len(got) == 1 && got[0] == "" {
		got = nil // for set operators an empty string is an empty set
	}
	switch op.quantifier {
	case forAllValues:
		for _, value := range got {
			if one(value) == op.negated {
				return false
			}
		}
		return true
	case forAnyValue:
		for _, value := range got {
			if one(value) != op.negated {
				return true
			}
		}
		return false
	}
	for _, value := range got {
		if one(value) {
			return !op.negated
		}
	}
	return op.negated
}

func (c Condition) unmet(op operator, wants string, got []string) error {
	is := "absent"
	if len(got) > 0 {
		is = quoted(got)
	}
	if op.negated {
		wants = "anything but " + wants
	}
	return fmt.Errorf("condition %s %s is %s, the policy wants %s", c.Operator, named(c.Key), is, wants)
}
