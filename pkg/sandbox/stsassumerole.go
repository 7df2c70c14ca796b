package sandbox

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/daypass/daypass/pkg/policy"
)

var externalIDPattern = regexp.MustCompile(`^[\w+=,.@:/-]*$`)

// assumeRole is role chaining: the request is signed by a session that STS or Cognito issued.
func (s *STS) assumeRole(r *http.Request, form url.Values, body []byte) (any, *awsError) {
	caller, _, err := guard{sessions: s.sessions, service: "sts", now: s.Now}.admit(r, hexHash(body))
	if err != nil {
		return nil, callerError(err)
	}
	q, fault := s.assumeRoleRequestOf(form, caller)
	if fault != nil {
		return nil, fault
	}
	q.context, q.explain = caller.context(requestContext(r, s.Now())), explainer(r.Context())
	if externalID := form.Get("ExternalId"); externalID != "" {
		q.context.Set("sts:ExternalId", externalID)
	}
	session, fault := s.assume(q, Session{})
	if fault != nil {
		return nil, fault
	}
	return assumeRoleAnswer(session, q.policySize), nil
}

func (s *STS) assumeRoleRequestOf(form url.Values, caller Session) (roleRequest, *awsError) {
	var faults constraints
	q := roleRequest{action: assumeRoleAction, caller: &caller, principal: policy.Principal{AWS: caller.names()}}
	q.sessionRequest = sessionRequestOf(form, &faults)
	faults.text(form, "ExternalId", false, 2, 1224, externalIDPattern)
	q.sourceIdentity = faults.text(form, "SourceIdentity", false, 2, 64, sessionNamePattern)
	var fault *awsError
	if q.tags, fault = tagsOfForm(form, &faults); fault != nil {
		return q, fault
	}
	if fault := faults.err(); fault != nil {
		return q, fault
	}
	if q.sourceIdentity, fault = chainedSourceIdentity(q.sourceIdentity, caller); fault != nil {
		return q, fault
	}
	for _, key := range caller.TransitiveTags {
		if q.tags.has(key) {
			return q, invalidParameter("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
	}
	fault = s.readSessionPolicies(&q.sessionRequest, form)
	return q, fault
}

// chainedSourceIdentity returns the caller's source identity, which is passed on and cannot be changed (IAM user
// guide, id_credentials_temp_control-access_monitor; code and text are assumed).
func chainedSourceIdentity(asked string, caller Session) (string, *awsError) {
	switch {
	case caller.SourceIdentity == "" || asked == caller.SourceIdentity:
		if asked != "" && faultOfSourceIdentity(asked) {
			return "", validationError("1 validation error detected: Value at 'sourceIdentity' must not begin with aws:")
		}
		return asked, nil
	case asked == "":
		return caller.SourceIdentity, nil
	}
	return "", &awsError{http.StatusForbidden, "AccessDenied", "The source identity of the calling session cannot be changed."}
}
