// Package credential answers: what was given, to whom, and in which forms is it handed on?
package credential

import (
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// Credential is one set of short-lived AWS keys with all that AWS said when it issued them.
type Credential struct {
	AccessKeyID     string
	SecretAccessKey secret.String
	SessionToken    secret.String
	// Issued and Expiration bound its life, in UTC.
	Issued     time.Time
	Expiration time.Time

	Principal Principal
	// Subject, Audience, Provider and SourceIdentity are STS's reading of the ID token
	// (AssumeRoleWithWebIdentity); Subject is what ${ISSUER:sub} expands to in policies.
	Subject        string
	Audience       string
	Provider       string
	SourceIdentity string
	// IdentityID is the user in a Cognito identity pool, "" without one.
	IdentityID string
}

// Principal is who AWS says the holder is (AssumedRoleUser in the STS API).
type Principal struct {
	// ARN is arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION; "" where AWS does not tell
	// (Cognito's enhanced flow).
	ARN string
	// UserID is ROLE-ID:SESSION, the policy variable aws:userid.
	UserID string
}

// AccountID returns the account in the ARN, or "".
func (p Principal) AccountID() string { return p.field(4) }

// Partition returns the partition in the ARN ("aws", "aws-cn" …), or "".
func (p Principal) Partition() string { return p.field(1) }

// RoleName returns the role's name in the ARN, or "".
func (p Principal) RoleName() string { return p.resource(1) }

// SessionName returns the session's name in the ARN, or "".
func (p Principal) SessionName() string { return p.resource(2) }

func (p Principal) field(i int) string {
	if fields := strings.SplitN(p.ARN, ":", 6); len(fields) == 6 {
		return fields[i]
	}
	return ""
}

func (p Principal) resource(i int) string {
	if parts := strings.SplitN(p.field(5), "/", 3); len(parts) == 3 {
		return parts[i]
	}
	return ""
}

// IsZero reports whether there is no credential.
func (c Credential) IsZero() bool { return c.AccessKeyID == "" }

// Fresh reports whether so much of its life is left that no SDK will ask for another: more than 16
// minutes, or a third of a short one. botocore asks again at every request below 15 minutes.
func (c Credential) Fresh(now time.Time) bool { return !c.IsZero() && now.Before(c.StaleAt()) }

// StaleAt is when it is no longer fresh.
func (c Credential) StaleAt() time.Time { return c.Expiration.Add(-min(16*time.Minute, c.life()/3)) }

// Expired reports whether too little of its life is left to hand it out: under 60 seconds, or a tenth
// of a short one.
func (c Credential) Expired(now time.Time) bool {
	return c.left(now) < min(time.Minute, c.life()/10)
}

// Lasts reports whether at least that much of its life is left, or half of a life too short for that.
func (c Credential) Lasts(now time.Time, least time.Duration) bool {
	return !c.IsZero() && c.left(now) >= min(least, c.life()/2)
}

func (c Credential) left(now time.Time) time.Duration { return c.Expiration.Sub(now) }
func (c Credential) life() time.Duration              { return c.Expiration.Sub(c.Issued) }
