package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/daypass/daypass/pkg/policy"
)

const (
	maxPolicyARNs      = 10
	maxSessionPolicies = 2048 // characters of all session policies together
)

// managedPolicies are a few of AWS's managed policies.
func managedPolicies() map[string]policy.Document {
	allow := func(actions ...string) policy.Document {
		return documentOf(policy.Statement{Effect: policy.Allow, Action: actions, Resource: []string{"*"}})
	}
	const aws = "arn:aws:iam::aws:policy/"
	return map[string]policy.Document{
		aws + "AdministratorAccess":    allow("*"),
		aws + "AmazonS3FullAccess":     allow("s3:*", "s3-object-lambda:*"),
		aws + "AmazonS3ReadOnlyAccess": allow("s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"),
	}
}

func policyARN(i int) string { return fmt.Sprintf("PolicyArns.member.%d.arn", i) }

// readSessionPolicies parses the session policies of a form whose limits were checked. Together they are one group:
// what one of them allows is allowed, within the role's permissions.
func (s *STS) readSessionPolicies(in *sessionRequest, form url.Values) *awsError {
	if text := form.Get("Policy"); text != "" {
		document, fault := sessionPolicy(text)
		if fault != nil {
			return fault
		}
		in.policies, in.policySize = append(in.policies, document), len(text)
	}
	for i := 1; form.Has(policyARN(i)); i++ {
		arn := form.Get(policyARN(i))
		document, known := s.Policies[arn]
		if account := accountOf(arn); !known || account != "aws" && account != accountOf(in.roleARN) {
			return validationError(fmt.Sprintf("Policy %s does not exist or is not attachable.", arn)) // assumed: code and text
		}
		in.policies, in.policySize = append(in.policies, document), in.policySize+len(arn)
	}
	if in.policySize > maxSessionPolicies {
		return &awsError{http.StatusBadRequest, "PackedPolicyTooLarge", // assumed: the text
			fmt.Sprintf("The session policies have %d characters together; %d are allowed.", in.policySize, maxSessionPolicies)}
	}
	return nil
}

// sessionPolicy parses a document. Unlike AWS, the error says what is wrong with it.
func sessionPolicy(text string) (policy.Document, *awsError) {
	document, err := policy.ParseIdentity([]byte(text))
	switch {
	case err == nil:
		return document, nil
	case !json.Valid([]byte(text)):
		return document, &awsError{http.StatusBadRequest, "MalformedPolicyDocument", "The policy is not in the valid JSON format."}
	}
	return document, &awsError{http.StatusBadRequest, "MalformedPolicyDocument",
		"Syntax errors in policy: " + strings.TrimPrefix(err.Error(), "parsing ")}
}
