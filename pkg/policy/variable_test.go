package policy

import (
	"fmt"
	"testing"
)

var variableRows = []struct {
	name     string
	version  string
	pattern  string // after arn:aws:s3:::b/
	resource string
	context  Context
	want     bool
	source   string
}{
	{"value", version2012, "${aws:username}/*", "alice/x", Context{"aws:username": {"alice"}}, true, variablesPage},
	{"other user", version2012, "${aws:username}/*", "bob/x", Context{"aws:username": {"alice"}}, false, variablesPage},
	{"key ignores case", version2012, "${AWS:UserName}/*", "alice/x", Context{"aws:Username": {"alice"}}, true, variablesPage},
	{"several variables", version2012, "${a:x}/${a:y}", "1/2", Context{"a:x": {"1"}, "a:y": {"2"}}, true, variablesPage},
	{"tag with a space", version2012, "${aws:PrincipalTag/cost center}/x", "a/x", Context{"aws:principaltag/cost center": {"a"}}, true, variablesPage},
	{"tag of Cognito", version2012, "${cognito-identity.amazonaws.com:sub}/*", "eu-west-1:0f/x", Context{"cognito-identity.amazonaws.com:sub": {"eu-west-1:0f"}}, true, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html"},

	{"old version is literal", version2008, "${aws:username}/*", "alice/x", Context{"aws:username": {"alice"}}, false, versionPage},
	{"old version, the literal text", version2008, "${aws:username}/*", "${aws:username}/x", nil, true, versionPage},
	{"no version is literal", "", "${aws:username}/*", "alice/x", Context{"aws:username": {"alice"}}, false, versionPage},

	{"unresolved", version2012, "${aws:username}/*", "/x", nil, false, variablesPage},
	{"unresolved is not its own text", version2012, "${aws:username}/*", "${aws:username}/x", nil, false, variablesPage},
	{"several values are unresolved", version2012, "${a:k}", "1", Context{"a:k": {"1", "2"}}, false, assumed},
	{"default", version2012, "${aws:PrincipalTag/team, 'company-wide'}/*", "company-wide/x", nil, true, variablesPage},
	{"default not wanted", version2012, "${aws:PrincipalTag/team, 'company-wide'}/*", "company-wide/x", Context{"aws:PrincipalTag/team": {"yellow"}}, false, variablesPage},
	{"default with } and *", version2012, "${a:k, '*}'}", "*}", nil, true, variablesPage},
	{"a * in a default is literal", version2012, "${a:k, '*'}", "x", nil, false, assumed},
	{"empty default", version2012, "${a:k,''}/x", "/x", nil, true, assumed},

	{"${*}", version2012, "a${*}", "a*", nil, true, variablesPage},
	{"${*} is not a wildcard", version2012, "a${*}", "ab", nil, false, variablesPage},
	{"${?}", version2012, "a${?}", "a?", nil, true, variablesPage},
	{"${?} is not a wildcard", version2012, "a${?}", "ab", nil, false, variablesPage},
	{"${$}", version2012, "a${$}{b}", "a${b}", nil, true, variablesPage},
	{"lone $", version2012, "a$b", "a$b", nil, true, assumed},

	{"a * in a value is literal", version2012, "${a:sub}/*", "bob/x", Context{"a:sub": {"*"}}, false, assumed},
	{"a * in a value is itself", version2012, "${a:sub}/*", "*/x", Context{"a:sub": {"*"}}, true, assumed},
	{"a ? in a value is literal", version2012, "${a:sub}/*", "bob/x", Context{"a:sub": {"b?b"}}, false, assumed},
	{"a value is not read again", version2012, "${a:sub}/*", "bob/x", Context{"a:sub": {"${a:other}"}, "a:other": {"bob"}}, false, assumed},
	{"broken bytes differ", version2012, "${a:sub}/*", "\xff/x", Context{"a:sub": {"\xfe"}}, false, assumed},
	{"broken bytes are themselves", version2012, "${a:sub}/*", "\xff/x", Context{"a:sub": {"\xff"}}, true, assumed},
	{"awkward subject", version2012, "${a:sub}/*", "auth0|5f7c/x", Context{"a:sub": {"auth0|5f7c"}}, true, variablesPage},

	{"the / keeps neighbours out", version2012, "${a:sub}/*", "abcd/x", Context{"a:sub": {"abc"}}, false, resourcePage},
	{"without it they are in", version2012, "${a:sub}*", "abcd/x", Context{"a:sub": {"abc"}}, true, resourcePage},
	{"up and out is a text like any", version2012, "${a:sub}/*", "abc/../bob/x", Context{"a:sub": {"abc"}}, true, resourcePage},
}

func TestVariables(t *testing.T) {
	t.Parallel()
	for _, row := range variableRows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			version := ""
			if row.version != "" {
				version = fmt.Sprintf(`"Version": %q,`, row.version)
			}
			d := parsed(t, fmt.Sprintf(`{%s "Statement": {"Effect": "Allow", "Action": "*", "Resource": %s}}`,
				version, quotedJSON(t, "arn:aws:s3:::b/"+row.pattern)))
			got := d.Evaluate(Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/" + row.resource, Context: row.context})
			if got.Allowed() != row.want {
				t.Errorf("%s for %s: allowed = %v, want %v (%s)\n%s", row.pattern, row.resource, got.Allowed(), row.want, row.source, got.Explain())
			}
		})
	}
}

