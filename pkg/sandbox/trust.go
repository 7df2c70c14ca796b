package sandbox

import "github.com/daypass/daypass/pkg/policy"

// documentOf returns a document of these statements, in the version that has policy variables.
func documentOf(statements ...policy.Statement) policy.Document {
	return policy.Document{Version: "2012-10-17", Statements: statements}
}

// trustIssuer returns the trust policy statement that README.md shows: a token of the issuer with one of the
// audiences may assume the role. If there are subjects, only theirs may.
func trustIssuer(roleARN, issuer string, audiences []string, subjects ...string) policy.Statement {
	name := providerName(issuer)
	s := policy.Statement{
		Effect:     policy.Allow,
		Principal:  &policy.Principals{Federated: []string{federatedPrincipal(roleARN, issuer)}},
		Action:     []string{webIdentityAction},
		Conditions: []policy.Condition{{Operator: "StringEquals", Key: name + ":aud", Values: audiences}},
	}
	if len(subjects) > 0 {
		s.Conditions = append(s.Conditions, policy.Condition{Operator: "StringEquals", Key: name + ":sub", Values: subjects})
	}
	return s
}

// trustPool returns the statement for an identity pool's "authenticated" or "unauthenticated" identities. It allows
// sts:TagSession too, which identities with tags need.
func trustPool(poolID, amr string) policy.Statement {
	const pool = "cognito-identity.amazonaws.com"
	return policy.Statement{
		Effect:    policy.Allow,
		Principal: &policy.Principals{Federated: []string{pool}},
		Action:    []string{webIdentityAction, tagAction},
		Conditions: []policy.Condition{
			{Operator: "StringEquals", Key: pool + ":aud", Values: []string{poolID}},
			{Operator: "ForAnyValue:StringLike", Key: pool + ":amr", Values: []string{amr}},
		},
	}
}

// ownPrefix returns the permission policy statements that restrict each session to its own prefix in the bucket. The
// prefix contains a policy variable, "uploads/${idp.example.com:sub}/", and ends in a slash: without the slash, a
// subject could reach the objects of every longer subject that begins with it.
func ownPrefix(bucket, prefix string) []policy.Statement {
	const s3 = "arn:aws:s3:::"
	return []policy.Statement{{
		Effect: policy.Allow,
		Action: []string{"s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:PutObjectTagging", "s3:GetObjectTagging",
			"s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
		Resource: []string{s3 + bucket + "/" + prefix + "*"},
	}, {
		Effect:   policy.Allow,
		Action:   []string{"s3:ListBucket", "s3:ListBucketMultipartUploads"},
		Resource: []string{s3 + bucket},
		Conditions: []policy.Condition{
			{Operator: "StringLike", Key: "s3:prefix", Values: []string{prefix + "*", prefix}},
		},
	}, {
		Effect:   policy.Allow,
		Action:   []string{"s3:GetBucketLocation"},
		Resource: []string{s3 + bucket},
	}}
}
