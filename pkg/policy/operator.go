package policy

import (
	"fmt"
	"strings"
)

// operator is a parsed condition operator, such as "ForAnyValue:StringNotLikeIfExists".
type operator struct {
	comparison
	quantifier quantifier
	ifExists   bool
	negated    bool
}

type quantifier string

const (
	anyOrNone    quantifier = ""
	forAllValues quantifier = "ForAllValues:"
	forAnyValue  quantifier = "ForAnyValue:"
)

// comparison says how a value of the request is compared with one of the policy.
type comparison struct {
	wildcards bool
	// variables is true for string and ARN operators, the only ones that replace variables (IAM user guide,
	// reference_policies_variables, "Condition element").
	variables bool
	valid     func(want string) bool // nil when every string is valid
	match     func(want pattern, got string) bool
}

// nullOperator tests only whether the key is present.
const nullOperator = "Null"

// operatorNamed parses an operator's name. Names are case-sensitive (assumed).
func operatorNamed(name string) (operator, error) {
	var op operator
	base := name
	for _, q := range []quantifier{forAllValues, forAnyValue} {
		if rest, ok := strings.CutPrefix(base, string(q)); ok {
			op.quantifier, base = q, rest
			break
		}
	}
	base, op.ifExists = strings.CutSuffix(base, "IfExists")
	if base == nullOperator && base != name {
		return operator{}, fmt.Errorf("operator %q: Null takes neither a set operator nor IfExists", name)
	}
	base, op.negated = positive(base)
	var ok bool
	if op.comparison, ok = comparisons[base]; !ok {
		return operator{}, fmt.Errorf("operator %q is not an IAM condition operator", name)
	}
	return op, nil
}

// positive returns the operator that the name negates.
func positive(name string) (base string, negated bool) {
	switch name {
	case "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals", "DateNotEquals",
		"ArnNotEquals", "ArnNotLike":
		return strings.Replace(name, "Not", "", 1), true
	case "NotIpAddress":
		return "IpAddress", true
	}
	return name, false
}

// comparisons are the operators that are not negations (IAM user guide,
// reference_policies_elements_condition_operators).
var comparisons = map[string]comparison{
	"StringEquals":             {variables: true, match: equal},
	"StringEqualsIgnoreCase":   {variables: true, match: equalFold},
	"StringLike":               {variables: true, wildcards: true, match: like},
	"NumericEquals":            numeric(func(c int) bool { return c == 0 }),
	"NumericLessThan":          numeric(func(c int) bool { return c < 0 }),
	"NumericLessThanEquals":    numeric(func(c int) bool { return c <= 0 }),
	"NumericGreaterThan":       numeric(func(c int) bool { return c > 0 }),
	"NumericGreaterThanEquals": numeric(func(c int) bool { return c >= 0 }),
	"DateEquals":               date(func(c int) bool { return c == 0 }),
	"DateLessThan":             date(func(c int) bool { return c < 0 }),
	"DateLessThanEquals":       date(func(c int) bool { return c <= 0 }),
	"DateGreaterThan":          date(func(c int) bool { return c > 0 }),
	"DateGreaterThanEquals":    date(func(c int) bool { return c >= 0 }),
	"Bool":                     {valid: isBool, match: equalFold},
	nullOperator:               {valid: isBool},
	"BinaryEquals":             {valid: isBase64, match: equalBinary},
	"IpAddress":                {valid: isPrefix, match: inPrefix},
	"ArnEquals":                {variables: true, wildcards: true, match: likeARN},
	"ArnLike":                  {variables: true, wildcards: true, match: likeARN},
}
