// Package policy answers: what does an IAM policy document allow, and which statement says so?
//
// Parse reads a document, Evaluate asks one, Decide combines several as AWS does. Every answer can be
// explained statement by statement. Where AWS documents a rule the code follows it; what is assumed
// is marked "assumed".
package policy

// The two versions of the policy language. Without Version a document is of the older one.
const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

// Document is a policy as Parse read it. One built by hand has not been checked: a condition operator
// or variable that Parse would refuse makes its statement match nothing.
type Document struct {
	// Version is "2012-10-17", "2008-10-17" or empty, which means the latter: variables are then
	// literal text.
	Version    string
	ID         string
	Statements []Statement
}

// Statement is one rule. Of each pair (Action and NotAction, …) at most one is set.
type Statement struct {
	Sid    string
	Effect Effect
	// Principal and NotPrincipal are nil in identity-based and session policies, which speak of
	// whoever they are attached to.
	Principal, NotPrincipal *Principals
	Action, NotAction       []string
	// Resource and NotResource are both empty in trust policies: the role itself is the resource.
	Resource, NotResource []string
	// Conditions must all hold. They stand in the document's order.
	Conditions []Condition
}

// Effect is what a statement or a decision says. The zero value is NoMatch.
type Effect string

// What a Decision says: a statement allows it, a statement denies it explicitly, or no statement
// speaks of it, which denies it too.
const (
	NoMatch Effect = ""
	Allow   Effect = "Allow"
	Deny    Effect = "Deny"
)

// Principals are those a statement names: everyone ("*"), or any in a list.
type Principals struct {
	Everyone                bool
	AWS, Federated, Service []string
}

// Condition is one key under one operator: any of Values must match (none, for a negated operator).
type Condition struct {
	Operator string // as written: "ForAnyValue:StringLikeIfExists"
	Key      string // "s3:prefix"
	Values   []string
}

// variables reports whether ${…} is a variable here or just text (IAM user guide,
// reference_policies_variables).
func (d Document) variables() bool { return d.Version == version2012 }
