package policy

import (
	"fmt"
	"strings"
)

// holds says whether the condition is met and, if not, why.
//
// A missing key fails the condition, but meets a negated operator, IfExists and ForAllValues (IAM
// user guide, reference_policies_elements_condition_operators and
// reference_policies_multi-value-conditions). ForAnyValue fails on it, IfExists or not: third-party
// tests say the set operator wins. A request with several values under an operator without set
// operator is matched by any of them (assumed; AWS says not to write that).
func (c Condition) holds(context Context, variables bool) (bool, string) {
	op, err := operatorNamed(c.Operator)
	if err != nil {
		return false, err.Error()
	}
	got := context.Lookup(c.Key)
	if op.match == nil {
		return c.null(got)
	}
	if len(got) == 0 && op.ifExists && op.quantifier != forAnyValue {
		return true, ""
	}
	wants, err := c.wants(op, reading{op.wildcards, variables && op.variables, context})
	if err != nil {
		return false, fmt.Sprintf("condition %s %s: %v", c.Operator, c.Key, err)
	}
	if op.test(wants, got) {
		return true, ""
	}
	return false, c.mismatch(op, got)
}

// null answers the Null operator: "true" wants the key absent, "false" present.
func (c Condition) null(got []string) (bool, string) {
	absent := len(got) == 0
	for _, want := range c.Values {
		if strings.EqualFold(want, "true") == absent {
			return true, ""
		}
	}
	if absent {
		return false, fmt.Sprintf("condition Null: the request has no %s, the policy wants one", c.Key)
	}
	return false, fmt.Sprintf("condition Null: the request has %s, the policy wants none", c.Key)
}

func (c Condition) wants(op operator, how reading) ([]pattern, error) {
	wants := make([]pattern, len(c.Values))
	for i, value := range c.Values {
		var err error
		if wants[i], err = how.pattern(value); err != nil {
			return nil, err
		}
	}
	return wants, nil
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
		got = nil // an empty text is an empty set to the set operators
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

func (c Condition) mismatch(op operator, got []string) string {
	wants := "wants " + quoted(c.Values)
	if op.negated {
		wants = "wants anything but " + quoted(c.Values)
	}
	if len(got) == 0 {
		return fmt.Sprintf("condition %s: the request has no %s, the policy %s", c.Operator, c.Key, wants)
	}
	return fmt.Sprintf("condition %s: %s is %s, the policy %s", c.Operator, c.Key, quoted(got), wants)
}
