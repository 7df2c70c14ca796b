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

// The actions that trust policies allow.
const (
	webIdentityAction       = "sts:AssumeRoleWithWebIdentity"
	assumeRoleAction        = "sts:AssumeRole"
	tagAction               = "sts:TagSession"
	setSourceIdentityAction = "sts:SetSourceIdentity"
)

// roleRequest is an authenticated request to assume a role.
type roleRequest struct {
	action string
	sessionRequest
	principal      policy.Principal
	context        policy.Context // of the principal and of the HTTP request
	claims         policy.Context // what of it the session keeps
	tags           sessionTags    // requested
	sourceIdentity string         // requested, or inherited from the calling session
	caller         *Session       // nil when no session signed the request
}

// sessionRequest holds the form's parameters for the new session.
type sessionRequest struct {
	roleARN     string
	sessionName string
	duration    time.Duration
	minToken    int               // bytes
	policies    []policy.Document // the session policies; nil if there are none
	policySize  int               // their size as plain text, in characters
	// explain notes in the log which statement decided. It is nil when nothing is logged.
	explain func(why string)
}

// assume issues a session of the role if its trust policy allows every action that the request needs. The fields that
// only the caller knows, Subject and IdentityID, are set in session.
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

// actions returns the actions that the trust policy must allow.
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

// trustContext returns the condition keys for evaluating the trust policy.
func (q roleRequest) trustContext() policy.Context {
	context := maps.Clone(q.context)
	context.Set("sts:RoleSessionName", q.sessionName)
	if q.sourceIdentity != "" {
		context.Set("sts:SourceIdentity", q.sourceIdentity)
	}
	q.tags.describe(context)
	return context
}

// mayDo evaluates the trust policy and, if the caller is a session, its permissions too. If the role is in the same
// account and its trust policy names the caller, the trust policy alone is enough. If it names only the account, or
// the role is in another account, the caller's permissions must allow the action too (IAM user guide,
// reference_policies_evaluation-logic). An explicit deny in the caller's permissions always applies.
func (q roleRequest) mayDo(action string, role Role, context policy.Context) bool {
	trust := role.trust()
	decision := trust.Evaluate(policy.Request{Principal: q.principal, Action: action, Context: context})
	if q.logDecision(decision); !decision.Allowed() || q.caller == nil {
		return decision.Allowed()
	}
	own := q.caller.permits(action, q.roleARN, context)
	q.logDecision(own)
	if own.Effect != policy.NoMatch || accountOf(role.ARN) != accountOf(q.caller.RoleARN) {
		return own.Allowed()
	}
	if namesDirectly(trust, decision, q.caller.Principal, false) {
		return true // the trust policy names the session: even its session policy does not limit that
	}
	narrowed := policy.Decide(policy.Request{Action: action, Resource: q.roleARN, Context: context}, q.caller.policies)
	return namesDirectly(trust, decision, q.caller.RoleARN, true) && (len(q.caller.policies) == 0 || narrowed.Allowed())
}

// logDecision notes in the log why the request was refused.
func (q roleRequest) logDecision(decision policy.Decision) {
	if q.explain != nil && !decision.Allowed() {
		q.explain(decision.Explain())
	}
}

// namesDirectly reports whether a statement that allows the request names the ARN. "*" counts as naming the role but
// not the session, so a session policy limits what "*" grants (both assumed).
func namesDirectly(trust policy.Document, decision policy.Decision, arn string, everyone bool) bool {
	return slices.ContainsFunc(decision.Reasons, func(r policy.Reason) bool {
		names := trust.Statements[r.Statement].Principal
		return r.Matched && r.Effect == policy.Allow && names != nil && (everyone && names.Everyone || slices.Contains(names.AWS, arn))
	})
}

// denied uses AWS's wording. The wording for tags and the source identity of a web identity is assumed.
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

// requestContext returns the condition keys of any request (IAM user guide, reference_policies_condition-keys).
func requestContext(r *http.Request, now time.Time) policy.Context {
	context := policy.Context{}
	context.Set("aws:CurrentTime", now.UTC().Format(time.RFC3339))
	context.Set("aws:EpochTime", fmt.Sprint(now.Unix()))
	context.Set("aws:ViaAWSService", "false")
	if r == nil {
		return context // AWS itself is the caller
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
