package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/policy"
)

// What trust policies allow.
const (
	webIdentityAction       = "sts:AssumeRoleWithWebIdentity"
	assumeRoleAction        = "sts:AssumeRole"
	tagAction               = "sts:TagSession"
	setSourceIdentityAction = "sts:SetSourceIdentity"
)

// roleRequest is a wish to become a role, by somebody who was authenticated.
type roleRequest struct {
	action string
	sessionRequest
	principal      policy.Principal
	context        policy.Context // what is known of the principal and of the HTTP request
	claims         policy.Context // what of it the session keeps
	tags           sessionTags    // asked for now
	sourceIdentity string         // asked for now, or brought along
	caller         *Session       // nil: no session signed it
}

// sessionRequest is what the form says of the session that is wanted.
type sessionRequest struct {
	roleARN     string
	sessionName string
	duration    time.Duration
	minToken    int               // bytes
	policies    []policy.Document // of the session; nil: none
	policySize  int               // their plain text, in characters
	// explain tells the log which statement decided; nil: nobody reads one.
	explain func(why string)
}

// assume gives out a session of the role if its trust policy allows all that is asked for. The fields
// that only the caller knows, Subject and IdentityID, come in session.
func (s *STS) assume(q roleRequest, session Session) (Session, *awsError) {
	role, known := s.Roles[q.roleARN]
	context := q.trustContext()
	for _, action := range q.actions() {
		if !known || !q.mayDo(action, role, context) {
			return Session{}, q.denied(action)
		}
	}
	if q.duration > role.maxDuration() {
		return Session{}, validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	if q.caller != nil && q.duration > time.Hour {
		return Session{}, validationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if s.SessionLife != 0 {
		q.duration = s.SessionLife
	}
	return s.issue(q, role, session), nil
}

// actions are all that the trust policy must allow.
func (q roleRequest) actions() []string {
	actions := []string{q.action}
	if len(q.tags.values) > 0 {
		actions = append(actions, tagAction)
	}
	if q.sourceIdentity != "" {
		actions = append(actions, setSourceIdentityAction)
	}
	return actions
}

// trustContext is what the trust policy may ask about.
func (q roleRequest) trustContext() policy.Context {
	context := maps.Clone(q.context)
	context.Set("sts:RoleSessionName", q.sessionName)
	if q.sourceIdentity != "" {
		context.Set("sts:SourceIdentity", q.sourceIdentity)
	}
	q.tags.describe(context)
	return context
}

// mayDo asks the trust policy and, for a caller that has permissions, those. In the role's own account
// a trust policy that names the caller is enough; one that names the account leaves it to the
// permissions of the caller, and so does another account's (IAM user guide,
// reference_policies_evaluation-logic). An explicit deny of the caller's always counts.
func (q roleRequest) mayDo(action string, role Role, context policy.Context) bool {
	trust := role.trust()
	decision := trust.Evaluate(policy.Request{Principal: q.principal, Action: action, Context: context})
	if q.tell(decision); !decision.Allowed() || q.caller == nil {
		return decision.Allowed()
	}
	own := q.caller.permits(action, q.roleARN, context)
	q.tell(own)
	if own.Effect != policy.NoMatch || accountOf(role.ARN) != accountOf(q.caller.RoleARN) {
		return own.Allowed()
	}
	if namesDirectly(trust, decision, q.caller.Principal, false) {
		return true // the session itself: not even its session policy limits that
	}
	narrowed := policy.Decide(policy.Request{Action: action, Resource: q.roleARN, Context: context}, q.caller.policies)
	return namesDirectly(trust, decision, q.caller.RoleARN, true) && (len(q.caller.policies) == 0 || narrowed.Allowed())
}

// tell tells the log why it was not allowed.
func (q roleRequest) tell(decision policy.Decision) {
	if q.explain != nil && !decision.Allowed() {
		q.explain(decision.Explain())
	}
}

// namesDirectly reports whether a statement that allows it names the ARN. Everyone counts for the role's
// and not for the session's: a session policy limits what "*" grants (both assumed).
func namesDirectly(trust policy.Document, decision policy.Decision, arn string, everyone bool) bool {
	return slices.ContainsFunc(decision.Reasons, func(r policy.Reason) bool {
		names := trust.Statements[r.Statement].Principal
		return r.Matched && r.Effect == policy.Allow && names != nil && (everyone && names.Everyone || slices.Contains(names.AWS, arn))
	})
}

// denied is worded as AWS does; for tags and source identity of a web identity that is assumed.
func (q roleRequest) denied(action string) *awsError {
	if q.caller == nil {
		return &awsError{http.StatusForbidden, "AccessDenied", "Not authorized to perform " + action}
	}
	return &awsError{http.StatusForbidden, "AccessDenied",
		fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s", q.caller.Principal, action, q.roleARN)}
}

func (s *STS) issue(q roleRequest, role Role, session Session) Session {
	now := s.Now()
	session.Issued, session.Expiration = now, now.Add(q.duration)
	session.RoleARN, session.Principal = role.ARN, assumedARN(role.ARN, q.sessionName)
	session.UserID = roleID(role.ARN) + ":" + q.sessionName
	session.SourceIdentity = q.sourceIdentity
	tags := q.tags
	if q.caller != nil {
		tags = tags.over(q.caller.inherited())
	}
	session.Tags, session.TransitiveTags = tags.values, tags.transitive
	session.permissions, session.policies, session.claims = role.Permissions, q.policies, q.claims
	return s.sessions.issue(session, q.minToken)
}

// requestContext has the condition keys of any request (IAM user guide,
// reference_policies_condition-keys).
func requestContext(r *http.Request, now time.Time) policy.Context {
	context := policy.Context{}
	context.Set("aws:CurrentTime", now.UTC().Format(time.RFC3339))
	context.Set("aws:EpochTime", fmt.Sprint(now.Unix()))
	context.Set("aws:ViaAWSService", "false")
	if r == nil {
		return context // AWS itself asks
	}
	context.Set("aws:SecureTransport", fmt.Sprint(r.TLS != nil))
	if host := r.RemoteAddr[:max(0, strings.LastIndexByte(r.RemoteAddr, ':'))]; host != "" {
		context.Set("aws:SourceIp", strings.Trim(host, "[]"))
	}
	for key, header := range map[string]string{"aws:UserAgent": "User-Agent", "aws:Referer": "Referer"} {
		if value := r.Header.Get(header); value != "" {
			context.Set(key, value)
		}
	}
	return context
}
