package sandbox

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/daypass/daypass/pkg/policy"
)

// STS implements AssumeRoleWithWebIdentity, AssumeRole and GetCallerIdentity (AWS Security Token Service API, Query
// protocol). Count counts the actions by name; "signed" counts AssumeRoleWithWebIdentity requests that were signed,
// which they must not be.
type STS struct {
	server
	breakable

	// Roles are the roles by ARN. Change them only before the first request.
	Roles map[string]Role
	// Providers are the IAM OIDC providers, the same in each account: their client IDs by issuer URL. The defaults
	// are the Issuers of the roles. Change them only before the first request.
	Providers map[string][]string
	// Policies are managed policies by ARN, in addition to a few of AWS's own, for use as session policies. Change
	// them only before the first request.
	Policies map[string]policy.Document
	// Inspectors check access tokens of providers without ID tokens, by ProviderId: graph.facebook.com,
	// www.amazon.com. Change them only before the first request.
	Inspectors map[string]Inspector
	// SessionLife overrides the lifetime of credentials if it is not 0. Set it before the first request.
	SessionLife time.Duration

	sessions *Sessions
	verifier tokenVerifier
	pools    *Cognito // the pools whose tokens are trusted; may be nil
	last     url.Values
}

// NewSTS starts an STS on 127.0.0.1 with the given roles. It records issued credentials in sessions. Call Close when
// done.
func NewSTS(sessions *Sessions, roles ...Role) (*STS, error) { return startSTS(0, sessions, roles...) }

func startSTS(port int, sessions *Sessions, roles ...Role) (*STS, error) {
	s := &STS{Roles: map[string]Role{}, Providers: map[string][]string{}, Policies: managedPolicies(),
		Inspectors: map[string]Inspector{}, sessions: sessions}
	for _, role := range roles {
		s.Roles[role.ARN] = role
		if role.Issuer != "" {
			s.Providers[role.Issuer] = append(s.Providers[role.Issuer], role.Audiences...)
		}
	}
	s.verifier = tokenVerifier{now: func() time.Time { return s.Now() }, leeway: clockLeeway}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", s.serve)
	if err := s.start(mux, port); err != nil {
		return nil, err
	}
	return s, nil
}

// Last returns the form of the latest request, without its token.
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
	if !s.wait(r.Context(), fault.Delay) || fault.writePage(w, r) {
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
	if version != "2011-06-15" {
		action = ""
	}
	switch action {
	case "GetCallerIdentity":
		return s.getCallerIdentity(r, body)
	case "AssumeRole":
		return s.assumeRole(r, form, body)
	case "AssumeRoleWithWebIdentity":
		if r.Header.Get("Authorization") != "" {
			// In the API model the action is noAuth; daypass must not sign it, above all not with keys from the
			// environment.
			s.count("signed")
			return nil, &awsError{http.StatusForbidden, "SignatureDoesNotMatch", "AssumeRoleWithWebIdentity is not to be signed here."}
		}
		return s.assumeRoleWithWebIdentity(r, form)
	case "GetSessionToken", "GetFederationToken":
		return nil, &awsError{http.StatusForbidden, "AccessDenied", "Cannot call " + action + " with session credentials"}
	}
	return nil, &awsError{http.StatusBadRequest, "InvalidAction",
		fmt.Sprintf("Could not find operation %s for version %s", form.Get("Action"), version)}
}
