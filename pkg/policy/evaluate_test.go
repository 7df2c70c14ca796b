package policy

import (
	"fmt"
	"testing"
)

func TestStatements(t *testing.T) {
	t.Parallel()
	const object = "arn:aws:s3:::b/k"
	for _, row := range []struct {
		statement        string // without Effect
		action, resource string
		want             bool
		source           string
	}{
		{`"Action": "s3:GetObject", "Resource": "*"`, "s3:GetObject", object, true, actionPage},
		{`"Action": "S3:getobject", "Resource": "*"`, "s3:GetObject", object, true, actionPage + ": ignoring case"},
		{`"Action": "s3:Get*", "Resource": "*"`, "s3:GetObject", object, true, actionPage},
		{`"Action": "s3:Get*", "Resource": "*"`, "s3:PutObject", object, false, actionPage},
		{`"Action": "iam:*AccessKey*", "Resource": "*"`, "iam:CreateAccessKey", object, true, actionPage},
		{`"Action": "s3:?etObject", "Resource": "*"`, "s3:GetObject", object, true, actionPage},
		{`"Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"`, "s3:GetObject", object, true, actionPage},
		{`"Action": "*", "Resource": "*"`, "sts:AssumeRole", "", true, actionPage},
		{`"Action": "s3:*", "Resource": "*"`, "s3-object-lambda:GetObject", object, false, actionPage},
		{`"NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"`, "s3:GetObject", object, true, notActionPage},
		{`"NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"`, "s3:deletebucket", "arn:aws:s3:::b", false, notActionPage},
		{`"NotAction": ["iam:*", "s3:*"], "Resource": "*"`, "s3:GetObject", object, false, notActionPage},

		{`"Action": "*", "Resource": "arn:aws:s3:::b/k"`, "s3:GetObject", object, true, resourcePage},
		{`"Action": "*", "Resource": "arn:aws:s3:::b/K"`, "s3:GetObject", object, false, resourcePage + ": case-sensitive"},
		{`"Action": "*", "Resource": "arn:aws:s3:::b"`, "s3:GetObject", object, false, resourcePage},
		{`"Action": "*", "Resource": "arn:aws:s3:::b/*"`, "s3:ListBucket", "arn:aws:s3:::b", false, resourcePage},
		{`"Action": "*", "Resource": "arn:aws:s3:::b*"`, "s3:GetObject", "arn:aws:s3:::bad/k", true, resourcePage},
		{`"Action": "*", "Resource": "arn:aws:s3:::b/?"`, "s3:GetObject", object, true, resourcePage},
		{`"Action": "*", "Resource": "arn:aws:s3:::b/*/test/*"`, "s3:GetObject", "arn:aws:s3:::b/1/2/test/3/object.jpg", true, resourcePage},
		{`"Action": "*", "Resource": "arn:aws:s3:::b/*/test/*"`, "s3:GetObject", "arn:aws:s3:::b/1-test/object.jpg", false, resourcePage},
		{`"Action": "*", "Resource": "arn:aws:s3:::b/*/test/*"`, "s3:GetObject", "arn:aws:s3:::b//test/", true, resourcePage + ": * may be empty"},
		{`"Action": "*", "Resource": "arn:aws:sqs:us-east-2:*"`, "sqs:SendMessage", "arn:aws:sqs:us-east-2:1:q", true, resourcePage + ": a * at the end of a field matches colons"},
		{`"Action": "*", "Resource": "arn:aws:sqs"`, "sqs:SendMessage", "arn:aws:sqs:us-east-2:1:q", true, "reference-arns: missing fields are *"},
		{`"Action": "*", "Resource": "arn:aws:sqs"`, "s3:GetObject", object, false, "reference-arns: missing fields are *"},
		{`"Action": "*", "Resource": "arn:aws-cn:s3:::b/k"`, "s3:GetObject", object, false, resourcePage},
		{`"Action": "*", "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]`, "s3:GetObject", object, true, resourcePage},
		{`"Action": "*", "NotResource": "arn:aws:s3:::hr/*"`, "s3:GetObject", object, true, notResourcePage},
		{`"Action": "*", "NotResource": ["arn:aws:s3:::hr/*", "arn:aws:s3:::b/*"]`, "s3:GetObject", object, false, notResourcePage},
	} {
		t.Run(fmt.Sprintf("%s_%s_on_%s", row.statement, row.action, row.resource), func(t *testing.T) {
			t.Parallel()
			r := Request{Action: row.action, Resource: row.resource}
			for _, effect := range []Effect{Allow, Deny} {
				d := document(t, fmt.Sprintf(`{"Effect": %q, %s}`, effect, row.statement))
				want := NoMatch
				if row.want {
					want = effect
				}
				if got := d.Evaluate(r); got.Effect != want {
					t.Errorf("effect = %q, want %q (%s)\n%s", got.Effect, want, row.source, got.Explain())
				}
			}
		})
	}
}

