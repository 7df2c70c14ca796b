package policy

import (
	"fmt"
	"testing"
)

// trust returns a trust policy for web identities of that provider under these conditions.
func trust(t *testing.T, provider, conditions string) Document {
	t.Helper()
	d, err := ParseTrust(fmt.Appendf(nil, `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": {"Federated": %q}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": %s}]}`, provider, conditions))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTrustPolicies(t *testing.T) {
	t.Parallel()
	const (
		google  = "accounts.google.com"
		cognito = "cognito-identity.amazonaws.com"
		pool    = "eu-west-1:0f4c0c1e-0000-4000-8000-000000000001"
		github  = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
		actions = "token.actions.githubusercontent.com"
		local   = "arn:aws:iam::111122223333:oidc-provider/127.0.0.1:8080"

		cognitoConditions = `{"StringEquals": {"cognito-identity.amazonaws.com:aud": "` + pool + `"},
			"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}`
		boundSession = `{"StringEquals": {"sts:RoleSessionName": "${accounts.google.com:sub}"}}`
	)
	for _, row := range []struct {
		name       string
		provider   string
		conditions string
		caller     string
		context    Context
		want       bool
		source     string
	}{
		{"the client", google, `{"StringEquals": {"accounts.google.com:aud": "app"}}`, google, Context{google + ":aud": {"app"}}, true, conditionKeys},
		{"another client of the same IdP", google, `{"StringEquals": {"accounts.google.com:aud": "app"}}`, google, Context{google + ":aud": {"evil"}}, false, conditionKeys},
		{"another IdP with the same claims", google, `{"StringEquals": {"accounts.google.com:aud": "app"}}`, "www.amazon.com", Context{google + ":aud": {"app"}}, false, principalPage},
		{"aud is azp, oaud the original", google, `{"StringEquals": {"accounts.google.com:aud": "azp", "accounts.google.com:oaud": "aud"}}`, google, Context{google + ":aud": {"azp"}, google + ":oaud": {"aud"}}, true, conditionKeys},
		{"one of several subjects", google, `{"StringEquals": {"accounts.google.com:sub": ["1", "2"]}}`, google, Context{google + ":sub": {"2"}}, true, conditionKeys},
		{"no condition admits every app", google, `{}`, google, Context{google + ":aud": {"evil"}}, true, "id_roles_providers_oidc_secure-by-default"},
		{"Facebook", "graph.facebook.com", `{"StringEquals": {"graph.facebook.com:app_id": "9"}}`, "graph.facebook.com", Context{"graph.facebook.com:app_id": {"9"}}, true, conditionKeys},
		{"Facebook has no aud", "graph.facebook.com", `{"StringEquals": {"graph.facebook.com:aud": "9"}}`, "graph.facebook.com", Context{"graph.facebook.com:app_id": {"9"}}, false, conditionKeys},
		{"an issuer with a port", local, `{"StringEquals": {"127.0.0.1:8080:aud": "app"}}`, local, Context{"127.0.0.1:8080:aud": {"app"}}, true, conditionKeys},
		{"a claim that is no key", google, `{"StringEquals": {"accounts.google.com:hd": "example.com"}}`, google, Context{google + ":aud": {"app"}}, false, conditionKeys},
		{"the key ignores case, the value does not", google, `{"StringEquals": {"Accounts.Google.com:AUD": "app"}}`, google, Context{google + ":aud": {"App"}}, false, conditionPage},

		{"pool, signed in", cognito, cognitoConditions, cognito, Context{cognito + ":aud": {pool}, cognito + ":amr": {"authenticated", google}}, true, cognitoTrust},
		{"pool, guest", cognito, cognitoConditions, cognito, Context{cognito + ":aud": {pool}, cognito + ":amr": {"unauthenticated"}}, false, cognitoTrust},
		{"pool, no amr", cognito, cognitoConditions, cognito, Context{cognito + ":aud": {pool}}, false, cognitoTrust},
		{"another pool", cognito, cognitoConditions, cognito, Context{cognito + ":aud": {"eu-west-1:other"}, cognito + ":amr": {"authenticated"}}, false, cognitoTrust},

		{"ForAllValues admits who has no sub", cognito, `{"ForAllValues:StringLike": {"cognito-identity.amazonaws.com:sub": "x"}}`, cognito, Context{}, true, "https://github.com/aws-actions/configure-aws-credentials"},
		{"ForAllValues sub * admits guests", cognito, `{"ForAllValues:StringLike": {"cognito-identity.amazonaws.com:sub": "*"}}`, cognito, Context{cognito + ":sub": {"id"}, cognito + ":amr": {"unauthenticated"}}, true, cognitoTrust},
		{"IfExists admits who has no aud", google, `{"StringEqualsIfExists": {"accounts.google.com:aud": "app"}}`, google, Context{}, true, operatorsPage},

		{"GitHub branch", github, `{"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:org/app:ref:refs/heads/main"}}`, github, Context{actions + ":sub": {"repo:org/app:ref:refs/heads/main"}}, true, "https://docs.github.com/en/actions/reference/security/oidc"},
		{"GitHub pull request", github, `{"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:org/app:ref:refs/heads/main"}}`, github, Context{actions + ":sub": {"repo:org/app:pull_request"}}, false, "https://docs.github.com/en/actions/reference/security/oidc"},
		{"repo:org* admits org-evil", github, `{"StringLike": {"token.actions.githubusercontent.com:sub": "repo:org*"}}`, github, Context{actions + ":sub": {"repo:org-evil/app:pull_request"}}, true, operatorsPage},

		{"session name is the subject", google, boundSession, google, Context{"sts:RoleSessionName": {"1101"}, google + ":sub": {"1101"}}, true, "https://vouch.sh/docs/aws/"},
		{"session name is another's subject", google, boundSession, google, Context{"sts:RoleSessionName": {"1102"}, google + ":sub": {"1101"}}, false, "https://vouch.sh/docs/aws/"},
		{"session name, no subject", google, boundSession, google, Context{"sts:RoleSessionName": {"1101"}}, false, variablesPage},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := trust(t, row.provider, row.conditions).Evaluate(Request{
				Principal: Principal{Federated: row.caller}, Action: "sts:AssumeRoleWithWebIdentity", Context: row.context})
			if got.Allowed() != row.want {
				t.Errorf("allowed = %v, want %v (%s)\n%s", got.Allowed(), row.want, row.source, got.Explain())
			}
		})
	}
}

