package policy

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	d := document(t, `[
		{"Sid": "App", "Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
		 "Condition": {"StringEquals": {"accounts.google.com:aud": "y"}}},
		{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "444455556666"]}, "Action": "sts:AssumeRole"},
		{"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "sts:TagSession"]},
		{"Effect": "Allow", "Principal": "*", "NotAction": "sts:*WebIdentity"},
		{"Effect": "Allow", "Principal": "*", "Action": "*", "NotResource": "*"},
		{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"StringNotLike": {"accounts.google.com:aud": ["x*", "z"]}}},
		{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"Null": {"accounts.google.com:aud": true}}},
		{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"Null": {"accounts.google.com:sub": false}}},
		{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"NumericLessThan": {"a:n": 5}}},
		{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"StringLike": {"accounts.google.com:aud": "${a:star}*${*}"}}},
		{"Effect": "Allow", "NotPrincipal": {"Federated": "accounts.google.com"}, "Action": "*"}]`)
	got := d.Evaluate(Request{
		Principal: Principal{Federated: "accounts.google.com"},
		Action:    "sts:AssumeRoleWithWebIdentity",
		Context:   Context{"accounts.google.com:aud": {"x"}, "a:star": {"*"}},
	})
	want := []string{
		`no statement allows it`,
		`statement 1 ("App"), Allow, does not match: condition StringEquals accounts.google.com:aud is "x", the policy wants "y"`,
		`statement 2, Allow, does not match: principal "accounts.google.com" is not in Principal "111122223333" or "444455556666"`,
		`statement 3, Allow, does not match: action "sts:AssumeRoleWithWebIdentity" is not in Action "sts:AssumeRole" or "sts:TagSession"`,
		`statement 4, Allow, does not match: action "sts:AssumeRoleWithWebIdentity" is in NotAction`,
		`statement 5, Allow, does not match: resource "" is in NotResource`,
		`statement 6, Allow, does not match: condition StringNotLike accounts.google.com:aud is "x", the policy wants anything but "x*" or "z"`,
		`statement 7, Allow, does not match: condition Null accounts.google.com:aud is present, the policy wants it absent`,
		`statement 8, Allow, does not match: condition Null accounts.google.com:sub is absent, the policy wants it present`,
		`statement 9, Allow, does not match: condition NumericLessThan a:n is absent, the policy wants "5"`,
		`statement 10, Allow, does not match: condition StringLike accounts.google.com:aud is "x", the policy wants "${*}*${*}" (${a:star}*${*})`,
		`statement 11, Allow, does not match: principal "accounts.google.com" is in NotPrincipal "accounts.google.com"`,
	}
	lines := strings.Split(got.Explain(), "\n")
	for i, line := range lines {
		if i >= len(want) || line != want[i] {
			t.Errorf("line %d:\n%s\nwant\n%s", i, line, want[min(i, len(want)-1)])
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
}

func TestExplainSeveral(t *testing.T) {
	t.Parallel()
	role := document(t, `[{"Sid": "All", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]`)
	session := document(t, `[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]`)
	deny := document(t, `[{"Sid": "No", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}]`)
	for _, row := range []struct {
		action string
		groups [][]Document
		want   string
	}{
		{"s3:GetObject", [][]Document{{role}, {session}},
			"policy 1, statement 1 (\"All\") allows it\npolicy 2, statement 1 allows it"},
		{"s3:PutObject", [][]Document{{role}, {session}},
			"no statement allows it in policy group 2 of 2\n" +
				"policy 1, statement 1 (\"All\") allows it\n" +
				"policy 2, statement 1, Allow, does not match: action \"s3:PutObject\" is not in Action \"s3:GetObject\""},
		{"s3:GetObject", [][]Document{{role, deny}},
			"policy 2, statement 1 (\"No\") denies it explicitly\npolicy 1, statement 1 (\"All\") allows it"},
	} {
		got := Decide(Request{Action: row.action, Resource: "arn:aws:s3:::b/k"}, row.groups...)
		if got.Explain() != row.want {
			t.Errorf("Explain() =\n%s\nwant\n%s", got.Explain(), row.want)
		}
	}
}

// A name in the policy cannot break a line of the explanation.
func TestExplainQuotes(t *testing.T) {
	t.Parallel()
	d := document(t, `{"Sid": "a\nb", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a:\nb": "\n"}}}`)
	const want = "no statement allows it\n" +
		`statement 1 ("a\nb"), Allow, does not match: condition StringEquals "a:\nb" is "x", the policy wants "\n"`
	got := d.Evaluate(Request{Action: "a:b", Context: Context{"a:\nb": {"x"}}})
	if got.Explain() != want {
		t.Errorf("Explain() =\n%s\nwant\n%s", got.Explain(), want)
	}
}

// Long lists and long values are cut.
func TestExplainCuts(t *testing.T) {
	t.Parallel()
	got := quoted([]string{"1", "2", "3", "4", "5", "6", "7"})
	if want := `"1" or "2" or "3" or "4" or "5" or 2 more`; got != want {
		t.Errorf("quoted = %s, want %s", got, want)
	}
	if got := clipped(strings.Repeat("é", maxText+1)); got != strings.Repeat("é", maxText)+"…" {
		t.Errorf("clipped = %s, want %d characters and …", got, maxText)
	}
}
