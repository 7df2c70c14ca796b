package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Cognito answers GetId, GetCredentialsForIdentity (the enhanced flow), GetOpenIdToken (the basic
// flow) and UnlinkIdentity in JSON 1.1, and publishes the keys of its tokens. Whether a role trusts the
// pool only STS can say: see STS.TrustPools. It counts the operations by name, and requests that were
// signed though they must not be as "signed".
type Cognito struct {
	server
	breakable

	// Pools by ID. Change before the first request.
	Pools map[string]Pool
	// SessionLife is how long credentials live: an hour, as in AWS. Set before the first request.
	SessionLife time.Duration
	// Inspectors ask providers that sign people in with access tokens whose an access token is, by
	// provider name: graph.facebook.com, www.amazon.com. Change before the first request.
	Inspectors map[string]Inspector

	// assume is STS's AssumeRoleWithWebIdentity for the tokens that the enhanced flow makes; it issues
	// the session. Until STS.TrustPools sets it every role trusts every pool.
	assume func(assumption) (Session, error)

	sessions   *Sessions
	verifier   tokenVerifier
	identities identityBook
	keys       keySet
}

// Inspector says which app an access token was given to, and by whom; ok is false when it is good for
// nothing.
type Inspector func(accessToken string) (appID, userID string, ok bool)

// NewCognito starts a Cognito with the pools given; it records what it gives out in sessions. Close
// ends it.
func NewCognito(sessions *Sessions, pools ...Pool) (*Cognito, error) {
	return startCognito(0, sessions, pools...)
}

func startCognito(port int, sessions *Sessions, pools ...Pool) (*Cognito, error) {
	c := &Cognito{Pools: map[string]Pool{}, SessionLife: time.Hour, Inspectors: map[string]Inspector{}, sessions: sessions}
	for _, pool := range pools {
		c.Pools[pool.ID] = pool
	}
	c.verifier.now = func() time.Time { return c.Now() }
	c.assume = c.assumeAnyRole
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", c.serve)
	mux.HandleFunc("GET /.well-known/jwks_uri", c.serveKeys)
	if err := c.start(mux, port); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Cognito) serve(w http.ResponseWriter, r *http.Request) {
	name, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AWSCognitoIdentityService.")
	c.count(name)
	fault := c.failing()
	if !c.wait(r.Context(), fault.Delay) || fault.writePage(w, r) {
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
		// The model marks all four noAuth; daypass must not sign them.
		c.count("signed")
		return nil, cognitoError("InvalidSignatureException", name+" is not to be signed here.")
	}
	var in cognitoJSON
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&in) != nil {
		return nil, cognitoError("SerializationException", "")
	}
	operation, known := map[string]func(*Cognito, call) (any, *awsError){
		"GetId":                     (*Cognito).getID,
		"GetCredentialsForIdentity": (*Cognito).getCredentials,
		"GetOpenIdToken":            (*Cognito).getOpenIDToken,
		"UnlinkIdentity":            (*Cognito).unlinkIdentity,
	}[name]
	if !known {
		return nil, cognitoError("UnknownOperationException", "")
	}
	if err := in.check(name); err != nil {
		return nil, err
	}
	return operation(c, call{r.Context(), in})
}

// cognitoError is a refusal; all of Cognito's have status 400.
func cognitoError(code, message string) *awsError {
	return &awsError{http.StatusBadRequest, code, message}
}

func notAuthorized(format string, args ...any) *awsError {
	return cognitoError("NotAuthorizedException", fmt.Sprintf(format, args...))
}