// STS evaluates each action that a token needs separately: a trust policy that lists one does not allow the other
// (id_session-tags: sts:TagSession).
func TestTrustActions(t *testing.T) {
	t.Parallel()
	d := trust(t, "accounts.google.com", `{}`)
	got := d.Evaluate(Request{Principal: Principal{Federated: "accounts.google.com"}, Action: "sts:TagSession"})
	if got.Allowed() {
		t.Error("sts:TagSession is allowed by sts:AssumeRoleWithWebIdentity alone")
	}
}

// Policies for per-user prefixes as people write them, right and wrong.
func TestPrefixPolicies(t *testing.T) {
	t.Parallel()
	role := func(variable string) Document {
		d, err := ParseIdentity(fmt.Appendf(nil, `{"Version": "2012-10-17", "Statement": [
			{"Sid": "Own", "Effect": "Allow", "Action": ["s3:PutObject", "s3:AbortMultipartUpload"], "Resource": "arn:aws:s3:::photos/%[1]s/*"},
			{"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::photos",
			 "Condition": {"StringLike": {"s3:prefix": ["%[1]s/", "%[1]s/*"]}}}]}`, variable))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	const sub, userID = "${accounts.google.com:sub}", "${aws:userid}"
	alice := Context{"accounts.google.com:sub": {"alice"}, "aws:userid": {"AROAEXAMPLE:bob"}} // she chose the session name
	put := func(key string) Request {
		return Request{Action: "s3:PutObject", Resource: "arn:aws:s3:::photos/" + key, Context: alice}
	}
	listing := func(prefix ...string) Request {
		context := Context{"s3:prefix": prefix}
		context.Set("accounts.google.com:sub", "alice")
		return Request{Action: "s3:ListBucket", Resource: "arn:aws:s3:::photos", Context: context}
	}
	for _, row := range []struct {
		name     string
		variable string
		request  Request
		want     bool
		source   string
	}{
		{"own prefix", sub, put("alice/x"), true, "id_roles_providers_oidc_user-id"},
		{"another's", sub, put("bob/x"), false, "id_roles_providers_oidc_user-id"},
		{"a longer name", sub, put("alice2/x"), false, resourcePage},
		{"the prefix itself", sub, put("alice"), false, resourcePage},
		{"list own", sub, listing("alice/"), true, operatorsPage},
		{"list in own", sub, listing("alice/2026/"), true, operatorsPage},
		{"list without the slash", sub, listing("alice"), false, operatorsPage},
		{"list all", sub, listing(""), false, operatorsPage},
		{"list without prefix", sub, listing(), false, operatorsPage},
		// aws:userid is ROLEID:SESSIONNAME, and the caller chooses the session name.
		{"aws:userid: the subject is not a prefix", userID, put("alice/x"), false, variablesPage},
		{"aws:userid: bob's prefix is alice's to choose", userID, put("AROAEXAMPLE:bob/x"), true, variablesPage},
	} {
		if got := role(row.variable).Evaluate(row.request); got.Allowed() != row.want {
			t.Errorf("%s: allowed = %v, want %v (%s)\n%s", row.name, got.Allowed(), row.want, row.source, got.Explain())
		}
	}
}
