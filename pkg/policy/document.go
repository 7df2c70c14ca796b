// Package policy evaluates IAM policy documents: it decides whether a request is allowed, and says which statement
// decided.
//
// Parse, ParseTrust and ParseIdentity read a document; Document.Evaluate applies one to a Request; Decide combines
// several as AWS does. Decision.Explain says for each statement why it matched or did not.
//
// The rules are those of the IAM user guide, whose page is named beside the rule. Rules that AWS does not document
// are marked "assumed".
package policy

// The two versions of the policy language. A document without Version has the older one.
const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

// Document is a parsed policy. A Document that was not made by Parse is unchecked: a condition operator or variable
// that Parse would refuse makes its statement match nothing.
type Document struct {
	// Version is "2012-10-17", "2008-10-17" or empty. Empty means "2008-10-17", which has no variables: ${…} is
	// literal text.
	Version string
	// ID is the document's Id, which IAM does not evaluate.
	ID         string
	Statements []Statement
}

// Statement is one statement of a document. Of each pair (Action and NotAction, and so on) at most one is set.
type Statement struct {
	Sid    string // its name; may be empty
	Effect Effect
	// Principal and NotPrincipal are nil in identity-based and session policies, which apply to the identity that
	// they are attached to.
	Principal, NotPrincipal *Principals
	Action, NotAction       []string
	// Resource and NotResource are both empty in trust policies, whose resource is the role itself.
	Resource, NotResource []string
	// Conditions must all be met. They are in the document's order.
	Conditions []Condition
}

// Effect is the effect of a statement or a decision. The zero value is NoMatch.
type Effect string

// The effects. A Statement has Allow or Deny. A Decision is NoMatch when no statement decides: the request is then denied
// implicitly.
const (
	NoMatch Effect = ""
	Allow   Effect = "Allow"
	Deny    Effect = "Deny"
)

// Principals are the principals that a statement names: everyone ("*"), or those in the lists.
type Principals struct {
	Everyone bool
	// AWS are ARNs and 12-digit account IDs, Federated identity providers, Service service principals.
	AWS, Federated, Service []string
}

// Condition is a condition of a statement: one key under one operator. It is met if one of Values matches; under a
// negated operator, if none does.
type Condition struct {
	Operator string // as written: "ForAnyValue:StringLikeIfExists"
	Key      string // "s3:prefix"
	Values   []string
}

// variables reports whether ${…} is a variable in this document, or literal text (IAM user guide,
// reference_policies_variables).
func (d Document) variables() bool { return d.Version == version2012 }
