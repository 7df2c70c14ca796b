package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Cognito answers GetId and GetCredentialsForIdentity (the enhanced flow) in JSON 1.1. Guests are
// refused. It counts the operations by name, and requests that were signed though they must not be
// as "signed".
type Cognito struct {
	server
	breakable

	// Pools by ID. Change before the first request.
	Pools map[string]Pool
	// SessionLife is how long credentials live: an hour, as in AWS. Set before the first request.
	SessionLife time.Duration

	sessions   *Sessions
	verifier   tokenVerifier
	identities identityBook
}

// Pool is an identity pool.
type Pool struct {
	ID      string              // REGION:UUID
	Issuers map[string][]string // the client IDs of each OIDC provider, by issuer URL
	RoleARN string              // of who is signed in
}

// trusts reports whether the pool takes tokens of the issuer for the audience.
func (p Pool) trusts(w webIdentity) bool { return slices.Contains(p.Issuers[w.Issuer], w.Audience) }

// NewCognito starts a Cognito with the pools given; it records what it gives out in sessions. Close
// ends it.
func NewCognito(sessions *Sessions, pools ...Pool) (*Cognito, error) {
	c := &Cognito{Pools: map[string]Pool{}, SessionLife: time.Hour, sessions: sessions}
	for _, pool := range pools {
		c.Pools[pool.ID] = pool
	}
	c.verifier.now = func() time.Time { return c.Now() }
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", c.serve)
	if err := c.start(mux); err != nil {
		return nil, err
	}
	return c, nil
}

// cognitoJSON is the input of both operations.
type cognitoJSON struct {
	IdentityPoolID string `json:"IdentityPoolId"`
	IdentityID     string `json:"IdentityId"`
	CustomRoleARN  string `json:"CustomRoleArn"`
	Logins         map[string]string
}

const cognitoTarget = "AWSCognitoIdentityService."

func (c *Cognito) serve(w http.ResponseWriter, r *http.Request) {
	name, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), cognitoTarget)
	c.count(name)
	fault := c.failing()
	if !c.wait(r.Context(), fault.Delay) {
		return
	}
	err := fault.awsError()
	var answer any
	if err == nil {
		answer, err = c.act(w, r, name)
	}
	if err != nil {
		refuseCognito(w, err)
		return
	}
	writeAWSJSON(w, http.StatusOK, answer)
}

func (c *Cognito) act(w http.ResponseWriter, r *http.Request, name string) (any, *awsError) {
	if r.Header.Get("Authorization") != "" {
		// The model marks both operations noAuth; daypass must not sign them.
		c.count("signed")
		return nil, &awsError{http.StatusBadRequest, "InvalidSignatureException", name + " is not to be signed here."}
	}
	var in cognitoJSON
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&in) != nil {
		return nil, &awsError{http.StatusBadRequest, "SerializationException", ""}
	}
	switch name {
	case "GetId":
		return c.getID(r.Context(), in)
	case "GetCredentialsForIdentity":
		return c.getCredentials(r.Context(), in)
	}
	return nil, &awsError{http.StatusBadRequest, "UnknownOperationException", ""}
}

func (c *Cognito) getID(ctx context.Context, in cognitoJSON) (any, *awsError) {
	pool, known := c.Pools[in.IdentityPoolID]
	if !known {
		return nil, &awsError{http.StatusBadRequest, "ResourceNotFoundException", fmt.Sprintf("IdentityPool '%s' not found.", in.IdentityPoolID)}
	}
	if len(in.Logins) == 0 {
		return nil, notAuthorized("Unauthenticated access is not supported for this identity pool.")
	}
	persons, err := c.verify(ctx, pool, in.Logins)
	if err != nil {
		return nil, err
	}
	id, ok := c.identities.of(pool.ID, persons)
	if !ok {
		return nil, &awsError{http.StatusBadRequest, "ResourceConflictException", "Logins belong to different identities."} // assumed: AWS merges them
	}
	return map[string]string{"IdentityId": id}, nil
}

