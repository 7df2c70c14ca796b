package policy

import (
	"fmt"
	"testing"
)

type values = []string

var conditionRows = []struct {
	operator string
	want     values // in the policy
	got      values // in the request; nil when the key is absent
	holds    bool
	source   string
}{
	{"StringEquals", values{"a"}, values{"a"}, true, operatorsPage},
	{"StringEquals", values{"a"}, values{"A"}, false, operatorsPage + ": case sensitive"},
	{"StringEquals", values{"a*"}, values{"ab"}, false, operatorsPage + ": wildcards are StringLike's"},
	{"StringEquals", values{"a*"}, values{"a*"}, true, operatorsPage},
	{"StringEquals", values{"a", "b"}, values{"b"}, true, conditionPage + ": several values are OR"},
	{"StringEquals", values{"a"}, nil, false, operatorsPage + ": a missing key does not match"},
	{"StringEquals", values{""}, values{""}, true, operatorsPage + ": s3:prefix example"},
	{"StringEquals", values{"b"}, values{"a", "b"}, true, assumed},
	{"StringNotEquals", values{"a"}, values{"b"}, true, operatorsPage},
	{"StringNotEquals", values{"a"}, values{"a"}, false, operatorsPage},
	{"StringNotEquals", values{"a", "b"}, values{"b"}, false, conditionPage + ": several values are NOR"},
	{"StringNotEquals", values{"a", "b"}, values{"c"}, true, conditionPage + ": several values are NOR"},
	{"StringNotEquals", values{"a"}, nil, true, operatorsPage + ": a missing key meets a negated operator"},
	{"StringNotEquals", values{"b"}, values{"a", "b"}, false, assumed},
	{"StringEqualsIgnoreCase", values{"Alice"}, values{"aLICE"}, true, operatorsPage},
	{"StringEqualsIgnoreCase", values{"Ärger"}, values{"ärger"}, true, assumed},
	{"StringNotEqualsIgnoreCase", values{"Alice"}, values{"aLICE"}, false, operatorsPage},
	{"StringNotEqualsIgnoreCase", values{"Alice"}, values{"bob"}, true, operatorsPage},
	{"StringLike", values{"home/*"}, values{"home/a/b"}, true, operatorsPage},
	{"StringLike", values{"home/*"}, values{"home"}, false, operatorsPage},
	{"StringLike", values{"h?me"}, values{"home"}, true, operatorsPage},
	{"StringLike", values{"h?me"}, values{"hme"}, false, operatorsPage},
	{"StringLike", values{"?"}, values{"é"}, true, assumed + ": a character, not a byte"},
	{"StringLike", values{"HOME*"}, values{"home"}, false, operatorsPage + ": case sensitive"},
	{"StringLike", values{"", "home/"}, values{""}, true, operatorsPage + ": s3:prefix example"},
	{"StringNotLike", values{"home/*"}, values{"home/a"}, false, operatorsPage},
	{"StringNotLike", values{"home/*"}, nil, true, operatorsPage + ": a missing key meets StringNotLike"},

	{"NumericEquals", values{"10"}, values{"10.0"}, true, operatorsPage},
	{"NumericEquals", values{"110169484474386276334"}, values{"110169484474386276335"}, false, operatorsPage},
	{"NumericNotEquals", values{"10"}, values{"11"}, true, operatorsPage},
	{"NumericNotEquals", values{"10"}, nil, true, operatorsPage + ": a missing key meets a negated operator"},
	{"NumericLessThan", values{"10"}, values{"9.99"}, true, operatorsPage},
	{"NumericLessThan", values{"10"}, values{"10"}, false, operatorsPage},
	{"NumericLessThanEquals", values{"10"}, values{"10"}, true, operatorsPage + ": s3:max-keys example"},
	{"NumericLessThanEquals", values{"10"}, values{"11"}, false, operatorsPage + ": s3:max-keys example"},
	{"NumericLessThanEquals", values{"10"}, nil, false, operatorsPage},
	{"NumericGreaterThan", values{"-1"}, values{"0"}, true, operatorsPage},
	{"NumericGreaterThanEquals", values{"9"}, values{"10"}, true, operatorsPage + ": numbers, not strings"},
	{"NumericEquals", values{"1"}, values{"one"}, false, assumed},

	{"DateEquals", values{"2020-01-01T00:00:00Z"}, values{"2020-01-01T01:00:00+01:00"}, true, operatorsPage},
	{"DateEquals", values{"2020-01-01"}, values{"1577836800"}, true, operatorsPage + ": ISO 8601 or epoch"},
	{"DateNotEquals", values{"2020-01-01"}, values{"2020-01-02"}, true, operatorsPage},
	{"DateGreaterThan", values{"2020-01-01T00:00:01Z"}, values{"2026-11-23T07:00:00.5Z"}, true, operatorsPage + ": aws:TokenIssueTime example"},
	{"DateGreaterThan", values{"2020-01-01T00:00:01Z"}, nil, false, operatorsPage + ": aws:TokenIssueTime example"},
	{"DateGreaterThanEquals", values{"2020-01"}, values{"2020-01-01T00:00Z"}, true, operatorsPage},
	{"DateLessThan", values{"2020"}, values{"2019-12-31T23:59:59Z"}, true, operatorsPage},
	{"DateLessThanEquals", values{"1577836800.5"}, values{"1577836800.6"}, false, operatorsPage},
	{"DateLessThan", values{"2020"}, values{"yesterday"}, false, assumed},

	{"Bool", values{"false"}, values{"false"}, true, operatorsPage + ": aws:SecureTransport example"},
	{"Bool", values{"false"}, values{"true"}, false, operatorsPage + ": aws:SecureTransport example"},
	{"Bool", values{"true"}, nil, false, operatorsPage},
	{"Bool", values{"True"}, values{"true"}, true, assumed},

	{"BinaryEquals", values{"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}, values{"BinaryValueInBase64"}, true, operatorsPage},
	{"BinaryEquals", values{"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}, values{"else"}, false, operatorsPage},

	{"IpAddress", values{"203.0.113.0/24"}, values{"203.0.113.255"}, true, operatorsPage},
	{"IpAddress", values{"203.0.113.0/24"}, values{"203.0.114.0"}, false, operatorsPage},
	{"IpAddress", values{"203.0.113.7"}, values{"203.0.113.7"}, true, operatorsPage + ": /32 by default"},
	{"IpAddress", values{"203.0.113.7"}, values{"203.0.113.8"}, false, operatorsPage + ": /32 by default"},
	{"IpAddress", values{"203.0.113.9/24"}, values{"203.0.113.1"}, true, assumed + ": the host's bits do not count"},
	{"IpAddress", values{"203.0.113.0/24", "2001:DB8:1234:5678::/64"}, values{"2001:db8:1234:5678::1"}, true, operatorsPage},
	{"IpAddress", values{"2001:DB8:1234:5678::/64"}, values{"2001:db8:1234:5679::1"}, false, operatorsPage},
	{"IpAddress", values{"127.0.0.0/8"}, values{"::ffff:127.0.0.1"}, true, assumed},
	{"IpAddress", values{"127.0.0.0/8"}, values{"here"}, false, assumed},
	{"IpAddress", values{"203.0.113.0/24"}, nil, false, operatorsPage + ": VPC endpoint"},
	{"NotIpAddress", values{"203.0.113.0/24"}, values{"203.0.113.1"}, false, operatorsPage},
	{"NotIpAddress", values{"203.0.113.0/24"}, values{"198.51.100.1"}, true, operatorsPage},
	{"NotIpAddress", values{"203.0.113.0/24"}, nil, true, operatorsPage + ": a missing key meets a negated operator"},

	{"ArnEquals", values{"arn:aws:sns:*:123456789012:topic-*"}, values{"arn:aws:sns:us-east-1:123456789012:topic-a"}, true, operatorsPage},
	{"ArnLike", values{"arn:aws:someservice:*:111122223333:finance/*"}, values{"arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"}, false, operatorsPage + ": the six fields one by one"},
	{"StringLike", values{"arn:aws:someservice:*:111122223333:finance/*"}, values{"arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"}, true, operatorsPage + ": StringLike wildcards match colons"},
	{"ArnLike", values{"arn:aws:sns:*:*:a*"}, values{"arn:aws:sns:us-east-1:1:a:b"}, true, operatorsPage + ": the sixth field has the rest"},
	{"ArnLike", values{"arn:aws:iam::1:role/A"}, values{"arn:aws:iam::1:role/a"}, false, operatorsPage + ": case sensitive"},
	{"ArnLike", values{"*"}, values{"arn:aws:iam::1:role/a"}, false, assumed},
	{"ArnLike", values{"*"}, values{"x"}, false, assumed},
	{"ArnLike", values{"arn:aws:iam::1:*"}, values{"role/a"}, false, assumed},
	{"ArnNotEquals", values{"arn:aws:iam::1:role/a"}, values{"arn:aws:iam::1:role/b"}, true, operatorsPage},
	{"ArnNotLike", values{"arn:aws:iam::1:role/*"}, values{"arn:aws:iam::1:role/b"}, false, operatorsPage},
	{"ArnNotLike", values{"arn:aws:iam::1:role/*"}, nil, true, operatorsPage + ": a missing key meets ArnNotLike"},

	{"Null", values{"true"}, nil, true, operatorsPage},
	{"Null", values{"true"}, values{"x"}, false, operatorsPage},
	{"Null", values{"false"}, values{"x"}, true, operatorsPage},
	{"Null", values{"false"}, nil, false, operatorsPage},
	{"Null", values{"false"}, values{}, false, operatorsPage},

	{"StringLikeIfExists", values{"t1.*"}, nil, true, operatorsPage + ": ec2:InstanceType example"},
	{"StringLikeIfExists", values{"t1.*"}, values{"m5.large"}, false, operatorsPage + ": ec2:InstanceType example"},
	{"StringLikeIfExists", values{"t1.*"}, values{"t1.micro"}, true, operatorsPage + ": ec2:InstanceType example"},
	{"StringNotEqualsIfExists", values{"a"}, nil, true, operatorsPage + ": a Deny still denies without the tag"},
	{"NumericLessThanIfExists", values{"1"}, nil, true, operatorsPage},
	{"DateLessThanIfExists", values{"2020"}, nil, true, operatorsPage},
	{"BoolIfExists", values{"true"}, nil, true, operatorsPage},
	{"BoolIfExists", values{"true"}, values{"false"}, false, operatorsPage},
	{"IpAddressIfExists", values{"10.0.0.0/8"}, nil, true, operatorsPage},
	{"ArnLikeIfExists", values{"arn:aws:iam::1:role/*"}, nil, true, operatorsPage},

	{"ForAllValues:StringEquals", values{"PostDateTime", "Message", "Tags"}, values{"PostDateTime", "Message"}, true, setPage},
	{"ForAllValues:StringEquals", values{"PostDateTime", "Message", "Tags"}, values{"PostDateTime", "UserName"}, false, setPage},
	{"ForAllValues:StringEquals", values{"a"}, nil, true, setPage + ": true without a value"},
	{"ForAllValues:StringEquals", values{"a"}, values{""}, true, setPage + ": an empty string is an empty set"},
	{"ForAllValues:StringNotEquals", values{"a"}, values{"b", "a"}, false, setPage},
	{"ForAllValues:StringNotEquals", values{"a"}, values{"b", "c"}, true, setPage},
	{"ForAllValues:StringLikeIfExists", values{"a"}, nil, true, setPage},
	{"ForAnyValue:StringLike", values{"ID", "PostDateTime"}, values{"UserName", "Message", "PostDateTime"}, true, setPage},
	{"ForAnyValue:StringLike", values{"ID", "PostDateTime"}, values{"UserName"}, false, setPage},
	{"ForAnyValue:StringLike", values{"*"}, nil, false, setPage + ": false without a value"},
	{"ForAnyValue:StringLike", values{"*"}, values{""}, false, setPage + ": an empty string is an empty set"},
	{"ForAnyValue:StringNotEquals", values{"a"}, values{"a", "b"}, true, setPage},
	{"ForAnyValue:StringNotEquals", values{"a"}, values{"a"}, false, setPage},
	{"ForAnyValue:StringNotEquals", values{"a"}, nil, false, setPage},
	{"ForAnyValue:StringEqualsIgnoreCaseIfExists", values{"a"}, nil, false, setOperators},
	{"ForAnyValue:StringLike", values{"authenticated"}, values{"authenticated", "accounts.google.com"}, true, cognitoTrust},
	{"ForAnyValue:StringLike", values{"authenticated"}, values{"unauthenticated"}, false, cognitoTrust},
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for _, row := range conditionRows {
		t.Run(fmt.Sprintf("%s_%q_of_%q", row.operator, row.want, row.got), func(t *testing.T) {
			t.Parallel()
			d := document(t, fmt.Sprintf(`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {%q: {"svc:Key": %s}}}`,
				row.operator, quotedJSON(t, row.want)))
			context := Context{}
			if row.got != nil {
				context["SVC:key"] = row.got
			}
			decision := d.Evaluate(Request{Action: "s3:GetObject", Context: context})
			if decision.Allowed() != row.holds {
				t.Errorf("holds = %v, want %v (%s)\n%s", decision.Allowed(), row.holds, row.source, decision.Explain())
			}
		})
	}
}

// A statement with several operators and keys matches only if all of them are met.
func TestConditionsAreAnd(t *testing.T) {
	t.Parallel()
	d := document(t, `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
		"StringEquals": {"a:x": "1", "a:y": 2}, "Bool": {"a:z": true}}}`)
	full := Context{"a:x": {"1"}, "a:y": {"2"}, "a:z": {"true"}}
	if got := d.Evaluate(Request{Action: "s3:GetObject", Context: full}); !got.Allowed() {
		t.Errorf("with all keys: %s, want it allowed (%s)", got.Explain(), conditionPage)
	}
	for key := range full {
		less := Context{}
		for other, value := range full {
			if other != key {
				less.Set(other, value...)
			}
		}
		if got := d.Evaluate(Request{Action: "s3:GetObject", Context: less}); got.Allowed() {
			t.Errorf("without %s: allowed, want no match (%s)", key, conditionPage)
		}
	}
}
