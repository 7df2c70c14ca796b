package policy

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got := parsed(t, `{"Id": "x y", "Version": "2012-10-17", "Statement": [{
		"Sid": "One", "Effect": "Deny", "NotPrincipal": {"AWS": ["111122223333", "*"], "Federated": "www.amazon.com"},
		"NotAction": "s3:*", "NotResource": ["*"],
		"Condition": {"Bool": {"a:b": false}, "NumericEquals": {"a:c": [1, "2", 3.5]}}}]}`)
	want := Document{Version: version2012, ID: "x y", Statements: []Statement{{
		Sid: "One", Effect: Deny,
		NotPrincipal: &Principals{Everyone: true, AWS: []string{"111122223333", "*"}, Federated: []string{"www.amazon.com"}},
		NotAction:    []string{"s3:*"}, NotResource: []string{"*"},
		Conditions: []Condition{{"Bool", "a:b", []string{"false"}}, {"NumericEquals", "a:c", []string{"1", "2", "3.5"}}},
	}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Parse = %+v\nwant %+v", got, want)
	}
}

const anything = `"Effect": "Allow", "Action": "*", "Resource": "*"`

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	statement := func(rest string) string { return `{"Version": "2012-10-17", "Statement": {` + rest + `}}` }
	condition := func(block string) string { return statement(anything + `, "Condition": ` + block) }
	for _, row := range []struct{ text, want, source string }{
		{``, "reading JSON: line 1", grammarPage},
		{"{\n\"Statement\": [}", "reading JSON: line 2", grammarPage},
		{`{} {}`, "reading JSON", grammarPage},
		{`[]`, "document is a list, not an object", grammarPage},
		{"\"\xff\"", "not UTF-8", grammarPage},
		{strings.Repeat("[", 9) + strings.Repeat("]", 9), "nested deeper than 8", assumed},
		{`{}`, "has no Statement", grammarPage},
		{`{"Statement": []}`, "Statement: is an empty list", validatorTests},
		{`{"Statement": "x"}`, "statement 1: is a string, not an object", grammarPage},
		{`{"Version": "2012-10-18", "Statement": {}}`, `Version: "2012-10-18" is neither`, versionPage},
		{`{"Version": 2012, "Statement": {}}`, "Version: is a number, not a string", versionPage},
		{`{"Id": null, "Statement": {}}`, "Id: is null, not a string", grammarPage},
		{`{"version": "2012-10-17"}`, "version: is not an element of a policy", grammarPage},
		{`{"Statement": {}, "bad key\n": 1}`, `"bad key\n": is not an element`, grammarPage},
		{"{\"Version\": \"2012-10-17\",\n\"Version\": \"2012-10-17\"}", `line 2: duplicate key "Version"`, grammarPage},
		{statement(`"Effect": "Allow", "Effect": "Deny"`), `duplicate key "Effect"`, grammarPage},
		{statement(`"Action": "*", "Resource": "*"`), "statement 1: has no Effect", grammarPage},
		{statement(`"Effect": "allow", "Action": "*"`), `statement 1: Effect: "allow" is neither Allow nor Deny`, "reference_policies_elements_effect"},
		{statement(`"Sid": "Mine", "Effect": "Allow", "Actions": "*"`), `statement 1 ("Mine"): Actions: is not an element of a statement`, grammarPage},
		{statement(`"Effect": "Allow", "Resource": "*"`), "neither Action nor NotAction", validatorTests},
		{statement(anything + `, "NotAction": "*"`), "both Action and NotAction", "reference_policies_elements"},
		{statement(anything + `, "NotResource": "*"`), "both Resource and NotResource", "reference_policies_elements"},
		{statement(anything + `, "Principal": "*", "NotPrincipal": "*"`), "both Principal and NotPrincipal", "reference_policies_elements"},
		{`{"Statement": [{` + anything + `, "Sid": "A"}, {` + anything + `, "Sid": "A"}]}`, `statement 2 ("A"): duplicate Sid`, validatorTests},
		{statement(anything + `, "Sid": 1`), "Sid: is a number", grammarPage},
		{statement(`"Effect": "Allow", "Action": []`), "Action: is an empty list", validatorTests},
		{statement(`"Effect": "Allow", "Action": [1]`), "Action: is a number, not a string", grammarPage},
		{statement(`"Effect": "Allow", "Action": "PutObject"`), `"PutObject" is not SERVICE:ACTION`, validatorTests},
		{statement(`"Effect": "Allow", "Action": "s3:"`), `"s3:" is not SERVICE:ACTION`, validatorTests},
		{statement(`"Effect": "Allow", "Action": "s3:a:b"`), "more than one colon", validatorTests},
		{statement(`"Effect": "Allow", "Action": "s*:Get"`), "its service may contain", validatorTests},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": []`), "Resource: is an empty list", validatorTests},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "bucket/*"`), `neither "*" nor an ARN`, validatorTests},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:*:s3:::b"`), `neither "*" nor an ARN`, validatorTests},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s*:::b"`), `neither "*" nor an ARN`, resourcePage},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws"`), `neither "*" nor an ARN`, validatorTests},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "${a:b}"`), `neither "*" nor an ARN`, variablesPage},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:sqs:${a:b}:1:q"`), "after its fifth colon", variablesPage},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${a:b"`), "is not closed", assumed},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${}"`), "has no valid condition key", assumed},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${a:${b}}"`), "has no valid condition key", assumed},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${a:b, x}"`), "the default must be written", variablesPage},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${a:b, 'x}"`), "the default must be written", variablesPage},
		{statement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${*, 'x'}"`), "takes no default", assumed},
		{statement(anything + `, "Principal": "alice"`), `Principal: "alice" is neither`, principalPage},
		{statement(anything + `, "Principal": {}`), "nor an object that names principals", principalPage},
		{statement(anything + `, "Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}`), "a principal has no wildcards", principalPage},
		{statement(anything + `, "Principal": {"AWS": "alice"}`), "neither an ARN nor an account ID", principalPage},
		{statement(anything + `, "Principal": {"Federated": "*"}`), "Federated: \"*\": a principal has no wildcards", assumed},
		{statement(anything + `, "Principal": {"Everyone": "x"}`), "Everyone: is not a kind of principal", grammarPage},
		{condition(`[]`), "Condition: is a list, not an object", grammarPage},
		{condition(`{"StringEqual": {"a:b": "x"}}`), `Condition: operator "StringEqual" is not an IAM condition operator`, operatorsPage},
		{condition(`{"stringequals": {"a:b": "x"}}`), "is not an IAM condition operator", assumed},
		{condition(`{"StringNotEqualsIgnoreCaseIfExistsIfExists": {"a:b": "x"}}`), "is not an IAM condition operator", operatorsPage},
		{condition(`{"ForAnyValue:ForAllValues:StringLike": {"a:b": "x"}}`), "is not an IAM condition operator", setPage},
		{condition(`{"NotBool": {"a:b": "true"}}`), "is not an IAM condition operator", operatorsPage},
		{condition(`{"BinaryNotEquals": {"a:b": ""}}`), "is not an IAM condition operator", operatorsPage},
		{condition(`{"NullIfExists": {"a:b": "true"}}`), "Null takes neither", operatorsPage},
		{condition(`{"ForAllValues:Null": {"a:b": "true"}}`), "Null takes neither", assumed},
		{condition(`{"Bool": "x"}`), "Bool: is a string, not an object", grammarPage},
		{condition(`{"Bool": {"SecureTransport": true}}`), "a condition key is SERVICE:NAME", assumed},
		{condition(`{"Bool": {"a:b": []}}`), `Bool "a:b": is an empty list`, grammarPage},
		{condition(`{"Bool": {"a:b": {}}}`), `Bool "a:b": is an object`, grammarPage},
		{condition(`{"Bool": {"a:b": "yes"}}`), `"yes" is not a value this operator compares`, operatorsPage},
		{condition(`{"Null": {"a:b": "x"}}`), "is not a value this operator compares", operatorsPage},
		{condition(`{"NumericEquals": {"a:b": "1e9"}}`), "is not a value this operator compares", assumed},
		{condition(`{"NumericEquals": {"a:b": "1/2"}}`), "is not a value this operator compares", operatorsPage},
		{condition(`{"DateLessThan": {"a:b": "2020-13-01"}}`), "is not a value this operator compares", validatorTests},
		{condition(`{"DateLessThan": {"a:b": "2020-*"}}`), "is not a value this operator compares", operatorsPage},
		{condition(`{"IpAddress": {"a:b": "10.0.0.0/33"}}`), "is not a value this operator compares", operatorsPage},
		{condition(`{"BinaryEquals": {"a:b": "%"}}`), "is not a value this operator compares", operatorsPage},
		{condition(`{"StringEquals": {"a:b": "${"}}`), "is not closed", assumed},
		{condition(`{"StringEquals": {"a:b": "` + strings.Repeat("x", maxCharacters) + `"}}`), "more than 10240", "reference_iam-quotas"},
		{strings.Repeat(" ", maxBytes+1), "more than 131072", "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html"},
	} {
		_, err := Parse([]byte(row.text))
		if err == nil || !strings.HasPrefix(err.Error(), "parsing policy: ") || !strings.Contains(err.Error(), row.want) {
			t.Errorf("Parse(%.200s)\nerror %v\nwant  …%s… (%s)", row.text, err, row.want, row.source)
		}
	}
}

func TestParseTakes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"Statement": {` + anything + `}}`,
		`{"Version": "2008-10-17", "Statement": [{` + anything + `}, {` + anything + `}]}`,
		`{"Statement": [{` + anything + `, "Sid": ""}, {` + anything + `, "Sid": ""}]}`,
		`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${"}}`, // 2008: just text
		`{"Statement": {` + anything + `, "Condition": {}}}`,
		`{"Statement": {` + anything + `, "Principal": {"AWS": ["111122223333"], "Service": "ec2.amazonaws.com"}}}`,
		strings.Repeat(" ", maxCharacters) + `{"Statement": {` + anything + `}}`, // white space does not count
	} {
		if _, err := Parse([]byte(text)); err != nil {
			t.Errorf("Parse(%.200s): %v", text, err)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	const federated = `"Effect": "Allow", "Principal": {"Federated": "www.amazon.com"}`
	for _, row := range []struct{ statement, trust, identity, source string }{
		{federated + `, "Action": "sts:AssumeRoleWithWebIdentity"`, "", "has a Principal: a permissions", grammarPage},
		{federated + `, "Action": ["sts:AssumeRole*", "STS:TagSession"]`, "", "has a Principal: a permissions", grammarPage},
		{anything, "has no Principal", "", grammarPage},
		{anything + `, "Sid": "With space"`, "only letters and digits", "only letters and digits", grammarPage},
		{federated + `, "Action": "sts:TagSession", "Sid": "a-b"`, "only letters and digits", "only letters and digits", grammarPage},
		{federated + `, "Action": "sts:TagSession", "Resource": "*"`, "has a Resource", "has a Principal: a permissions", validatorTests},
		{federated + `, "Action": "s3:GetObject"`, `has action "s3:GetObject"`, "has a Principal: a permissions", validatorTests},
		{federated + `, "Action": "*"`, `has action "*"`, "has a Principal: a permissions", validatorTests},
		{`"Effect": "Allow", "Action": "s3:GetObject"`, "has no Principal", "neither Resource nor NotResource", validatorTests},
	} {
		text := []byte(`{"Version": "2012-10-17", "Statement": [{` + row.statement + `}]}`)
		_, err := ParseTrust(text)
		checkError(t, fmt.Sprintf("ParseTrust(%s), %s", row.statement, row.source), err, row.trust)
		_, err = ParseIdentity(text)
		checkError(t, fmt.Sprintf("ParseIdentity(%s), %s", row.statement, row.source), err, row.identity)
	}
	_, err := ParseTrust([]byte(`{`))
	checkError(t, "ParseTrust({)", err, "parsing trust policy: reading JSON")
}

func checkError(t *testing.T, call string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: error %v, want %q", call, err, want)
	}
}
