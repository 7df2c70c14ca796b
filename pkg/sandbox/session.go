package sandbox

import (
	"crypto/rand"
	"encoding/base32"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/policy"
	"github.com/daypass/daypass/pkg/secret"
)

// Session is one set of issued credentials, and the principal that they were issued to.
type Session struct {
	AccessKeyID     string
	SecretAccessKey secret.String
	SessionToken    secret.String
	Issued          time.Time
	Expiration      time.Time
	RoleARN         string
	Principal       string // the assumed role's ARN
	UserID          string // ROLE-ID:SESSION-NAME, the condition key aws:userid
	Subject         string // the sub of the ID token; empty for a guest and after role chaining
	IdentityID      string // of Cognito; empty if STS was called directly
	SourceIdentity  string
	Tags            map[string]string
	TransitiveTags  []string // keys of the tags that are passed on in role chaining

	permissions []policy.Document // of the role
	policies    []policy.Document // session policies, which restrict the role's; nil if there are none
	claims      policy.Context    // the condition keys of the web identity that are available in the session
}

// groups returns the kinds of policies that must each allow a request of the session.
func (s Session) groups() [][]policy.Document {
	groups := [][]policy.Document{s.permissions}
	if len(s.policies) > 0 {
		groups = append(groups, s.policies)
	}
	return groups
}

// permits evaluates the role's and the session's policies.
func (s Session) permits(action, resource string, context policy.Context) policy.Decision {
	return policy.Decide(policy.Request{Action: action, Resource: resource, Context: context}, s.groups()...)
}

// context adds the condition keys of the principal (IAM user guide, reference_policies_condition-keys, «Properties of
// the principal») to those of the request.
func (s Session) context(request policy.Context) policy.Context {
	all := maps.Clone(s.claims)
	if all == nil {
		all = policy.Context{}
	}
	maps.Copy(all, request)
	all.Set("aws:userid", s.UserID)
	all.Set("aws:PrincipalArn", s.RoleARN)
	all.Set("aws:PrincipalAccount", accountOf(s.RoleARN))
	all.Set("aws:PrincipalType", "AssumedRole")
	all.Set("aws:TokenIssueTime", s.Issued.UTC().Format(time.RFC3339))
	if s.SourceIdentity != "" {
		all.Set("aws:SourceIdentity", s.SourceIdentity)
	}
	for key, value := range s.Tags {
		all.Set("aws:PrincipalTag/"+key, value)
	}
	return all
}

// names returns all ARNs of the session for trust policies.
func (s Session) names() []string {
	return []string{s.Principal, s.RoleARN, "arn:" + partitionOf(s.RoleARN) + ":iam::" + accountOf(s.RoleARN) + ":root"}
}

// inherited returns the tags that are passed on in role chaining.
func (s Session) inherited() sessionTags {
	tags := sessionTags{values: map[string]string{}, transitive: slices.Clone(s.TransitiveTags)}
	for key, value := range s.Tags {
		if slices.ContainsFunc(s.TransitiveTags, func(listed string) bool { return strings.EqualFold(listed, key) }) {
			tags.values[key] = value
		}
	}
	return tags
}

// Sessions are all credentials that STS and Cognito issued; S3 looks them up. The zero value is ready to use.
type Sessions struct {
	mu    sync.Mutex
	byKey map[string]Session
}

// Find returns the session of an access key ID. ok is false if there is none.
func (s *Sessions) Find(accessKeyID string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.byKey[accessKeyID]
	return session, ok
}

// issue creates keys for the session and stores it. The session token has at least minToken bytes (base64: 4 for 3).
func (s *Sessions) issue(session Session, minToken int) Session {
	session.AccessKeyID = "ASIA" + awsID(16)
	session.SecretAccessKey = secret.New(random(30))
	session.SessionToken = secret.New(random(max(240, (minToken*3+3)/4)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = map[string]Session{}
	}
	s.byKey[session.AccessKeyID] = session
	return session
}

// awsID returns n random characters of AWS's identifiers: upper-case letters and digits. n is at most 32.
func awsID(n int) string {
	b := make([]byte, 20)
	rand.Read(b)
	return base32.StdEncoding.EncodeToString(b)[:n]
}
