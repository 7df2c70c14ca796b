package sandbox

import (
	"crypto/rand"
	"encoding/base32"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// Session is one set of credentials that was given out, and to whom.
type Session struct {
	AccessKeyID     string
	SecretAccessKey secret.String
	SessionToken    secret.String
	Expiration      time.Time
	RoleARN         string
	Principal       string // the assumed role's ARN
	UserID          string // ROLE-ID:SESSION-NAME, which policies know as aws:userid
	Subject         string // the sub of the ID token; empty for a guest
	IdentityID      string // of Cognito; empty when STS was called directly
}

// Sessions are all the credentials that STS and Cognito gave out; S3 looks them up. The zero value
// is empty and ready.
type Sessions struct {
	mu    sync.Mutex
	byKey map[string]Session
}

// Find returns the session of an access key ID.
func (s *Sessions) Find(accessKeyID string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.byKey[accessKeyID]
	return session, ok
}

// issue fills in new keys and remembers the session. The session token has at least minToken bytes (base64: 4 for 3).
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

// awsID is n random characters of AWS's identifiers: upper-case letters and digits. n is at most 32.
func awsID(n int) string {
	b := make([]byte, 20)
	rand.Read(b)
	return base32.StdEncoding.EncodeToString(b)[:n]
}
