package sandbox

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"
)

// The reasons for refusing a signed request. STS and S3 have their own wording for each.
var (
	errUnsigned       = errors.New("no signature")
	errMalformed      = errors.New("the signature is malformed")
	errWrongRegion    = errors.New("signed for another region")
	errUnknownKey     = errors.New("the access key is unknown")
	errWrongToken     = errors.New("the session token belongs to other credentials")
	errSignature      = errors.New("the signature is wrong")
	errSkewed         = errors.New("the clocks differ too much")
	errExpiredSession = errors.New("the session ended")
	errUnsignedHeader = errors.New("a header was not signed")
)

// guard admits requests signed with issued, unexpired credentials.
type guard struct {
	sessions *Sessions
	service  string
	region   string // "" for any
	now      func() time.Time
}

// admit verifies the signature of a request whose body has the given payload hash.
func (g guard) admit(r *http.Request, payloadHash string) (Session, signature, error) {
	sig, err := signatureOf(r, g.service)
	if err != nil {
		return Session{}, sig, err
	}
	if sig.service != g.service || g.region != "" && sig.region != g.region {
		return Session{}, sig, errWrongRegion
	}
	if sig.at, err = time.Parse(sigV4Time, sig.time); err != nil || !strings.HasPrefix(sig.time, sig.day) {
		return Session{}, sig, errMalformed
	}
	if err := sig.faultOfTime(g.now()); err != nil {
		return Session{}, sig, err
	}
	session, known := g.sessions.Find(sig.accessKeyID)
	if !known {
		return Session{}, sig, errUnknownKey
	}
	if subtle.ConstantTimeCompare([]byte(session.SessionToken.Reveal()), []byte(sig.token)) != 1 {
		return Session{}, sig, errWrongToken
	}
	if !sig.coversAll(r.Header) {
		return Session{}, sig, errUnsignedHeader
	}
	sig.key = signingKeyOf(session.SecretAccessKey.Reveal(), sig)
	want := sig.sign(sigV4Algorithm, hexHash([]byte(canonicalRequest(r, sig, payloadHash))))
	if subtle.ConstantTimeCompare([]byte(want), []byte(sig.value)) != 1 {
		return Session{}, sig, errSignature
	}
	if !g.now().Before(session.Expiration) {
		return Session{}, sig, errExpiredSession
	}
	return session, sig, nil
}
