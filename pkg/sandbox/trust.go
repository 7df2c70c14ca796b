package sandbox

import "github.com/daypass/daypass/pkg/policy"

// Policy is a document of these statements, in which policy variables have a value.
func documentOf(statements ...policy.Statement) policy.Document {
	return policy.Document{Version: "2012-10-17", Statements: statements}
}

// trustIssuer is the statement of a trust policy that README.md shows: whoever comes from the issuer
// with one of the audiences may assume the role; with subjects, only they.
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

// trustPool is the statement for an identity pool's "authenticated" or "unauthenticated" identities.
// Those that carry tags need sts:TagSession too.
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

// ownPrefix has the statements of a permission policy that hold each session to a prefix of its own in
// the bucket. The prefix has a policy variable in it, "uploads/${idp.example.com:sub}/", and ends in a
// slash: without it one subject would reach what belongs to every longer one.
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
