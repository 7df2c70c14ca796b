// Package credential has the type of a short-lived AWS credential, and prints it in the forms that SDKs and shells read.
package credential

import (
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// Credential is one set of short-lived AWS keys, with everything that AWS returned with them.
type Credential struct {
	AccessKeyID     string
	SecretAccessKey secret.String
	SessionToken    secret.String
	// Issued and Expiration are in UTC.
	Issued     time.Time
	Expiration time.Time

	Principal Principal
	// Subject, Audience, Provider and SourceIdentity are what STS read in the ID token (AssumeRoleWithWebIdentity).
	// Policies expand ${ISSUER:sub} to Subject.
	Subject        string
	Audience       string
	Provider       string
	SourceIdentity string
	// IdentityID is the user in a Cognito identity pool, "" without one.
	IdentityID string
}

// Principal is the holder of a credential according to AWS (AssumedRoleUser in the STS API).
type Principal struct {
	// ARN is arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION; "" if AWS does not return it (Cognito's enhanced flow).
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

// Fresh reports whether c is valid for more than 16 minutes, or a third of its lifetime if that is shorter. With less than
// 15 minutes left, botocore asks for another credential before every request.
func (c Credential) Fresh(now time.Time) bool { return !c.IsZero() && now.Before(c.StaleAt()) }

// StaleAt returns the time at which c is no longer fresh.
func (c Credential) StaleAt() time.Time {
	return c.Expiration.Add(-min(16*time.Minute, c.lifetime()/3))
}

// Expired reports whether c is valid for less than 60 seconds, or a tenth of its lifetime if that is shorter.
func (c Credential) Expired(now time.Time) bool {
	return c.left(now) < min(time.Minute, c.lifetime()/10)
}

// Lasts reports whether c is valid for at least that long, or half of its lifetime if that is shorter.
func (c Credential) Lasts(now time.Time, least time.Duration) bool {
	return !c.IsZero() && c.left(now) >= min(least, c.lifetime()/2)
}

func (c Credential) left(now time.Time) time.Duration { return c.Expiration.Sub(now) }
func (c Credential) lifetime() time.Duration          { return c.Expiration.Sub(c.Issued) }