func TestPrincipals(t *testing.T) {
	t.Parallel()
	const (
		session = "arn:aws:sts::111122223333:assumed-role/App/alice"
		role    = "arn:aws:iam::111122223333:role/App"
		root    = "arn:aws:iam::111122223333:root"
	)
	caller := Principal{AWS: []string{session, role, root}}
	for _, row := range []struct {
		effect    Effect
		principal string
		caller    Principal
		want      bool
		source    string
	}{
		{Allow, `"Principal": "*"`, caller, true, principalPage},
		{Allow, `"Principal": {"AWS": "*"}`, caller, true, principalPage + `: the same as "*"`},
		{Allow, `"Principal": "*"`, Principal{}, true, principalPage + ": anonymous users too"},
		{Allow, `"Principal": "*"`, Principal{Federated: "accounts.google.com"}, true, assumed},
		{Allow, `"Principal": {"AWS": "111122223333"}`, caller, true, principalPage},
		{Allow, `"Principal": {"AWS": "` + root + `"}`, caller, true, principalPage},
		{Allow, `"Principal": {"AWS": "` + root + `"}`, Principal{AWS: []string{role}}, true, principalPage + ": the account is not its root user alone"},
		{Allow, `"Principal": {"AWS": "444455556666"}`, caller, false, principalPage},
		{Allow, `"Principal": {"AWS": ["444455556666", "` + role + `"]}`, caller, true, principalPage},
		{Allow, `"Principal": {"AWS": "` + session + `"}`, caller, true, principalPage},
		{Allow, `"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}`, caller, false, principalPage + ": case sensitive"},
		{Allow, `"Principal": {"AWS": "111122223333"}`, Principal{Federated: "accounts.google.com"}, false, principalPage},
		{Allow, `"Principal": {"Federated": "accounts.google.com"}`, Principal{Federated: "accounts.google.com"}, true, principalPage},
		{Allow, `"Principal": {"Federated": "accounts.google.com"}`, Principal{Federated: "graph.facebook.com"}, false, principalPage},
		{Allow, `"Principal": {"Federated": "accounts.google.com"}`, Principal{}, false, principalPage},
		{Allow, `"Principal": {"Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}`, Principal{Service: "ecs.amazonaws.com"}, true, principalPage},
		{Allow, `"Principal": {"Service": "ec2.amazonaws.com"}`, Principal{Federated: "ec2.amazonaws.com"}, false, principalPage},

		{Allow, `"NotPrincipal": {"AWS": "` + role + `"}`, caller, false, notPrincipalPage},
		{Allow, `"NotPrincipal": {"AWS": "444455556666"}`, caller, true, notPrincipalPage},
		{Allow, `"NotPrincipal": "*"`, caller, false, notPrincipalPage},
		{Deny, `"NotPrincipal": {"AWS": ["` + session + `", "` + role + `", "` + root + `"]}`, caller, false, notPrincipalPage + ": all three named"},
		{Deny, `"NotPrincipal": {"AWS": ["` + session + `", "` + role + `", "111122223333"]}`, caller, false, notPrincipalPage + ": all three named"},
		{Deny, `"NotPrincipal": {"AWS": ["` + session + `", "` + role + `"]}`, caller, true, notPrincipalPage + ": the account is missing"},
		{Deny, `"NotPrincipal": {"AWS": "444455556666"}`, caller, true, notPrincipalPage},
		{Deny, `"NotPrincipal": {"Federated": "accounts.google.com"}`, Principal{Federated: "accounts.google.com"}, false, notPrincipalPage},
		{Deny, `"NotPrincipal": {"Federated": "accounts.google.com"}`, Principal{}, true, notPrincipalPage},
	} {
		d := document(t, fmt.Sprintf(`{"Effect": %q, %s, "Action": "sts:AssumeRole"}`, row.effect, row.principal))
		got := d.Evaluate(Request{Principal: row.caller, Action: "sts:AssumeRole"})
		if (got.Effect == row.effect) != row.want {
			t.Errorf("%s %s for %s: effect = %q, want matched = %v (%s)\n%s", row.effect, row.principal, row.caller, got.Effect, row.want, row.source, got.Explain())
		}
	}
}