func (c *Cognito) getCredentials(ctx context.Context, in cognitoJSON) (any, *awsError) {
	poolID, linked := c.identities.find(in.IdentityID)
	pool, known := c.Pools[poolID]
	switch {
	case !known:
		return nil, &awsError{http.StatusBadRequest, "ResourceNotFoundException", fmt.Sprintf("Identity '%s' not found.", in.IdentityID)}
	case len(in.Logins) == 0:
		return nil, notAuthorized(fmt.Sprintf("Access to Identity '%s' is forbidden.", in.IdentityID))
	}
	persons, err := c.verify(ctx, pool, in.Logins)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(persons, func(p person) bool { return slices.Contains(linked, p) }) {
		return nil, notAuthorized("Logins don't match. Please include at least one valid login for this identity or identity pool.")
	}
	if pool.RoleARN == "" || in.CustomRoleARN != "" && in.CustomRoleARN != pool.RoleARN {
		return nil, &awsError{http.StatusBadRequest, "InvalidIdentityPoolConfigurationException",
			"Invalid identity pool configuration. Check assigned IAM roles for this pool."}
	}
	return c.answer(pool, in.IdentityID), nil
}

// answer gives out a session. Its policies know the identity ID as sub, not that of the ID token.
func (c *Cognito) answer(pool Pool, identityID string) any {
	const sessionName = "CognitoIdentityCredentials"
	return cognitoCredentialsOf(c.sessions.issue(Session{
		Expiration: c.Now().Add(c.SessionLife),
		RoleARN:    pool.RoleARN,
		Principal:  assumedARN(pool.RoleARN, sessionName),
		UserID:     roleID(pool.RoleARN) + ":" + sessionName,
		IdentityID: identityID,
	}, 0))
}

// verify checks every token of the logins: one that is wrong fails the whole call.
func (c *Cognito) verify(ctx context.Context, pool Pool, logins map[string]string) ([]person, *awsError) {
	var persons []person
	for provider, token := range logins {
		issuer, known := pool.issuerOf(provider)
		if !known {
			return nil, notAuthorized("Token is not from a supported provider of this identity pool.")
		}
		identity, err := c.verifier.verify(ctx, token, func(iss string) bool { return iss == issuer })
		if err != nil {
			return nil, c.tokenError(err, identity)
		}
		if !pool.trusts(identity) {
			return nil, notAuthorized("Token is not from a supported provider of this identity pool.")
		}
		persons = append(persons, person{identity.Issuer, identity.Subject})
	}
	return persons, nil
}

// issuerOf finds the issuer by its provider name, which is the URL without its scheme.
func (p Pool) issuerOf(provider string) (string, bool) {
	for issuer := range p.Issuers {
		if _, name, _ := strings.Cut(issuer, "://"); name == provider {
			return issuer, true
		}
	}
	return "", false
}

// tokenError words a refused token as Cognito does.
func (c *Cognito) tokenError(err error, identity webIdentity) *awsError {
	var missing missingClaimError
	switch {
	case errors.Is(err, errUnreachable):
		return &awsError{http.StatusBadRequest, "ExternalServiceException", "The identity provider does not answer."} // assumed
	case errors.Is(err, errExpired):
		return notAuthorized(fmt.Sprintf("Invalid login token. Token expired: %d >= %d", c.Now().Unix(), identity.Expiry.Unix()))
	case errors.Is(err, errNoProvider):
		return notAuthorized("Invalid login token. Issuer doesn't match providerName")
	case errors.Is(err, errNoKey):
		return notAuthorized("Invalid login token. Couldn't verify signed token.")
	case errors.As(err, &missing):
		return notAuthorized("Invalid login token. Missing a required claim: " + string(missing))
	}
	return notAuthorized("Invalid login token. Not a valid OpenId Connect identity token.")
}

func notAuthorized(message string) *awsError {
	return &awsError{http.StatusBadRequest, "NotAuthorizedException", message}
}
