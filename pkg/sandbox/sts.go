package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// STS answers AssumeRoleWithWebIdentity and GetCallerIdentity over the Query protocol. Session policies
// are checked for their form and do not narrow the session yet. It counts the actions by name, and
// requests that were signed though they must not be as "signed".
type STS struct {
	server
	breakable

	// Roles by ARN. Change before the first request.
	Roles map[string]Role
	// SessionLife overrides how long credentials live when it is not 0. Set before the first request.
	SessionLife time.Duration

	sessions *Sessions
	verifier tokenVerifier
	last     url.Values
}

// NewSTS starts an STS that knows the roles and records what it gives out in sessions. Close ends it.
func NewSTS(sessions *Sessions, roles ...Role) (*STS, error) {
	s := &STS{Roles: map[string]Role{}, sessions: sessions}
	for _, role := range roles {
		s.Roles[role.ARN] = role
	}
	s.verifier = tokenVerifier{now: func() time.Time { return s.Now() }, leeway: clockLeeway}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", s.serve)
	if err := s.start(mux); err != nil {
		return nil, err
	}
	return s, nil
}

// Last is the form of the newest request, without its token.
func (s *STS) Last() url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.last)
}

func (s *STS) remember(form url.Values) {
	kept := maps.Clone(form)
	kept.Del("WebIdentityToken")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = kept
	s.counts[form.Get("Action")]++
}

func (s *STS) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	form, formErr := url.ParseQuery(string(body))
	if err != nil || formErr != nil {
		refuseSTS(w, &awsError{http.StatusBadRequest, "MalformedInput", "The form cannot be read."})
		return
	}
	s.remember(form)
	fault := s.failing()
	if !s.wait(r.Context(), fault.Delay) {
		return
	}
	if err := fault.awsError(); err != nil {
		refuseSTS(w, err)
		return
	}
	answer, refusal := s.act(r, form, body)
	if refusal != nil {
		refuseSTS(w, refusal)
		return
	}
	writeXML(w, http.StatusOK, answer)
}

func (s *STS) act(r *http.Request, form url.Values, body []byte) (any, *awsError) {
	action, version := form.Get("Action"), form.Get("Version")
	switch {
	case version == "2011-06-15" && action == "GetCallerIdentity":
		return s.getCallerIdentity(r, body)
	case version != "2011-06-15", action != "AssumeRoleWithWebIdentity":
		return nil, &awsError{http.StatusBadRequest, "InvalidAction",
			fmt.Sprintf("Could not find operation %s for version %s", action, version)}
	case r.Header.Get("Authorization") != "":
		// The model marks the action noAuth; daypass must not sign it, least of all with ambient keys.
		s.count("signed")
		return nil, &awsError{http.StatusForbidden, "SignatureDoesNotMatch", "AssumeRoleWithWebIdentity is not to be signed here."}
	}
	return s.assumeRoleWithWebIdentity(r.Context(), form)
}

func (s *STS) assumeRoleWithWebIdentity(ctx context.Context, form url.Values) (any, *awsError) {
	in, fault := webIdentityRequestOf(form)
	if fault != nil {
		return nil, fault
	}
	identity, fault := s.verify(ctx, in)
	if fault != nil {
		return nil, fault
	}
	role, known := s.Roles[in.roleARN]
	if !known || !role.trusts(identity) {
		return nil, &awsError{http.StatusForbidden, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
	}
	if in.duration > role.maxDuration() {
		return nil, validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	if s.SessionLife != 0 {
		in.duration = s.SessionLife
	}
	return webIdentityAnswer(s.issue(in, identity), identity, in.policy), nil
}

func (s *STS) issue(in webIdentityRequest, identity webIdentity) Session {
	return s.sessions.issue(Session{
		Expiration: s.Now().Add(in.duration),
		RoleARN:    in.roleARN,
		Principal:  assumedARN(in.roleARN, in.sessionName),
		UserID:     roleID(in.roleARN) + ":" + in.sessionName,
		Subject:    identity.Subject,
	}, in.minToken)
}

// roleID is the role's unique ID, AROA and 17 more, the same for the same ARN.
func roleID(roleARN string) string {
	sum := sha256.Sum256([]byte(roleARN))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// verify checks the token against the OIDC providers of the account: the issuers of all roles, each
// with the audiences of its roles as the provider's client IDs.
func (s *STS) verify(ctx context.Context, in webIdentityRequest) (webIdentity, *awsError) {
	if in.providerID != "" {
		// Only access tokens of Facebook and Login with Amazon come with one (assumed: the text).
		return webIdentity{}, invalidToken("ProviderId is not supported for OpenID Connect tokens.")
	}
	audiences := map[string]map[string]bool{}
	for _, role := range s.Roles {
		if audiences[role.Issuer] == nil {
			audiences[role.Issuer] = map[string]bool{}
		}
		for _, audience := range role.Audiences {
			audiences[role.Issuer][audience] = true
		}
	}
	identity, err := s.verifier.verify(ctx, in.token, func(issuer string) bool { return audiences[issuer] != nil })
	if err != nil {
		return identity, stsTokenError(err, identity, s.Now())
	}
	if !audiences[identity.Issuer][identity.Audience] {
		return identity, invalidToken("Incorrect token audience")
	}
	return identity, nil
}

// stsTokenError words a refused token as STS does.
func stsTokenError(err error, identity webIdentity, now time.Time) *awsError {
	var missing missingClaimError
	switch {
	case errors.Is(err, errUnreachable):
		return &awsError{http.StatusBadRequest, "IDPCommunicationError", "Couldn't communicate with your identity provider."}
	case errors.Is(err, errExpired):
		return &awsError{http.StatusBadRequest, "ExpiredTokenException", fmt.Sprintf(
			"Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), identity.Expiry.Unix())}
	case errors.Is(err, errNoProvider):
		return invalidToken("No OpenIDConnect provider found in your account for " + identity.Issuer)
	case errors.Is(err, errNoKey):
		return invalidToken("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	case errors.Is(err, errAudiences):
		return invalidToken("Token audience contains more than one audience while authorized party is not present")
	case errors.Is(err, errNotYet):
		return invalidToken("The token is not valid yet.")
	case errors.As(err, &missing):
		return invalidToken("Missing a required claim: " + string(missing))
	}
	return invalidToken("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
}

func invalidToken(message string) *awsError {
	return &awsError{http.StatusBadRequest, "InvalidIdentityToken", message}
}
