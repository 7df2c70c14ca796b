package sandbox

import (
	"time"

	"github.com/daypass/daypass/pkg/policy"
)

// Providers that sign people in with access tokens, by what AWS, which has them built in, calls them:
// the ProviderId at STS, and the login key at Cognito.
const (
	facebook        = "graph.facebook.com"
	loginWithAmazon = "www.amazon.com"
)

// webIdentity is what a verified ID token, or the inspection of an access token, says.
type webIdentity struct {
	Issuer    string // the URL; of an access token the ProviderId
	Subject   string
	Audience  string   // azp when present, else the one aud (IAM's condition key ISSUER:aud)
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

// conditionKeys are those a trust policy may ask about, and those of them that are still there when the
// session does something (IAM user guide, reference_policies_iam-condition-keys, «Available in session»).
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