func TestEvaluateOrder(t *testing.T) {
	t.Parallel()
	d := document(t, `[
		{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
		{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
		{"Sid": "NoDelete", "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}]`)
	for _, row := range []struct {
		action    string
		effect    Effect
		statement int
	}{
		{"s3:GetObject", Allow, 0},
		{"s3:PutObject", Allow, 1},
		{"s3:DeleteObject", Deny, 2}, // logicPage: an explicit deny wins, wherever it is
		{"ec2:RunInstances", NoMatch, -1},
	} {
		got := d.Evaluate(Request{Action: row.action, Resource: "arn:aws:s3:::b/k"})
		if got.Effect != row.effect || got.Statement != row.statement || len(got.Reasons) != 3 {
			t.Errorf("%s: effect %q, statement %d, %d reasons; want %q, %d, 3", row.action, got.Effect, got.Statement, len(got.Reasons), row.effect, row.statement)
		}
	}
}

// Each group must allow; a Deny in any document overrides (logicPage: identity-based ∩ session policy).
func TestDecide(t *testing.T) {
	t.Parallel()
	allow := document(t, `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`)
	deny := document(t, `{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}`)
	other := document(t, `{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}`)
	group := func(documents ...Document) []Document { return documents }
	for _, row := range []struct {
		name     string
		groups   [][]Document
		effect   Effect
		document int
	}{
		{"nothing asked", nil, NoMatch, -1},
		{"empty group", [][]Document{{}}, NoMatch, -1},
		{"one allows", [][]Document{group(other, allow)}, Allow, 1},
		{"role and session allow", [][]Document{group(allow), group(allow)}, Allow, 0},
		{"role alone allows", [][]Document{group(allow), group(other)}, NoMatch, -1},
		{"session alone allows", [][]Document{group(other), group(allow)}, NoMatch, -1},
		{"empty session group", [][]Document{group(allow), {}}, NoMatch, -1},
		{"role denies", [][]Document{group(allow, deny), group(allow)}, Deny, 1},
		{"session denies", [][]Document{group(allow), group(other, deny)}, Deny, 2},
		{"denied though nothing allows", [][]Document{group(deny)}, Deny, 0},
	} {
		got := Decide(Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}, row.groups...)
		if got.Effect != row.effect || got.Document != row.document || got.Allowed() != (row.effect == Allow) {
			t.Errorf("%s: effect %q by document %d, want %q by %d\n%s", row.name, got.Effect, got.Document, row.effect, row.document, got.Explain())
		}
	}
	if (Decision{}).Allowed() {
		t.Error("the zero Decision allows")
	}
}

// A Document that was not made by Parse, with an operator or a variable that Parse refuses, matches nothing.
func TestUncheckedDocument(t *testing.T) {
	t.Parallel()
	for _, s := range []Statement{
		{Effect: Allow, Action: []string{"*"}, Conditions: []Condition{{"StringEqual", "a:b", []string{"x"}}}},
		{Effect: Allow, Action: []string{"*"}, Conditions: []Condition{{"StringEquals", "a:b", []string{"${"}}}},
		{Effect: Allow, Action: []string{"*"}, Resource: []string{"${"}},
		{Effect: Allow},
		{Effect: "allow", Action: []string{"*"}},
		{Effect: Allow, Action: []string{"*"}, Principal: &Principals{}},
	} {
		d := Document{Version: version2012, Statements: []Statement{s}}
		if got := d.Evaluate(Request{Action: "a:b", Context: Context{"a:b": {"x"}}}); got.Effect != NoMatch || got.Reasons[0].Matched {
			t.Errorf("%+v: %s, want no match", s, got)
		}
	}
}