// Only string and ARN operators replace variables. A value of another operator must be what that operator compares.
func TestVariablesInConditions(t *testing.T) {
	t.Parallel()
	context := Context{"a:k": {"arn:aws:iam::1:role/x*"}, "a:want": {"arn:aws:iam::1:role/x*"}, "a:role": {"x*"}}
	for _, row := range []struct {
		operator, value string
		want            bool
		source          string
	}{
		{"StringEquals", "${a:want}", true, variablesPage},
		{"StringEqualsIgnoreCase", "${a:want}", true, variablesPage},
		{"StringLike", "${a:want}", true, variablesPage},
		{"ArnEquals", "${a:want}", true, variablesPage},
		{"ArnLike", "arn:aws:iam::*:role/${a:role}", true, variablesPage},
		{"StringEquals", "${a:absent}", false, variablesPage},
		{"StringNotEquals", "${a:absent}", false, variablesPage + ": an unresolved variable takes the statement out"},
		{"StringNotEquals", "${a:absent, 'y'}", true, variablesPage},
		{"StringEquals", "arn:aws:iam::1:role/x${*}", true, variablesPage},
	} {
		d := document(t, fmt.Sprintf(`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {%q: {"a:k": %q}}}`, row.operator, row.value))
		if got := d.Evaluate(Request{Action: "a:b", Context: context}); got.Allowed() != row.want {
			t.Errorf("%s %s: allowed = %v, want %v (%s)\n%s", row.operator, row.value, got.Allowed(), row.want, row.source, got.Explain())
		}
	}
	for _, operator := range []string{"NumericEquals", "DateEquals", "Bool", "BinaryEquals", "IpAddress", "Null"} {
		text := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {%q: {"a:k": "${a:want}"}}}}`, operator)
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("Parse takes a variable under %s, want an error (%s)", operator, variablesPage)
		}
	}
}

// An unresolved variable makes a Deny deny nothing, and the explanation says so (IAM user guide,
// reference_policies_variables).
func TestUnresolvedDeny(t *testing.T) {
	t.Parallel()
	d := document(t, `[{"Effect": "Allow", "Action": "*", "Resource": "*"},
		{"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:username}/*"}]`)
	got := d.Evaluate(Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/bob/x"})
	const want = "statement 1 allows it\n" +
		"statement 2, Deny, does not match: resource: variable ${aws:username} has no single value in this request, so this Deny denies nothing"
	if got.Explain() != want {
		t.Errorf("Explain() =\n%s\nwant\n%s", got.Explain(), want)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	c := Context{"AWS:UserID": {"b"}, "aws:UserId": {"c"}}
	if got := c.Lookup("aws:userid"); len(got) != 1 || got[0] != "b" {
		t.Errorf("Lookup = %q, want the first spelling in order, each time", got)
	}
	c.Set("aws:USERID", "a")
	if got := c.Lookup("aws:UserID"); len(got) != 1 || got[0] != "a" {
		t.Errorf("after Set, Lookup = %q, want a", got)
	}
	if got := Context(nil).Lookup("a:b"); got != nil {
		t.Errorf("nil context: Lookup = %q, want nil", got)
	}
}
