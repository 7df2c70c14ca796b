package sandbox

import (
	"time"

	"github.com/daypass/daypass/pkg/policy"
)

// Built-in providers that issue access tokens, by AWS's names for them: the ProviderId at STS, and the login key at
// Cognito.
const (
	facebook        = "graph.facebook.com"
	loginWithAmazon = "www.amazon.com"
)

// webIdentity is the content of a verified ID token or of an inspected access token.
type webIdentity struct {
	Issuer    string // URL; for an access token the ProviderId
	Subject   string
	Audience  string   // azp if present, else the one aud (IAM's condition key ISSUER:aud)
	Audiences []string // aud as it was sent (ISSUER:oaud)
	Methods   []string // amr
	Email     string
	Expiry    time.Time

	aws awsClaims
}

func webIdentityOfPool(t openIDToken) webIdentity {
	return webIdentity{Issuer: cognitoIssuer, Subject: t.IdentityID, Audience: t.PoolID, Audiences: []string{t.PoolID},
		Methods: t.AMR, Expiry: t.Expiry, aws: awsClaims{tags: sessionTags{values: t.Tags}}}
}

// conditionKeys returns the condition keys for the trust policy, and those of them that are available in the session
// too (IAM user guide, reference_policies_iam-condition-keys, «Available in session»).
func (w webIdentity) conditionKeys() (trust, kept policy.Context) {
	trust, kept = policy.Context{}, policy.Context{}
	name := providerName(w.Issuer) + ":"
	both := func(key string, values ...string) {
		if len(values) > 0 {
			trust.Set(name+key, values...)
			kept.Set(name+key, values...)
		}
	}
	switch w.Issuer {
	case facebook:
		both("id", w.Subject)
		trust.Set(name+"app_id", w.Audience)
	case loginWithAmazon:
		both("user_id", w.Subject)
		both("app_id", w.Audience)
	default:
		both("sub", w.Subject)
		both("aud", w.Audience)
		both("amr", w.Methods...)
		trust.Set(name+"oaud", w.Audiences...)
		if w.Email != "" {
			trust.Set(name+"email", w.Email)
		}
	}
	return trust, kept
}
