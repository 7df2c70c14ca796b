package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Cognito implements the identity pool operations GetId, GetCredentialsForIdentity (the enhanced flow),
// GetOpenIdToken (the basic flow) and UnlinkIdentity (Amazon Cognito Federated Identities API, JSON 1.1), and
// publishes the keys of its tokens. It checks trust policies after STS.TrustPools has been called. Count counts the
// operations by name; "signed" counts requests that were signed, which these operations must not be.
type Cognito struct {
	server
	breakable

	// Pools are the identity pools by ID. Change them only before the first request.
	Pools map[string]Pool
	// SessionLife is the lifetime of credentials: an hour, as in AWS. Set it before the first request.
	SessionLife time.Duration
	// Inspectors check access tokens of providers without ID tokens, by provider name: graph.facebook.com,
	// www.amazon.com. Change them only before the first request.
	Inspectors map[string]Inspector

	// assume is STS's AssumeRoleWithWebIdentity for the tokens of the enhanced flow. It issues the session. Until
	// STS.TrustPools sets it, every role trusts every pool.
	assume func(assumption) (Session, error)

	sessions   *Sessions
	verifier   tokenVerifier
	identities identityStore
	keys       keySet
}

// Inspector returns the app that an access token was issued to, and its user. ok is false for an invalid token.
type Inspector func(accessToken string) (appID, userID string, ok bool)

// NewCognito starts a Cognito on 127.0.0.1 with the given pools. It records issued credentials in sessions. Call
// Close when done.
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
		// In the API model all four are noAuth; daypass must not sign them.
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

// cognitoError returns an error response; all of Cognito's have status 400.
func cognitoError(code, message string) *awsError {
	return &awsError{http.StatusBadRequest, code, message}
}

func notAuthorized(format string, args ...any) *awsError {
	return cognitoError("NotAuthorizedException", fmt.Sprintf(format, args...))
}
