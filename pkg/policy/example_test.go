package policy_test

import (
	"fmt"

	"github.com/daypass/daypass/pkg/policy"
)

func Example() {
	role, err := policy.ParseIdentity([]byte(`{
		"Version": "2012-10-17",
		"Statement": [{
			"Sid": "OwnPrefix",
			"Effect": "Allow",
			"Action": "s3:PutObject",
			"Resource": "arn:aws:s3:::photos/${accounts.google.com:sub}/*"
		}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	request := policy.Request{
		Action:   "s3:PutObject",
		Resource: "arn:aws:s3:::photos/alice/cat.jpg",
		Context:  policy.Context{"accounts.google.com:sub": {"bob"}},
	}
	fmt.Println(role.Evaluate(request).Explain())
	request.Context.Set("accounts.google.com:sub", "alice")
	fmt.Println(role.Evaluate(request))
	// Output:
	// no statement allows it
	// statement 1 ("OwnPrefix"), Allow, does not match: resource "arn:aws:s3:::photos/alice/cat.jpg" is not in Resource "arn:aws:s3:::photos/bob/*" (arn:aws:s3:::photos/${accounts.google.com:sub}/*)
	// statement 1 ("OwnPrefix") allows it
}
