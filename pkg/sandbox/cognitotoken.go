package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// cognitoIssuer is the iss of the tokens of every pool, and the principal in trust policies.
const cognitoIssuer = "https://cognito-identity.amazonaws.com"

// openIDTokenLife is fixed (GetOpenIdToken).
const openIDTokenLife = 10 * time.Minute

// cognitoAlg is the algorithm of the tokens (assumed; STS accepts it).
const cognitoAlg = "RS512"

// openIDToken is the content of a pool's own token.
type openIDToken struct {
	PoolID     string   // aud
	IdentityID string   // sub
	AMR        []string // authenticated or unauthenticated first, then the providers
	Tags       map[string]string
	Issued     time.Time
	Expiry     time.Time
}

// openIDTokenJSON holds its claims.
type openIDTokenJSON struct {
	Issuer   string    `json:"iss"`
	Subject  string    `json:"sub"`
	Audience string    `json:"aud"`
	AMR      []string  `json:"amr"`
	PoolARN  string    `json:"https://cognito-identity.amazonaws.com/identity-pool-arn"`
	Tags     *tagsJSON `json:"https://aws.amazon.com/tags,omitempty"`
	IssuedAt int64     `json:"iat"`
	Expiry   int64     `json:"exp"`
}

type tagsJSON struct {
	PrincipalTags map[string][]string `json:"principal_tags"`
}

// openIDTokenOf returns the token of a caller. An OIDC login is in amr twice: as provider name, and as
// PROVIDER-ARN:OIDC:SUB. A login of an app is there as provider name and as PROVIDER:APP-ID:USER-ID (assumed).
func (c *Cognito) openIDTokenOf(who caller) openIDToken {
	now := c.Now().Truncate(time.Second)
	token := openIDToken{PoolID: who.pool.ID, IdentityID: who.identityID, Issued: now, Expiry: now.Add(openIDTokenLife)}
	if len(who.logins) == 0 {
		token.AMR = []string{"unauthenticated"}
		return token
	}
	token.AMR = []string{"authenticated"}
	for _, l := range who.logins {
		detail := l.provider + ":" + l.audience + ":" + l.subject
		if l.arn != "" {
			detail = l.arn + ":OIDC:" + l.subject
		}
		token.AMR = append(token.AMR, l.provider, detail)
	}
	token.Tags = who.tags()
	return token
}

// tags returns the attributes for access control of all logins. A claim that is absent yields no tag.
func (w caller) tags() map[string]string {
	tags := map[string]string{}
	for _, l := range w.logins {
		for tag, name := range w.pool.PrincipalTags[l.provider] {
			if value := strings.Join(claimTexts(l.claims[name]), ","); value != "" {
				tags[tag] = value
			}
		}
	}
	return tags
}

func (c *Cognito) signOpenIDToken(t openIDToken) (string, error) {
	region, _, _ := strings.Cut(t.PoolID, ":")
	claims := openIDTokenJSON{
		Issuer: cognitoIssuer, Subject: t.IdentityID, Audience: t.PoolID, AMR: t.AMR,
		PoolARN:  "arn:aws:cognito-identity:" + region + ":" + c.Pools[t.PoolID].account() + ":identitypool/" + t.PoolID,
		IssuedAt: t.Issued.Unix(), Expiry: t.Expiry.Unix(),
	}
	if len(t.Tags) > 0 {
		claims.Tags = &tagsJSON{map[string][]string{}}
		for tag, value := range t.Tags {
			claims.Tags.PrincipalTags[tag] = []string{value}
		}
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	key, err := c.keys.key(cognitoAlg)
	if err != nil {
		return "", err
	}
	return sign(cognitoAlg, key, payload)
}

// verifyOpenIDToken verifies a token of any pool for STS: signature, issuer and expiry, with the leeway of STS. It
// returns the errors of tokenVerifier.
func (c *Cognito) verifyOpenIDToken(token string) (openIDToken, error) {
	parsed, err := jwt.ParseSigned(token, algorithms)
	if err != nil {
		return openIDToken{}, notJWT(token)
	}
	set, err := c.jwks()
	if err != nil {
		return openIDToken{}, err
	}
	if err := verifySignature(parsed, set); err != nil {
		return openIDToken{}, err
	}
	var claims openIDTokenJSON
	if parsed.UnsafeClaimsWithoutVerification(&claims) != nil {
		return openIDToken{}, errNotJWT
	}
	verified := claims.token()
	switch {
	case claims.Issuer != cognitoIssuer:
		return verified, errNoProvider
	case !c.Now().Before(verified.Expiry.Add(clockLeeway)):
		return verified, errExpired
	}
	return verified, nil
}

func (j openIDTokenJSON) token() openIDToken {
	t := openIDToken{PoolID: j.Audience, IdentityID: j.Subject, AMR: j.AMR, Issued: time.Unix(j.IssuedAt, 0), Expiry: time.Unix(j.Expiry, 0)}
	if j.Tags != nil {
		t.Tags = map[string]string{}
		for tag, values := range j.Tags.PrincipalTags {
			t.Tags[tag] = strings.Join(values, "")
		}
	}
	return t
}

// jwks returns the keys of every pool's tokens.
func (c *Cognito) jwks() (jose.JSONWebKeySet, error) { return c.keys.published(cognitoAlg) }

// serveKeys publishes the keys at AWS's path, with AWS's cache lifetime of 30 days (AWS guide, authentication-flow).
func (c *Cognito) serveKeys(w http.ResponseWriter, _ *http.Request) {
	set, err := c.jwks()
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "max-age=2592000")
	json.NewEncoder(w).Encode(set)
}

// account returns the AWS account of the pool's roles.
func (p Pool) account() string {
	return cmp.Or(accountOf(p.AuthenticatedRole), accountOf(p.UnauthenticatedRole), accountOf(RoleARN))
}
