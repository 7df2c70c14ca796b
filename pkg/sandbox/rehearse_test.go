package sandbox

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/daypass/daypass/pkg/policy"
)

// The README's two policies for Google.
const (
	googleTrust = `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
		"Condition": {"StringEquals": {"accounts.google.com:aud": "1234.apps.googleusercontent.com"}}}]}`
	googlePermissions = `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"],
		 "Resource": "arn:aws:s3:::your-photo-bucket/home/${accounts.google.com:sub}/*"},
		{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::your-photo-bucket",
		 "Condition": {"StringLike": {"s3:prefix": ["home/${accounts.google.com:sub}/*"]}}}]}`
	exampleTrust = `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
		"Principal": {"Federated": "arn:aws:iam::999999999999:oidc-provider/idp.example.com/realm"},
		"Condition": {"StringEquals": {"idp.example.com/realm:aud": "daypass"},
		              "StringLike": {"idp.example.com/realm:sub": "auth0|a*"}}}]}`
)

// Policies are used as they will be deployed: the sandbox's IdP plays the provider that they name, and its client and
// bucket get their names.
func TestRehearse(t *testing.T) {
	t.Parallel()
	const issuer = "http://127.0.0.1:1"
	a, err := newAccount(Options{TrustPolicy: []byte(googleTrust), Permissions: []byte(googlePermissions)}, RoleARN, issuer)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := a.audiences, []string{"1234.apps.googleusercontent.com"}; !slices.Equal(got, want) {
		t.Errorf("audiences = %q, want %q", got, want)
	}
	if a.bucket != "your-photo-bucket" || a.prefix != "home/{sub}/" {
		t.Errorf("bucket, prefix = %q, %q, want those of the permissions", a.bucket, a.prefix)
	}
	trust, object, listing := a.role.Trust.Statements[0], a.role.Permissions[0].Statements[0], a.role.Permissions[0].Statements[1]
	tests := map[string][2]string{
		"principal":       {trust.Principal.Federated[0], "arn:aws:iam::111122223333:oidc-provider/127.0.0.1:1"},
		"condition key":   {trust.Conditions[0].Key, "127.0.0.1:1:aud"},
		"resource":        {object.Resource[0], "arn:aws:s3:::your-photo-bucket/home/${127.0.0.1:1:sub}/*"},
		"condition value": {listing.Conditions[0].Values[0], "home/${127.0.0.1:1:sub}/*"},
	}
	for name, test := range tests {
		if test[0] != test[1] {
			t.Errorf("%s = %q, want %q", name, test[0], test[1])
		}
	}
}

// Without a trust policy, the variables in the permissions name the provider.
func TestRehearsePermissionsAlone(t *testing.T) {
	t.Parallel()
	a, err := newAccount(Options{Permissions: []byte(googlePermissions)}, RoleARN, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := a.role.Permissions[0].Statements[0].Resource[0], "arn:aws:s3:::your-photo-bucket/home/${127.0.0.1:1:sub}/*"; got != want {
		t.Errorf("resource = %q, want %q", got, want)
	}
}

// Permissions that no profile could express leave the default prefix and bucket.
func TestRehearseWithoutPrefix(t *testing.T) {
	t.Parallel()
	for _, resource := range []string{
		"arn:aws:s3:::*", "arn:aws:s3:::b/*/${accounts.google.com:sub}/*", "arn:aws:s3:::b/${accounts.google.com:email}/*",
		"arn:aws:s3:::b/u${accounts.google.com:sub}*", "arn:aws:sqs:us-east-1:111122223333:q",
	} {
		d, err := policy.ParseIdentity([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"` + resource + `"}}`))
		if err != nil {
			t.Fatal(err)
		}
		if bucket, prefix, ok := uploadsIn(d, "accounts.google.com"); ok {
			t.Errorf("uploadsIn(%s) = %q, %q, want none", resource, bucket, prefix)
		}
	}
}

func TestRehearseRefuses(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		"trust-policy": {TrustPolicy: []byte(googlePermissions)},
		"permissions":  {Permissions: []byte(googleTrust)},
	} {
		_, err := newAccount(o, RoleARN, "http://127.0.0.1:1")
		var got *OptionError
		if !errors.As(err, &got) || got.Option != want {
			t.Errorf("%v, want an error of option %q", err, want)
		}
	}
}

// The trust policy decides: alice matches its condition, bob does not.
func TestOwnTrustPolicy(t *testing.T) {
	t.Parallel()
	s := startWith(t, Options{TrustPolicy: []byte(exampleTrust)})
	for user, code := range map[string]string{"alice": "", "bob": "AccessDenied"} {
		s.IdP.Set(func(k *Knobs) { k.AutoSignIn = user })
		in := input(idToken(t, s.IdP))
		in.RoleArn = aws.String(RoleARN)
		_, err := stsClient(s.STS).AssumeRoleWithWebIdentity(t.Context(), in)
		if code == "" && err != nil {
			t.Errorf("%s: %v", user, err)
		} else if code != "" {
			wantAWSError(t, user, err, code, "")
		}
	}
}
